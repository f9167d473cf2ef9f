import type { LatchStore } from "./latch-store.ts";
import { ownGateway, ownStatus } from "./own-etcd.ts";
import type { Stop } from "./pause.ts";
import type { Etcd, Ports } from "./ports.ts";
import { Trouble } from "./trouble.ts";

const LOOK_AGAIN_AFTER_MS = 100;
const ETCD_ENDS_WITHIN_MS = 5_000;

/** etcd ended before it was alone; it is tried again. */
class EndedEarly extends Trouble {}

/**
 * Drops all other members from this member's list (etcd's --force-new-cluster; the cluster ID and the data stay). etcd
 * hears nobody but this program meanwhile, and the latch is told before it hears anybody: cut off anywhere, it is done
 * again, and nobody can have joined who would be dropped by that; once the latch is told, it is never done again.
 *
 * @throws EndedEarly, or what the API server answers
 */
export async function goOnAlone(ports: Ports, store: LatchStore, memberId: string, stop: Stop): Promise<void> {
  ports.log(`Recovering: member ${memberId} goes on alone, by a person's word that the majority is lost`);
  const etcd = ports.startEtcd("alone");
  try {
    while (!(await isAlone(ports, memberId))) {
      if (!etcd.isRunning) throw new EndedEarly("etcd ended before it had dropped the other members");
      if (stop.asked) return;
      await ports.clock.pause(LOOK_AGAIN_AFTER_MS, stop);
    }
  } finally {
    await end(etcd);
  }
  await store.endRecovery(memberId);
  ports.log(`Recovered: member ${memberId} is a cluster of one; the others join it`);
}

async function end(etcd: Etcd): Promise<void> {
  if (etcd.isRunning) await etcd.stop(ETCD_ENDS_WITHIN_MS);
}

/** By its own word as the leader: a linearizable list, which etcd answers only once it has applied the change. */
async function isAlone(ports: Ports, memberId: string): Promise<boolean> {
  const status = await ownStatus(ports);
  if (status?.leaderId !== memberId) return false;
  try {
    const { members } = await ownGateway(ports).members();
    return members.length === 1 && members[0]?.id === memberId;
  } catch (error) {
    if (error instanceof Trouble) return false;
    throw error;
  }
}
