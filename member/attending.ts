import { forgetFirstStart, lookAt } from "./data-dir.ts";
import type { EtcdProcess } from "./etcd-process.ts";
import { Refused } from "./gateway.ts";
import { NoAnswer } from "./http.ts";
import { Denied } from "./kubernetes.ts";
import type { LatchStore } from "./latch-store.ts";
import { log } from "./log.ts";
import { ownStatus } from "./own-etcd.ts";
import { pause, type Stop } from "./pause.ts";
import { throughAPeer } from "./peers.ts";
import type { Settings } from "./settings.ts";

const LOOK_AGAIN_AFTER_MS = 100;
const LATCH_AGAIN_AFTER_MS = 2_000;

/**
 * Sees a start through to its end while etcd runs: the note of the first start is forgotten, a learner is promoted, the
 * latch gets the cluster's ID.
 */
export async function attendStart(settings: Settings, store: LatchStore, etcd: EtcdProcess, stop: Stop): Promise<void> {
  const going = (): boolean => etcd.isRunning && !stop.asked;
  while (going() && lookAt(settings.dataDir).kind !== "wal") await pause(LOOK_AGAIN_AFTER_MS, stop);
  if (!going()) return;
  forgetFirstStart(settings.dataDir);
  let status = await ownStatus(settings);
  while (going() && (status === undefined || status.leaderId === "0" || status.isLearner)) {
    if (status?.isLearner === true) await tryPromotion(settings, status.memberId);
    await pause(LOOK_AGAIN_AFTER_MS, stop);
    status = await ownStatus(settings);
  }
  if (status !== undefined && going()) await keepClusterId(store, status.clusterId, going, stop);
}

/** etcd refuses until the learner has caught up with the leader; it is asked again until it agrees. */
async function tryPromotion(settings: Settings, memberId: string): Promise<void> {
  try {
    await throughAPeer(settings, (gateway) => gateway.promote(memberId));
    log(`Promoted: member ${memberId} is a voter now`);
  } catch (error) {
    if (!(error instanceof NoAnswer || error instanceof Refused)) throw error;
  }
}

async function keepClusterId(store: LatchStore, clusterId: string, going: () => boolean, stop: Stop): Promise<void> {
  while (going()) {
    const word = await store.read();
    if (word.kind === "latched" && word.latch.clusterId !== "") return;
    try {
      if (word.kind === "latched") await store.setClusterId(clusterId);
    } catch (error) {
      if (!(error instanceof NoAnswer || error instanceof Denied)) throw error;
    }
    await pause(LATCH_AGAIN_AFTER_MS, stop);
  }
}
