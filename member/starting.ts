import { memberHost, peerUrl } from "./address.ts";
import type { decideStart, StartAction } from "./decision.ts";
import type { FirstStartFlags } from "./etcd-process.ts";
import { claimFounding, found, waitForName } from "./founding.ts";
import { joinAsLearner, resumeJoin } from "./joining.ts";
import type { LatchStore } from "./latch-store.ts";
import { goOnAlone } from "./going-on-alone.ts";
import { SaidOnce } from "./log.ts";
import { observe } from "./observation.ts";
import type { Stop } from "./pause.ts";
import { throughAPeer } from "./peers.ts";
import type { Ports } from "./ports.ts";
import { Trouble } from "./trouble.ts";

/** The pause between two looks while nothing can be done: short at first, as what is missing mostly comes within seconds. */
const LOOK_AGAIN_AFTER_MS = 250;
const LOOK_AGAIN_AFTER_AT_MOST_MS = 2_000;
const PAUSE_GROWS_BY = 1.2;
/** A pod that is deleted is told to stop within moments. */
const ASKED_FOR_POD_MS = 5_000;

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
  ports: Ports,
  store: LatchStore,
  stop: Stop,
  decide: typeof decideStart,
): Promise<Ready | undefined> {
  const said = new SaidOnce(ports);
  ports.volume.sweepDiscarded();
  let pauseMs = LOOK_AGAIN_AFTER_MS;
  let latchReadAt = ports.clock.now();
  while (!stop.asked) {
    let why: string | undefined;
    try {
      const seen = await observe(ports);
      if (seen.latch.kind !== "silent") latchReadAt = ports.clock.now();
      const action = decide({ ...seen, latchSilentMs: ports.clock.now() - latchReadAt });
      const ready = await take(action, ports, store, stop);
      if (ready !== undefined) return ready;
      why = action.kind === "wait" ? action.why : undefined;
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      why = error.message;
    }
    if (why === undefined) {
      pauseMs = LOOK_AGAIN_AFTER_MS;
      continue;
    }
    said.say(`Waiting: ${why}`);
    await ports.clock.pause(pauseMs, stop);
    pauseMs = Math.min(LOOK_AGAIN_AFTER_AT_MOST_MS, pauseMs * PAUSE_GROWS_BY);
  }
  return undefined;
}

/** Takes the one step that was decided; undefined where everything is to be looked at anew after it. */
async function take(action: StartAction, ports: Ports, store: LatchStore, stop: Stop): Promise<Ready | undefined> {
  switch (action.kind) {
    case "create-latch":
      await store.create(action.replicas, ports.randomWord());
      await ports.reached("latch-made");
      return undefined;
    case "claim":
      if (!(await claimFounding(ports, store))) return undefined;
      return firstStart(await found(ports, action.latch, action.isFormed, stop));
    case "found":
      return firstStart(await found(ports, action.latch, action.isFormed, stop));
    case "rejoin":
      return await rejoin(ports, store, action);
    case "join":
      // etcd looks its own name up, and where it is not there yet, again only after a second.
      if (!(await waitForName(ports, memberHost(ports.settings, ports.settings.ordinal), stop)) || stop.asked)
        return undefined;
      return firstStart(await joinAsLearner(ports, action.leftover, action.members, stop));
    case "resume-join":
      return { first: resumeJoin(ports, action.self, action.members) };
    case "go-on-alone":
      await goOnAlone(ports, store, action.memberId, stop);
      return undefined;
    case "void-recovery":
      ports.log(`A recovery names member ${action.memberId}, but a quorum answers: it is not carried out`);
      await store.endRecovery(action.memberId);
      return undefined;
    case "wipe":
      ports.log(`Wiping the data dir: ${action.why}`);
      ports.volume.wipe();
      return undefined;
    case "renew-volume":
      ports.log(`Asking for another pod: ${action.why}`);
      await ports.kubernetes.deletePod(ports.settings.memberName);
      await ports.clock.pause(ASKED_FOR_POD_MS, stop);
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
  ports: Ports,
  store: LatchStore,
  { memberId, self, lostLatch }: Extract<StartAction, { kind: "rejoin" }>,
): Promise<Ready> {
  ports.log(`Re-joining etcd member ${memberId}`);
  if (lostLatch !== undefined) await store.rewrite(lostLatch);
  const mine = peerUrl(ports.settings, ports.settings.ordinal);
  // etcd before 3.6.12 turns a learner into a voter when its URLs are updated (etcd pull request 21736).
  if (self !== undefined && !self.isLearner && !self.peerUrls.includes(mine)) {
    await throughAPeer(ports, (gateway) => gateway.updatePeerUrl(self.id, mine));
    ports.log(`Updated member with ID ${self.id} in cluster: its peer URL is now ${mine}`);
  }
  return { first: undefined };
}
