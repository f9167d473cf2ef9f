import type { Member } from "./gateway.ts";
import type { Latch } from "./latch.ts";
import type { WalIdentity } from "./wal.ts";

/** What lies on this member's volume. */
export type DataDir =
  | { readonly kind: "empty"; readonly firstStart: FirstStart | undefined }
  | { readonly kind: "wal"; readonly identity: WalIdentity }
  | { readonly kind: "unreadable"; readonly why: string };

/**
 * A note on the volume of a first start that has begun and has not reached its WAL yet. It proves that this is the very
 * volume for which the step was taken, so a step that was cut off can be taken again instead of passing for a lost volume.
 */
export type FirstStart =
  { readonly kind: "founding"; readonly claim: string } | { readonly kind: "joining"; readonly memberId: string };

export type LatchWord =
  | { readonly kind: "silent"; readonly why: string }
  | { readonly kind: "absent" }
  | { readonly kind: "latched"; readonly latch: Latch };

/** The member list by a quorum's word, or silence. A stale local list decides nothing. */
export type PeersWord =
  | { readonly kind: "silent" }
  | { readonly kind: "quorum"; readonly clusterId: string; readonly members: readonly Member[] };

export interface Observation {
  readonly ordinal: number;
  /** The peer URL this member goes by. */
  readonly peerUrl: string;
  readonly dataDir: DataDir;
  /** The claim was deleted, and the volume goes with this pod. Only asked where there is no data; false where nobody could say. */
  readonly isClaimGoing: boolean;
  readonly latch: LatchWord;
  /** For how long this start has not been able to read the latch, in milliseconds; 0 where it could. */
  readonly latchSilentMs: number;
  readonly peers: PeersWord;
  /** `spec.replicas` of the StatefulSet, undefined where nobody could say. */
  readonly replicas: number | undefined;
}

/** The latch is gone while the data is there: it is written anew before its absence passes for a beginning. */
export interface LostLatch {
  readonly clusterId: string;
  readonly ordinals: readonly number[];
}

/** What to do at a start. `create-latch`, `claim`, `go-on-alone`, `void-recovery`, `wipe` are steps after which everything is looked at anew. */
export type StartAction =
  | { readonly kind: "create-latch"; readonly replicas: number }
  | { readonly kind: "claim"; readonly latch: Latch; readonly isFormed: boolean }
  | { readonly kind: "found"; readonly latch: Latch; readonly isFormed: boolean }
  | {
      readonly kind: "rejoin";
      readonly memberId: string;
      /** What a quorum says of this member; undefined where none answers. */
      readonly self: Member | undefined;
      readonly lostLatch: LostLatch | undefined;
    }
  | { readonly kind: "go-on-alone"; readonly memberId: string }
  | { readonly kind: "void-recovery"; readonly memberId: string }
  | { readonly kind: "wipe"; readonly why: string }
  | { readonly kind: "renew-volume"; readonly why: string }
  | { readonly kind: "join"; readonly leftover: Member | undefined; readonly members: readonly Member[] }
  | { readonly kind: "resume-join"; readonly self: Member; readonly members: readonly Member[] }
  | { readonly kind: "refuse"; readonly why: string }
  | { readonly kind: "wait"; readonly why: string };

/** The table of starts (docs/adr/0002-starts.md), as a pure function: the same observation, the same action. */
export function decideStart(seen: Observation): StartAction {
  switch (seen.dataDir.kind) {
    case "wal":
      return withData(seen, seen.dataDir.identity);
    case "unreadable":
      return withUnreadableData(seen, seen.dataDir.why);
    case "empty":
      return withoutData(seen, seen.dataDir.firstStart);
  }
}

/**
 * One answer that is lost must not pass for an API server that is away: the latch may say that this member was given up, or
 * is to go on alone. Only who hears nothing of its peers either waits for it, and no longer than this. In milliseconds.
 */
const LATCH_PATIENCE_MS = 3_000;

/** Restart is not leaving: the data is used unless a quorum of this very cluster says that the member was removed. */
function withData(seen: Observation, identity: WalIdentity): StartAction {
  const known = clusterIdFrom(seen);
  if (known !== undefined && known.clusterId !== identity.clusterId) {
    return {
      kind: "refuse",
      why:
        `the volume holds data of cluster ${identity.clusterId}, but ${known.source} is cluster ${known.clusterId}. ` +
        `Nothing was deleted. If this data is not wanted, delete this member's claim and pod; it then joins with an empty volume`,
    };
  }
  const { memberId } = identity;
  const recovery = recoveryStep(seen, memberId);
  if (recovery !== undefined) return recovery;
  if (seen.latch.kind === "silent" && seen.peers.kind === "silent" && seen.latchSilentMs < LATCH_PATIENCE_MS) {
    return { kind: "wait", why: `no quorum answers, and the latch can't be read: ${seen.latch.why}` };
  }
  const lostLatch = seen.latch.kind === "absent" ? lostLatchOf(seen, identity.clusterId) : undefined;
  if (seen.peers.kind === "silent") return { kind: "rejoin", memberId, self: undefined, lostLatch };
  const self = seen.peers.members.find((member) => member.id === memberId);
  if (self !== undefined) return { kind: "rejoin", memberId, self, lostLatch };
  return { kind: "wipe", why: `member ${memberId} was removed from the cluster, by a quorum's word` };
}

