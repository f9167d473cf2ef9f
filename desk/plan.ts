import type { ClusterSeen } from "./cluster.ts";
import type { MemberRow } from "./members.ts";
import { quorum, spare, type Voters } from "./quorum.ts";
import { wakingPlan } from "./waking.ts";

export type RefusalReason = "no-quorum" | "member-down" | "alarm";

/** Why a change can't be made safely now. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** One sentence: what is wrong, and what to do first. */
  readonly sentence: string;
}

/** What a change of `replicas` will come to, in the order in which the member program does it. */
export interface Plan {
  readonly from: number;
  readonly to: number;
  readonly steps: readonly string[];
  /** How many members may fail without loss of quorum; undefined while no member runs. */
  readonly spare: { readonly now?: number; readonly during?: number; readonly after?: number };
  readonly refusals: readonly Refusal[];
  readonly remarks: readonly string[];
}

/**
 * Foresees what the members will do when the StatefulSet gets `target` replicas (member/: joining.ts, stopping.ts,
 * housekeeping.ts), by the rules that etcd itself enforces.
 *
 * @param target 0 is hibernation
 */
export function membershipPlan(seen: ClusterSeen, target: number): Plan {
  const from = seen.statefulSet.replicas;
  if (from === target) return { from, to: target, steps: [], spare: {}, refusals: [], remarks: [] };
  if (target === 0) return hibernationPlan(seen);
  if (from === 0) return wakingPlan(seen, target);
  const change = changeOf(seen, target);
  const moments = momentsOf(change);
  return {
    from,
    to: target,
    steps: [...joiningSteps(seen, change), ...leavingSteps(seen, change)],
    spare: {
      now: spare(change.now),
      during: Math.min(...moments.map(spare)),
      after: spare(moments.at(-1) ?? change.now),
    },
    refusals: refusalsOf(seen, change),
    remarks: [...remarksOn(target), ...change.down.map((row) => downRemark(row, target))],
  };
}

interface Change {
  readonly target: number;
  /** Ordinals that are no voters yet, learners among them. */
  readonly joining: readonly number[];
  /** The highest ordinal first, as they leave. */
  readonly leaving: readonly MemberRow[];
  readonly staying: readonly MemberRow[];
  /** Voters that are listed and take no part. */
  readonly down: readonly MemberRow[];
  readonly now: Voters;
}

function isListed({ role }: MemberRow): boolean {
  return role === "leader" || role === "voter" || role === "learner";
}

/** Takes part in every decision. */
export function isUp({ absence }: MemberRow): boolean {
  return absence === undefined;
}

function votersAmong(rows: readonly MemberRow[]): Voters {
  const voters = rows.filter((row) => isListed(row) && row.role !== "learner");
  return { listed: voters.length, up: voters.filter(isUp).length };
}

function changeOf(seen: ClusterSeen, target: number): Change {
  const members = seen.rows.filter(isListed);
  const isLeaving = ({ ordinal }: MemberRow): boolean => ordinal !== undefined && ordinal >= target;
  const voters = members.filter(({ role }) => role !== "learner");
  const joining = Array.from({ length: target }, (_, ordinal) => ordinal).filter(
    (ordinal) => !voters.some((row) => row.ordinal === ordinal),
  );
  return {
    target,
    joining,
    leaving: members.filter(isLeaving).sort((a, b) => (b.ordinal ?? 0) - (a.ordinal ?? 0)),
    staying: voters.filter((row) => !isLeaving(row)),
    down: voters.filter((row) => !isUp(row)),
    now: votersAmong(members),
  };
}

/**
 * The voters after each step. A member that is down leaves last: the leader's program removes it once its pod is gone,
 * while those that run remove themselves as they stop.
 */
function momentsOf({ now, joining, leaving }: Change): Voters[] {
  const moments = [now];
  const next = (listed: number, up: number): void => {
    const last = moments.at(-1) ?? now;
    moments.push({ listed: last.listed + listed, up: last.up + up });
  };
  for (let joined = 0; joined < joining.length; joined++) next(1, 1);
  const voters = leaving.filter(({ role }) => role !== "learner");
  for (const row of voters.filter(isUp)) if (row.id !== "") next(-1, -1);
  for (const row of voters.filter((one) => !isUp(one))) if (row.id !== "") next(-1, 0);
  return moments;
}

