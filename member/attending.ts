import type { LatchStore } from "./latch-store.ts";
import { ownStatus } from "./own-etcd.ts";
import type { Stop } from "./pause.ts";
import { throughAPeer } from "./peers.ts";
import type { Ports } from "./ports.ts";
import { Trouble } from "./trouble.ts";

const LOOK_AGAIN_AFTER_MS = 100;
const LATCH_AGAIN_AFTER_MS = 2_000;

/**
 * Sees a start through to its end while etcd runs: the note of the first start is forgotten, a learner is promoted, the
 * latch gets the cluster's ID.
 *
 * @param over asked when etcd has ended or is to end
 */
export async function attendStart(ports: Ports, store: LatchStore, over: Stop): Promise<void> {
  const { clock, volume } = ports;
  const going = (): boolean => !over.asked;
  while (going() && volume.lookAt().kind !== "wal") await clock.pause(LOOK_AGAIN_AFTER_MS, over);
  if (!going()) return;
  await ports.reached("wal-there");
  volume.forgetFirstStart();
  await ports.reached("note-forgotten");
  let status = await ownStatus(ports);
  while (going() && (status === undefined || status.leaderId === "0" || status.isLearner)) {
    if (status?.isLearner === true) await tryPromotion(ports, status.memberId);
    await clock.pause(LOOK_AGAIN_AFTER_MS, over);
    status = await ownStatus(ports);
  }
  if (status !== undefined && going()) await keepClusterId(ports, store, status.clusterId, over);
}

/** etcd refuses until the learner has caught up with the leader; it is asked again until it agrees. */
async function tryPromotion(ports: Ports, memberId: string): Promise<void> {
  try {
    await throughAPeer(ports, (gateway) => gateway.promote(memberId));
    ports.log(`Promoted: member ${memberId} is a voter now`);
    await ports.reached("promoted");
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
  }
}

async function keepClusterId(ports: Ports, store: LatchStore, clusterId: string, over: Stop): Promise<void> {
  while (!over.asked) {
    const word = await store.read();
    if (word.kind === "latched" && word.latch.clusterId !== "") return;
    try {
      if (word.kind === "latched") {
        await store.setClusterId(clusterId);
        await ports.reached("cluster-id-kept");
      }
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
    }
    await ports.clock.pause(LATCH_AGAIN_AFTER_MS, over);
  }
}
