import { clientUrl } from "./address.ts";
import type { PeersWord } from "./decision.ts";
import { Refused, type Gateway } from "./gateway.ts";
import { NoAnswer } from "./http.ts";
import type { Ports } from "./ports.ts";
import { HIGHEST_ORDINAL, type Settings } from "./settings.ts";
import { Trouble } from "./trouble.ts";

/** A peer that is alive answers within a round trip; one that is paused must not hold up a restart. */
const PEER_ANSWERS_WITHIN_MS = 500;
/**
 * How long a membership change is waited for before the next peer is asked, and at the last etcd's own 7 s
 * (server/config/config.go ReqTimeout). While another change is under way, raft drops a new one and etcd says nothing
 * until its time is up (raft.go, "ignoring conf change"): two members that leave side by side would wait 7 s. Asking
 * again is harmless: a change that was made after all is refused the second time.
 */
const CHANGE_WITHIN_MS = [500, 2_000, 7_500] as const;
/** What a change takes at the most where nothing is slow: those who come together give way to each other for so long. */
export const ONE_CHANGE_MS = 100;
/** gRPC's Unavailable: no leader, a learner that answers no such call, an unhealthy cluster. Another peer may know better. */
const UNAVAILABLE = 14;

/** Every ordinal up to `highest` but this member's own. Which of them exist is found out by asking. */
function otherOrdinals(settings: Settings, highest: number): number[] {
  return Array.from({ length: highest + 1 }, (_, ordinal) => ordinal).filter((ordinal) => ordinal !== settings.ordinal);
}

/** The member list by a quorum's word, from the first peer that has it. */
export async function askPeers(ports: Ports, highest: number): Promise<PeersWord> {
  const { settings } = ports;
  const asked = otherOrdinals(settings, highest).map((ordinal) =>
    ports.gateway(clientUrl(settings, ordinal), PEER_ANSWERS_WITHIN_MS).members(),
  );
  try {
    return { kind: "quorum", ...(await Promise.any(asked)) };
  } catch (error) {
    if (error instanceof AggregateError && error.errors.every((one) => one instanceof Trouble))
      return { kind: "silent" };
    throw error;
  }
}

/**
 * One membership change through the first other member that takes it; etcd hands it on to the leader.
 *
 * @throws Trouble, the last one heard: no other member answers, or etcd won't. A change that got no answer may have been made all the same.
 */
export async function throughAPeer<T>(ports: Ports, ask: (gateway: Gateway) => Promise<T>): Promise<T> {
  const { settings, clock } = ports;
  let last: Trouble = new NoAnswer("no other member answers");
  let waitedInVain = 0;
  for (const ordinal of otherOrdinals(settings, HIGHEST_ORDINAL)) {
    const [withinMs, asked] = [changeWithinMs(waitedInVain), clock.now()];
    try {
      return await ask(ports.gateway(clientUrl(settings, ordinal), withinMs));
    } catch (error) {
      if (!(error instanceof Trouble) || (error instanceof Refused && error.code !== UNAVAILABLE)) throw error;
      // What etcd says tells a person more than that somebody else said nothing.
      if (error instanceof Refused || !(last instanceof Refused)) last = error;
      if (clock.now() - asked >= withinMs) waitedInVain++;
    }
  }
  throw last;
}

/** The deadline of a change, in milliseconds, after so many were waited for in vain. */
function changeWithinMs(waitedInVain: number): number {
  return CHANGE_WITHIN_MS[Math.min(waitedInVain, CHANGE_WITHIN_MS.length - 1)] ?? 7_500;
}
