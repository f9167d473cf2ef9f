import { decideStart, type Observation, type StartAction } from "../../../../member/decision.ts";
import { theDecisions, type Decisions } from "../../../../member/running.ts";

/** A wrong decision that somebody might make, and the invariants that may be broken by it. */
export interface Planted {
  readonly what: string;
  readonly invariants: readonly number[];
  readonly decisions: Decisions;
}

function starting(wrong: (seen: Observation, right: StartAction) => StartAction): Decisions {
  return { ...theDecisions, start: (seen) => wrong(seen, decideStart(seen)) };
}

export const planted: readonly Planted[] = [
  {
    what: "data is wiped without a quorum's word",
    invariants: [5],
    decisions: starting((seen, right) =>
      right.kind === "rejoin" && seen.peers.kind === "silent" ? { kind: "wipe", why: "nobody answers" } : right,
    ),
  },
  {
    what: "the data dir of a removed member is used again",
    invariants: [2],
    decisions: starting((seen, right) =>
      right.kind === "wipe" && seen.dataDir.kind === "wal"
        ? { kind: "rejoin", memberId: seen.dataDir.identity.memberId, self: undefined, lostLatch: undefined }
        : right,
    ),
  },
  {
    what: "a member whose volume is lost goes on under its old ID",
    invariants: [2, 8],
    decisions: starting((_, right) =>
      right.kind === "join" && right.leftover !== undefined
        ? { kind: "resume-join", self: right.leftover, members: right.members }
        : right,
    ),
  },
  {
    what: "a founder founds although its first start is claimed with another volume",
    invariants: [1, 2, 8],
    decisions: starting((seen, right) => {
      if (seen.latch.kind !== "latched" || seen.dataDir.kind !== "empty" || right.kind === "claim") return right;
      if (!seen.latch.latch.founders.includes(seen.ordinal)) return right;
      return { kind: "found", latch: seen.latch.latch, isFormed: seen.peers.kind === "quorum" };
    }),
  },
  {
    what: "whoever can't ask how many replicas there are leaves",
    invariants: [5],
    decisions: {
      ...theDecisions,
      stop: (ordinal, replicas) =>
        replicas === undefined ? { kind: "leave", replicas: 1 } : theDecisions.stop(ordinal, replicas),
    },
  },
  {
    what: "hibernation is taken for leaving",
    invariants: [5],
    decisions: {
      ...theDecisions,
      stop: (ordinal, replicas) =>
        replicas === 0 ? { kind: "leave", replicas: 0 } : theDecisions.stop(ordinal, replicas),
    },
  },
  {
    what: "a member that is to leave stops its etcd while it is listed",
    invariants: [4],
    decisions: { ...theDecisions, stop: () => ({ kind: "return" }) },
  },
  {
    what: "what has departed is never cleaned up",
    invariants: [6],
    decisions: { ...theDecisions, departed: () => [] },
  },
  {
    what: "a member that a recovery has given up starts all the same",
    invariants: [1, 2, 8],
    decisions: starting((seen, right) =>
      right.kind === "wait" && seen.dataDir.kind === "wal"
        ? { kind: "rejoin", memberId: seen.dataDir.identity.memberId, self: undefined, lostLatch: undefined }
        : right,
    ),
  },
  {
    what: "a recovery is carried out by whoever reads of it",
    invariants: [8],
    decisions: starting((seen, right) =>
      seen.dataDir.kind === "wal" && seen.latch.kind === "latched" && seen.latch.latch.recovery !== ""
        ? { kind: "go-on-alone", memberId: seen.dataDir.identity.memberId }
        : right,
    ),
  },
  {
    what: "a member with its data waits for the API server",
    invariants: [9],
    decisions: starting((seen, right) =>
      seen.latch.kind === "silent" ? { kind: "wait", why: "the API server is away" } : right,
    ),
  },
];
