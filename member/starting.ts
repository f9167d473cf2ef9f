import { randomBytes } from "node:crypto";
import { peerUrl } from "./address.ts";
import { sweepDiscarded, wipe } from "./data-dir.ts";
import { decideStart, type LostLatch, type StartAction } from "./decision.ts";
import type { FirstStartFlags } from "./etcd-process.ts";
import { claimFounding, found } from "./founding.ts";
import { Refused, type Member } from "./gateway.ts";
import { NoAnswer } from "./http.ts";
import { joinAsLearner, resumeJoin } from "./joining.ts";
import { Denied, type Kubernetes } from "./kubernetes.ts";
import type { LatchStore } from "./latch-store.ts";
import { log, SaidOnce } from "./log.ts";
import { observe } from "./observation.ts";
import { pause, type Stop } from "./pause.ts";
import { throughAPeer } from "./peers.ts";
import type { Settings } from "./settings.ts";

const LOOK_AGAIN_AFTER_MS = 250;

/** The volume belongs to another cluster: to start would mix two histories. */
export class RefusedStart extends Error {}

/** etcd may be started: with these flags, or (undefined) with the data it has. */
export interface Ready {
  readonly first: FirstStartFlags | undefined;
}

/**
 * Looks, decides and takes steps until etcd may be started. Every step may be cut off at any point: the next look sees
 * what was done and goes on from there.
 *
 * @returns undefined where the pod was told to stop before that
 * @throws RefusedStart
 */
export async function prepareStart(
  settings: Settings,
  kubernetes: Kubernetes,
  store: LatchStore,
  stop: Stop,
): Promise<Ready | undefined> {
  const said = new SaidOnce();
  sweepDiscarded(settings.dataDir);
  while (!stop.asked) {
    const action = decideStart(await observe(settings, kubernetes, store));
    try {
      const ready = await take(action, settings, store, stop);
      if (ready !== undefined) return ready;
    } catch (error) {
      if (!(error instanceof NoAnswer || error instanceof Refused || error instanceof Denied)) throw error;
      said.say(`Waiting: ${error.message}`);
      await pause(LOOK_AGAIN_AFTER_MS, stop);
    }
    if (action.kind === "wait") {
      said.say(`Waiting: ${action.why}`);
      await pause(LOOK_AGAIN_AFTER_MS, stop);
    }
  }
  return undefined;
}

/** Takes the one step that was decided; undefined where everything is to be looked at anew after it. */
async function take(
  action: StartAction,
  settings: Settings,
  store: LatchStore,
  stop: Stop,
): Promise<Ready | undefined> {
  switch (action.kind) {
    case "create-latch":
      await store.create(action.replicas, randomBytes(8).toString("hex"));
      return undefined;
    case "claim":
      if (!(await claimFounding(settings, store))) return undefined;
      return firstStart(await found(settings, action.latch, stop));
    case "found":
      return firstStart(await found(settings, action.latch, stop));
    case "rejoin":
      return await rejoin(settings, store, action.self, action.lostLatch);
    case "join":
      return { first: await joinAsLearner(settings, action.leftover, action.members) };
    case "resume-join":
      return { first: resumeJoin(settings, action.self, action.members) };
    case "wipe":
      log(`Wiping the data dir: ${action.why}`);
      wipe(settings.dataDir);
      return undefined;
    case "refuse":
      throw new RefusedStart(action.why);
    case "wait":
      return undefined;
  }
}

function firstStart(flags: FirstStartFlags | undefined): Ready | undefined {
  return flags === undefined ? undefined : { first: flags };
}

async function rejoin(
  settings: Settings,
  store: LatchStore,
  self: Member | undefined,
  lostLatch: LostLatch | undefined,
): Promise<Ready> {
  log(`Re-joining etcd member${self === undefined ? "" : ` ${self.id}`}`);
  if (lostLatch !== undefined) await store.rewrite(lostLatch);
  const mine = peerUrl(settings, settings.ordinal);
  // etcd before 3.6.12 turns a learner into a voter when its URLs are updated (etcd pull request 21736).
  if (self !== undefined && !self.isLearner && !self.peerUrls.includes(mine)) {
    await throughAPeer(settings, (gateway) => gateway.updatePeerUrl(self.id, mine));
    log(`Updated member with ID ${self.id} in cluster: its peer URL is now ${mine}`);
  }
  return { first: undefined };
}
