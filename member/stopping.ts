import { ordinalOf } from "./address.ts";
import { ownGateway } from "./attending.ts";
import type { EtcdProcess } from "./etcd-process.ts";
import { Gateway, Refused, type Member } from "./gateway.ts";
import { NoAnswer } from "./http.ts";
import { UnexpectedAnswer } from "./json.ts";
import { log } from "./log.ts";
import type { Settings } from "./settings.ts";

const CANDIDATE_ANSWERS_WITHIN_MS = 500;

export interface Candidate {
  readonly member: Member;
  readonly appliedIndex: bigint;
}

/** The most up-to-date voter; of equals the one that stays longest, which is the one with the lowest ordinal. */
export function successor(candidates: readonly Candidate[], ordinal: (member: Member) => number): Member | undefined {
  const [best] = [...candidates].sort((a, b) => {
    if (a.appliedIndex !== b.appliedIndex) return a.appliedIndex > b.appliedIndex ? -1 : 1;
    return ordinal(a.member) - ordinal(b.member);
  });
  return best?.member;
}

/** Stops etcd so that clients notice as little as can be: leadership is moved away first, then etcd is asked to end. */
export async function stopEtcd(settings: Settings, etcd: EtcdProcess): Promise<void> {
  const deadline = Date.now() + settings.stopWithinMs;
  try {
    await moveLeadershipAway(settings);
  } catch (error) {
    if (!(error instanceof NoAnswer || error instanceof Refused || error instanceof UnexpectedAnswer)) throw error;
    log(`Leadership was not moved (${error.message}); etcd tries once more as it ends`);
  }
  await etcd.stop(Math.max(1_000, deadline - Date.now()));
}

async function moveLeadershipAway(settings: Settings): Promise<void> {
  const own = ownGateway(settings);
  const status = await own.status();
  if (status.leaderId !== status.memberId) return;
  const { members } = await own.members();
  const others = members.filter((member) => member.id !== status.memberId && !member.isLearner);
  const target = successor(
    await candidates(others),
    (member) => ordinalOf(settings, member) ?? Number.MAX_SAFE_INTEGER,
  );
  if (target === undefined) return;
  await own.transferLeadership(target.id);
  log(`Moved leadership to ${target.name} (${target.id})`);
}

/** Those that answer now. */
async function candidates(members: readonly Member[]): Promise<Candidate[]> {
  const asked = members.map(async (member): Promise<Candidate> => {
    const gateway = new Gateway(member.clientUrls[0] ?? "", CANDIDATE_ANSWERS_WITHIN_MS);
    return { member, appliedIndex: (await gateway.status()).appliedIndex };
  });
  const settled = await Promise.allSettled(asked);
  return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}
