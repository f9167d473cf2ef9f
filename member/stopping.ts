import { ordinalOf } from "./address.ts";
import type { Member } from "./gateway.ts";
import { SaidOnce } from "./log.ts";
import { ownGateway } from "./own-etcd.ts";
import { ONE_CHANGE_MS, throughAPeer } from "./peers.ts";
import type { Etcd, Ports } from "./ports.ts";
import { Trouble } from "./trouble.ts";

const CANDIDATE_ANSWERS_WITHIN_MS = 500;
const ASK_AGAIN_AFTER_MS = 250;
/**
 * What etcd gets to end in order, kept back of the grace period. By itself it ends within moments, or after 7 s where a client
 * still waits for something, such as a watcher (embed/etcd.go, Close with ReqTimeout). But for a connection on which its client
 * has not sent a byte, as Go's HTTP clients keep them, it waits as long as that is open (embed/serve.go: `serve` waits for cmux,
 * which waits for the first line; seen with 3.6.14). What was acknowledged is in its log: an end by force costs a replay.
 */
const ETCD_ENDS_WITHIN_MS = 5_000;

export type StopDecision = { readonly kind: "leave"; readonly replicas: number } | { readonly kind: "return" };

/**
 * Whether a member that is told to stop leaves for good. Only a StatefulSet that is there and says so sends it away:
 * nothing is removed on a guess, and 0 replicas is hibernation, from which everybody comes back.
 *
 * @param replicas `spec.replicas`, undefined where the StatefulSet is gone or going, or nobody could say
 */
export function decideStop(ordinal: number, replicas: number | undefined): StopDecision {
  if (replicas === undefined || replicas === 0 || ordinal < replicas) return { kind: "return" };
  return { kind: "leave", replicas };
}

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

/**
 * Stops etcd so that clients notice as little as can be: leadership is moved away first. A member that leaves for good is
 * out of the member list before its etcd stops, and its volume is empty before this program ends.
 */
export async function stopEtcd(ports: Ports, etcd: Etcd, decision: StopDecision): Promise<void> {
  const { settings, clock } = ports;
  const deadline = clock.now() + settings.stopWithinMs;
  const stays = decision.kind === "leave" ? decision.replicas : Number.MAX_SAFE_INTEGER;
  if (decision.kind === "leave")
    ports.log(`Leaving: ordinal ${settings.ordinal} is beyond ${decision.replicas} replicas`);
  await ports.reached("told-to-stop");
  try {
    await moveLeadershipAway(ports, stays);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    ports.log(`Leadership was not moved (${error.message}); etcd tries once more as it ends`);
  }
  await ports.reached("leadership-moved");
  const left = decision.kind === "leave" && (await leave(ports, deadline - ETCD_ENDS_WITHIN_MS));
  if (left) await ports.reached("off-the-list");
  // Off the list, nobody waits for what this etcd still holds: it need not close in order, which takes it a second.
  await etcd.stop(left ? 0 : ETCD_ENDS_WITHIN_MS);
  await ports.reached("etcd-stopped");
  if (left) {
    ports.volume.wipe();
    await ports.reached("wiped");
  }
}

async function moveLeadershipAway(ports: Ports, stays: number): Promise<void> {
  const own = ownGateway(ports);
  const status = await own.status();
  if (status.leaderId !== status.memberId) return;
  const { members } = await own.members();
  const ordinal = (member: Member): number => ordinalOf(ports.settings, member) ?? Number.MAX_SAFE_INTEGER;
  const others = members.filter(
    (member) => member.id !== status.memberId && !member.isLearner && ordinal(member) < stays,
  );
  const target = successor(await candidates(ports, others), ordinal);
  if (target === undefined) return;
  await own.transferLeadership(target.id);
  ports.log(`Moved leadership to ${target.name} (${target.id})`);
}

/** Those that answer now. */
async function candidates(ports: Ports, members: readonly Member[]): Promise<Candidate[]> {
  const asked = members.map(async (member): Promise<Candidate> => {
    const gateway = ports.gateway(member.clientUrls[0] ?? "", CANDIDATE_ANSWERS_WITHIN_MS);
    return { member, appliedIndex: (await gateway.status()).appliedIndex };
  });
  const settled = await Promise.allSettled(asked);
  return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}

/**
 * Takes this member off the list, by the word of the others. etcd refuses while the rest could not hold quorum; it is
 * asked again until the deadline, and after that the member stays listed: the one beside the leader removes it later.
 *
 * @returns whether the member is off the list
 */
async function leave(ports: Ports, deadline: number): Promise<boolean> {
  const said = new SaidOnce(ports);
  // Its volume knows who it is, also where etcd has died meanwhile.
  const data = ports.volume.lookAt();
  if (data.kind !== "wal") return false;
  const self = data.identity.memberId;
  let turn = false;
  do {
    try {
      const { members } = await throughAPeer(ports, (gateway) => gateway.members());
      if (!members.some((member) => member.id === self)) return true;
      if (!turn) await ports.clock.pause(turnToLeaveMs(ports.settings, members));
      turn = true;
      await throughAPeer(ports, (gateway) => gateway.remove(self));
      ports.log(`Left: member ${self} is off the member list`);
      return true;
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      said.say(`Not removed yet: ${error.message}`);
    }
    await ports.clock.pause(ASK_AGAIN_AFTER_MS);
  } while (ports.clock.now() < deadline);
  ports.log("Staying on the list: the others could not hold quorum, or did not answer; they remove this member later");
  return false;
}

/** Those that leave together go one after the other, the highest first: etcd makes one change at a time. In milliseconds. */
export function turnToLeaveMs(
  settings: Parameters<typeof ordinalOf>[0] & { ordinal: number },
  members: readonly Member[],
): number {
  const higher = members.filter((member) => (ordinalOf(settings, member) ?? -1) > settings.ordinal);
  return higher.length * ONE_CHANGE_MS;
}
