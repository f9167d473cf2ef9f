import { clientUrl } from "./address.ts";
import type { PeersWord } from "./decision.ts";
import { Gateway, Refused } from "./gateway.ts";
import { NoAnswer } from "./http.ts";
import { UnexpectedAnswer } from "./json.ts";
import { HIGHEST_ORDINAL, type Settings } from "./settings.ts";

/** A peer that is alive answers within a round trip; one that is paused must not hold up a restart. */
const PEER_ANSWERS_WITHIN_MS = 500;
/** etcd itself gives a membership change up to 7 s (server/config/config.go ReqTimeout). */
const CHANGE_WITHIN_MS = 7_500;
/** gRPC's Unavailable: no leader, a learner that answers no such call, an unhealthy cluster. Another peer may know better. */
const UNAVAILABLE = 14;

/** Every ordinal up to `highest` but this member's own. Which of them exist is found out by asking. */
function otherOrdinals(settings: Settings, highest: number): number[] {
  return Array.from({ length: highest + 1 }, (_, ordinal) => ordinal).filter((ordinal) => ordinal !== settings.ordinal);
}

/** The member list by a quorum's word, from the first peer that has it. */
export async function askPeers(settings: Settings, highest: number): Promise<PeersWord> {
  const asked = otherOrdinals(settings, highest).map((ordinal) =>
    new Gateway(clientUrl(settings, ordinal), PEER_ANSWERS_WITHIN_MS).members(),
  );
  try {
    return { kind: "quorum", ...(await Promise.any(asked)) };
  } catch (error) {
    if (error instanceof AggregateError && error.errors.every(isSilence)) return { kind: "silent" };
    throw error;
  }
}

/** No answer, a refusal or nonsense: whoever was asked is of no help now. Anything else is a defect of this program. */
export function isSilence(error: unknown): error is Error {
  return error instanceof NoAnswer || error instanceof Refused || error instanceof UnexpectedAnswer;
}

/**
 * One membership change through the first other member that takes it; etcd hands it on to the leader.
 *
 * @throws NoAnswer, Refused: the last one heard. A change that got no answer may have been made all the same.
 */
export async function throughAPeer<T>(settings: Settings, ask: (gateway: Gateway) => Promise<T>): Promise<T> {
  let last: Error = new NoAnswer("no other member answers");
  for (const ordinal of otherOrdinals(settings, HIGHEST_ORDINAL)) {
    try {
      return await ask(new Gateway(clientUrl(settings, ordinal), CHANGE_WITHIN_MS));
    } catch (error) {
      if (error instanceof Refused && error.code === UNAVAILABLE) last = error;
      else if (error instanceof NoAnswer) last = last instanceof Refused ? last : error;
      else throw error;
    }
  }
  throw last;
}
