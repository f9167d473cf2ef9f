import type { ClusterSeen } from "./cluster.ts";
import type { MemberRow } from "./members.ts";
import { pending } from "./pending.ts";

/** What was declared, as the last `up` left it. */
export interface Declared {
  /** 0 is hibernation. */
  readonly replicas: number;
  /** The member image, by digest. */
  readonly memberImage: string | undefined;
}

/** In what a cluster differs from what is declared: one sentence each, none where nothing does. */
export function differences(declared: Declared, seen: ClusterSeen): string[] {
  return [
    ...replicasByHand(declared, seen),
    ...noQuorum(seen),
    ...pending(seen),
    ...seen.alarms.map(
      ({ kind, memberId }) => `alarm ${kind} of ${nameOf(seen, memberId)}: ${ALARM_MEANS[kind] ?? "see etcd's log"}`,
    ),
    ...(seen.statefulSet.replicas === 0 ? [] : missing(seen)),
    ...seen.rows.flatMap((row) => memberDifference(row, seen.statefulSet.replicas)),
    ...leftoverClaims(seen),
    ...versions(seen),
    ...images(declared, seen),
  ];
}

const ALARM_MEANS: Readonly<Record<string, string>> = {
  NOSPACE: "the database has reached its quota and takes no writes",
  CORRUPT: "the members' data differ",
};

function nameOf(seen: ClusterSeen, memberId: string): string {
  return seen.rows.find(({ id }) => id === memberId)?.name ?? `member ${memberId}`;
}

function replicasByHand(declared: Declared, { name, statefulSet }: ClusterSeen): string[] {
  if (statefulSet.replicas === declared.replicas) return [];
  return [
    `StatefulSet ${name} has ${statefulSet.replicas} replicas, declared are ${declared.replicas}: ` +
      "somebody scaled it by hand, and the next `up` sets it back",
  ];
}

function noQuorum({ quorum, statefulSet }: ClusterSeen): string[] {
  return quorum || statefulSet.replicas === 0
    ? []
    : ["no quorum answers: nothing can be written, and no member can join or leave"];
}

/** Ordinals that are to be there and have neither pod nor member. */
function missing({ name, rows, statefulSet }: ClusterSeen): string[] {
  return Array.from({ length: statefulSet.replicas }, (_, ordinal) => `${name}-${ordinal}`)
    .filter((expected) => !rows.some((row) => row.name === expected))
    .map((expected) => `${expected} is missing: it has no pod and is no member`);
}

function memberDifference(row: MemberRow, replicas: number): string[] {
  const { name, ordinal, role, health, absence } = row;
  if (ordinal === undefined) return [`${name} (${row.id}) is a member, but none of this StatefulSet's`];
  if (replicas === 0) return [`${name} still runs, though the cluster is to hibernate`];
  if (ordinal >= replicas) return [`${name} is beyond ${replicas} replicas and has not left yet`];
  if (health === "no answer") return [`${name} does not answer`];
  if (role === "learner") return [`${name} is still a learner`];
  if (role === "not a member") return [`${name} runs and is not a member`];
  return health === "healthy" ? [] : [`${name} is not ready${absence === undefined ? "" : `: ${absence}`}`];
}

/** In hibernation every claim is kept. */
function leftoverClaims({ claims, statefulSet }: ClusterSeen): string[] {
  if (statefulSet.replicas === 0) return [];
  return claims
    .filter(({ ordinal }) => ordinal >= statefulSet.replicas)
    .map(({ name }) => `claim ${name} is left of a member beyond ${statefulSet.replicas} replicas`);
}

function versions({ rows }: ClusterSeen): string[] {
  const known = rows.filter(({ version }) => version !== "");
  const different = [...new Set(known.map(({ version }) => version))].sort();
  if (different.length < 2) return [];
  return [
    `members run different versions of etcd: ${known.map(({ name, version }) => `${name} ${version}`).join(", ")}`,
  ];
}

function images({ memberImage }: Declared, { pods, statefulSet, name }: ClusterSeen): string[] {
  if (memberImage === undefined) return [];
  const others = pods.filter(({ image }) => image !== memberImage).map((pod) => pod.name);
  return [
    ...(statefulSet.image === memberImage ? [] : [`StatefulSet ${name} names another member image than declared`]),
    ...(others.length === 0 ? [] : [`another member image than declared runs in ${others.join(", ")}`]),
  ];
}