/**
 * A person said that the majority is lost and which member goes on. Where a quorum answers it was not lost, or the others
 * have joined by now: its member list counts, and a recovery that is still pending must never be carried out later.
 */
function recoveryStep({ latch, peers }: Observation, memberId: string): StartAction | undefined {
  if (latch.kind !== "latched") return undefined;
  const { recovery, givenUp } = latch.latch;
  if (recovery === memberId) return { kind: peers.kind === "silent" ? "go-on-alone" : "void-recovery", memberId };
  if (givenUp.includes(memberId) && peers.kind === "silent") {
    return {
      kind: "wait",
      why: `member ${memberId} was given up by a recovery. Its data is kept until a quorum of the recovered cluster answers; then it joins anew`,
    };
  }
  return undefined;
}

function lostLatchOf(seen: Observation, clusterId: string): LostLatch {
  const count = Math.max(seen.replicas ?? 0, seen.ordinal + 1);
  return { clusterId, ordinals: Array.from({ length: count }, (_, ordinal) => ordinal) };
}

function withUnreadableData(seen: Observation, why: string): StartAction {
  if (
    seen.peers.kind === "quorum" &&
    seen.latch.kind === "latched" &&
    seen.latch.latch.clusterId === seen.peers.clusterId
  ) {
    return { kind: "wipe", why: `${why}; a quorum of the cluster holds what was acknowledged` };
  }
  return {
    kind: "wait",
    why: `${why}, and no quorum of this cluster answers. Bring the other members back, or recover from a snapshot`,
  };
}

function withoutData(seen: Observation, firstStart: FirstStart | undefined): StartAction {
  if (seen.latch.kind === "silent") {
    return { kind: "wait", why: `the volume is empty and the latch can't be read: ${seen.latch.why}` };
  }
  if (seen.replicas !== undefined && seen.ordinal >= seen.replicas && seen.replicas > 0) {
    return { kind: "wait", why: `ordinal ${seen.ordinal} is beyond ${seen.replicas} replicas: nothing to start` };
  }
  if (seen.isClaimGoing)
    return { kind: "renew-volume", why: "the volume is empty and its claim was deleted: it goes with this pod" };
  const latch = seen.latch.kind === "latched" ? seen.latch.latch : undefined;
  return seen.peers.kind === "quorum"
    ? intoLivingCluster(seen, seen.peers.members, seen.peers.clusterId, latch, firstStart)
    : withNobodyThere(seen, latch, firstStart);
}

function intoLivingCluster(
  seen: Observation,
  members: readonly Member[],
  clusterId: string,
  latch: Latch | undefined,
  firstStart: FirstStart | undefined,
): StartAction {
  if (latch !== undefined && latch.clusterId !== "" && latch.clusterId !== clusterId) {
    return {
      kind: "refuse",
      why: `the peers are cluster ${clusterId}, but the latch stands for cluster ${latch.clusterId}`,
    };
  }
  const self = members.find((member) => member.peerUrls.includes(seen.peerUrl));
  if (self !== undefined && latch !== undefined) {
    const founding = foundingStep(seen, latch, firstStart);
    if (founding !== undefined) return founding;
  }
  if (self !== undefined && firstStart?.kind === "joining" && firstStart.memberId === self.id) {
    return { kind: "resume-join", self, members };
  }
  return { kind: "join", leftover: self, members };
}

function withNobodyThere(seen: Observation, latch: Latch | undefined, firstStart: FirstStart | undefined): StartAction {
  if (latch === undefined) {
    if (seen.replicas === undefined)
      return { kind: "wait", why: "the StatefulSet can't be read, so the founders are not known" };
    if (seen.replicas === 0)
      return { kind: "wait", why: "0 replicas are declared: there is nobody to found a cluster" };
    return { kind: "create-latch", replicas: seen.replicas };
  }
  const founding = foundingStep(seen, latch, firstStart);
  if (founding !== undefined) return founding;
  const was = latch.founders.includes(seen.ordinal) ? "this member has started before" : "this member is no founder";
  return {
    kind: "wait",
    why:
      `the volume is empty, ${was}, and no quorum of the cluster answers. It joins as soon as one does. ` +
      `If every volume is lost for good, restore a snapshot, or delete the latch ConfigMap and all claims to found a new, empty cluster`,
  };
}

/** A founder that never claimed its first start claims it; one that claimed it with this very volume founds. */
function foundingStep(
  { ordinal, peers }: Observation,
  latch: Latch,
  firstStart: FirstStart | undefined,
): StartAction | undefined {
  const claim = latch.claims.get(ordinal);
  const isFormed = peers.kind === "quorum";
  if (claim === "") return { kind: "claim", latch, isFormed };
  if (claim !== undefined && firstStart?.kind === "founding" && firstStart.claim === claim)
    return { kind: "found", latch, isFormed };
  return undefined;
}

function clusterIdFrom(seen: Observation): { clusterId: string; source: string } | undefined {
  if (seen.peers.kind === "quorum") return { clusterId: seen.peers.clusterId, source: "the one its peers form" };
  if (seen.latch.kind === "latched" && seen.latch.latch.clusterId !== "") {
    return { clusterId: seen.latch.latch.clusterId, source: "the one the latch stands for" };
  }
  return undefined;
}
