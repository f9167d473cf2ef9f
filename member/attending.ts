import type { Status } from "./gateway.ts";
import type { LatchStore } from "./latch-store.ts";
import { isOwnClaimGoing } from "./observation.ts";
import { ownGateway, ownStatus } from "./own-etcd.ts";
import type { Stop } from "./pause.ts";
import { throughAPeer } from "./peers.ts";
import type { Etcd, Ports } from "./ports.ts";
import { Trouble } from "./trouble.ts";

const LOOK_AGAIN_AFTER_MS = 100;
/** Short, because until etcd serves every look takes as long as this. */
const ANSWERS_WITHIN_MS = 250;
/** A pod that is deleted is told to stop within moments. */
const ASKED_FOR_POD_MS = 5_000;
const LATCH_AGAIN_AFTER_MS = 2_000;

/**
 * Sees a start through to its end while etcd runs: the note of the first start is forgotten, a learner is promoted, the
 * latch gets the cluster's ID, and loses a recovery that was not needed.
 *
 * @param joins whether this is a first start in a living cluster
 * @param over asked when etcd has ended or is to end
 */
export async function attendStart(
  ports: Ports,
  store: LatchStore,
  etcd: Etcd,
  joins: boolean,
  over: Stop,
): Promise<void> {
  const { clock, volume } = ports;
  const going = (): boolean => !over.asked;
  while (going() && volume.lookAt().kind !== "wal") await clock.pause(LOOK_AGAIN_AFTER_MS, over);
  if (!going()) return;
  await ports.reached("wal-there");
  volume.forgetFirstStart();
  await ports.reached("note-forgotten");
  let status = await ownStatus(ports, ANSWERS_WITHIN_MS);
  while (going() && (status === undefined || status.leaderId === "0" || status.isLearner)) {
    if (status?.isLearner === true) await finishJoin(ports, status.memberId, over);
    if (joins && status === undefined && (await etcd.waitsInVain())) {
      ports.log(
        "Starting etcd again: what it told the leader was lost as its snapshot came, and it waits for an answer",
      );
      await etcd.stop(0);
      return;
    }
    await clock.pause(LOOK_AGAIN_AFTER_MS, over);
    status = await ownStatus(ports, ANSWERS_WITHIN_MS);
  }
  if (status !== undefined && going()) await keepLatch(ports, store, status, over);
}

/** No vote is given to a volume that goes with its pod: another pod is asked for instead, which joins anew. */
async function finishJoin(ports: Ports, memberId: string, over: Stop): Promise<void> {
  if (!(await isOwnClaimGoing(ports))) {
    await tryPromotion(ports, memberId);
    return;
  }
  ports.log("Asking for another pod: the claim was deleted, and the volume goes with this pod");
  try {
    await ports.kubernetes.deletePod(ports.settings.memberName);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
  }
  await ports.clock.pause(ASKED_FOR_POD_MS, over);
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

/**
 * What the latch has to say once there is a leader: which cluster it stands for, and of no recovery that names this member.
 * One that was named and started all the same, because it could not read that, must not do it at a later start.
 */
async function keepLatch(ports: Ports, store: LatchStore, own: Status, over: Stop): Promise<void> {
  while (!over.asked) {
    try {
      const word = await store.read();
      if (word.kind === "latched") {
        const { clusterId, recovery } = word.latch;
        if (recovery === own.memberId) await voidRecovery(ports, store, own.memberId);
        else if (clusterId !== "") return;
        else {
          await store.setClusterId(own.clusterId);
          await ports.reached("cluster-id-kept");
        }
      }
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
    }
    await ports.clock.pause(LATCH_AGAIN_AFTER_MS, over);
  }
}

/** Only after a quorum has answered since the latch was read: then this member was not alone when it was named. */
async function voidRecovery(ports: Ports, store: LatchStore, memberId: string): Promise<void> {
  await ownGateway(ports).members();
  await store.endRecovery(memberId);
  ports.log(`A recovery names member ${memberId}, but a quorum answers: it is taken back`);
}