function joiningSteps({ name, rows }: ClusterSeen, { joining }: Change): string[] {
  const label = (ordinal: number): string => `${name}-${ordinal}`;
  const already = (ordinal: number): boolean => rows.some((row) => row.ordinal === ordinal && row.role === "learner");
  return joining.flatMap((ordinal) => [
    ...(already(ordinal) ? [] : [`add learner ${label(ordinal)}`]),
    `promote ${label(ordinal)} to voter when it has caught up`,
  ]);
}

function leavingSteps({ name }: ClusterSeen, { leaving, staying }: Change): string[] {
  const leader = leaving.find(({ role }) => role === "leader");
  const successor = [...staying]
    .filter(isUp)
    .sort((a, b) => (b.status?.raftIndex ?? 0) - (a.status?.raftIndex ?? 0) || (a.ordinal ?? 0) - (b.ordinal ?? 0))[0];
  return [
    ...(leader === undefined || successor === undefined ? [] : [`move leader ${leader.name} → ${successor.name}`]),
    ...leaving.filter(isUpOrLearner).map((row) => `remove ${row.name} from the member list, then stop it`),
    ...leaving
      .filter((row) => !isUpOrLearner(row))
      .map((row) => `remove ${row.name}, which is down, from the member list once its pod is gone`),
    ...leaving.map(({ ordinal }) => `delete claim data-${name}-${ordinal ?? "?"}`),
  ];
}

function isUpOrLearner(row: MemberRow): boolean {
  return isUp(row) || row.role === "learner";
}

function refusalsOf(seen: ClusterSeen, change: Change): Refusal[] {
  const noQuorum: Refusal[] = seen.quorum
    ? []
    : [
        {
          reason: "no-quorum",
          sentence:
            `no quorum answers (${change.now.up} of ${change.now.listed} voters take part): no member can join or leave, ` +
            "and one that is stopped now is missing for good; bring the members that are down back first, or see docs/runbooks/lost-majority.md",
        },
      ];
  return [...noQuorum, ...(seen.quorum ? costOfQuorum(change) : []), ...alarms(seen)];
}

/**
 * etcd lets a running member go only if the other running ones are a quorum of those that remain
 * (server.go mayRemoveMember). Refused, it stops all the same when its time is up, and is then missing as a voter.
 */
function costOfQuorum(change: Change): Refusal[] {
  const refused = momentsOf(change).find((voters) => spare(voters) < 0);
  if (refused === undefined) return [];
  const down = change.down.map(({ name }) => name).join(", ");
  return [
    {
      reason: "member-down",
      sentence:
        `${withReason(change.down)} down: on the way to ${change.target} there would be ` +
        `${refused.up} of ${refused.listed} voters running, and ${quorum(refused.listed)} are needed; ` +
        `bring ${down} back, or replace it (\`npm run member -- replace ${change.down[0]?.name ?? ""}\`), then change replicas`,
    },
  ];
}

/** "etcd-1 (no answer within 2 s) is". */
export function withReason(down: readonly MemberRow[]): string {
  const each = down.map(({ name, absence }) => `${name} (${absence ?? ""})`);
  return `${each.join(", ")} ${down.length === 1 ? "is" : "are"}`;
}

function alarms({ alarms: raised, rows }: ClusterSeen): Refusal[] {
  return raised.map(({ kind, memberId }) => ({
    reason: "alarm",
    sentence:
      `${rows.find(({ id }) => id === memberId)?.name ?? `member ${memberId}`} has raised the alarm ${kind}: ` +
      (kind === "NOSPACE"
        ? "free space first (etcdctl compact, defrag, then alarm disarm)"
        : "the members' data differ; replace the member that is wrong first"),
  }));
}

function remarksOn(target: number): string[] {
  return target % 2 === 1 || target < 2
    ? []
    : [`${target} members survive no more failures than ${target - 1}: an odd number is better`];
}

function downRemark({ name, ordinal, absence }: MemberRow, target: number): string {
  return ordinal !== undefined && ordinal >= target
    ? `${name} is down (${absence ?? ""}); it leaves all the same`
    : `${name} is down (${absence ?? ""}) and counts as a voter until it is back or replaced`;
}

/** Nobody leaves at 0 replicas (member/stopping.ts, decideStop). */
function hibernationPlan(seen: ClusterSeen): Plan {
  const names = seen.pods.map(({ name }) => name);
  return {
    from: seen.statefulSet.replicas,
    to: 0,
    steps: [
      ...names.map((name) => `stop ${name}; its volume and its place on the member list are kept`),
      "hibernate: nothing answers until the cluster is woken, with the same members and the same keys",
    ],
    spare: { now: spare(votersAmong(seen.rows)) },
    refusals: [],
    remarks: [],
  };
}
