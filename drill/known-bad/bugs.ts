import { type PlanShape } from "../plan/plans.ts";
import { type TrafficShape } from "../run/traffic.ts";

/** A release of etcd with a defect, and the drill that is aimed at it. */
export interface KnownBug {
  /** Of etcd, as "3.6.1". */
  readonly version: string;
  /** Where it is described. */
  readonly issue: string;
  /** What goes wrong, and when, in one sentence. */
  readonly about: string;
  /** The first releases without it. */
  readonly fixedIn: string;
  /** What the members' etcd is told besides, so that it comes to the defect sooner. */
  readonly environment: Readonly<Record<string, string>>;
  /** One round of faults. */
  readonly shape: PlanShape;
  readonly traffic: TrafficShape;
  /** Operations per second of each client pod. */
  readonly rate: number;
  /** Ids of the properties the defect breaks: one of them has to fail. */
  readonly properties: readonly string[];
  /** The sentence about the failure is one of these: another failure would not be this defect. */
  readonly says: readonly RegExp[];
}

/** One fault ends before the next begins, without quiet times: what is seen then has one cause. */
const oneByOne = { overlapPercent: 0, quietAfter: 100, quietMs: 0 } as const;

/**
 * One member's data differ from the others' for good. Seen by its hash or its keys at the end, and by what it answers: a key that
 * an acknowledged write replaced or made, or a write at another revision than the one that was acknowledged. A stale read is no
 * sign of it: releases before 3.5.28 have those for another reason (the defect of 3.6.8); nor is a member that does not answer.
 */
const aMemberDiffers = [
  /has hash .+ at revision \d+, others have another/,
  /has \d+ keys, others have other keys or values/,
  /has ".*" as of revision \d+; its last acknowledged put is of \d+/,
  /, yet the answer( of \S+)? at revision \d+ (still has|has no such key)/,
  /written at revision \d+, is in the answer.*, but its write was acknowledged at revision \d+/,
];

const bugs: readonly KnownBug[] = [
  {
    version: "3.6.1",
    issue: "https://github.com/etcd-io/etcd/issues/20221",
    about:
      "a watch from a revision that is yet to come gets events of before it, once its member took over a snapshot from the leader",
    fixedIn: "3.6.2 and 3.5.22",
    // A member that was cut off needs a snapshot when the leader no longer has the entries it lacks: here after ten.
    environment: { ETCD_SNAPSHOT_COUNT: "10", ETCD_SNAPSHOT_CATCHUP_ENTRIES: "10" },
    shape: {
      name: "known-bad 3.6.1",
      about: "one member after the other is cut off long enough to need a snapshot",
      durationMs: 60_000,
      // Shorter cuts end before the members give their connections up, and then nothing was lost in between.
      ingredients: [
        {
          kind: "partition",
          weight: 1,
          targets: ["one"],
          lastsMs: [9_000, 11_000],
          options: { direction: ["both"] },
        },
      ],
      betweenMs: [2_000, 4_000],
      ...oneByOne,
    },
    traffic: {
      mix: "put=38,get=10,range=2,delete=4,swap=6,watch=20",
      concurrency: 9,
      watchers: 30,
      keys: 60,
      valueSize: 16,
    },
    rate: 150,
    properties: ["watches"],
    says: [/A watch from revision \d+ delivered the event/],
  },
  {
    version: "3.5.7",
    issue: "https://github.com/etcd-io/etcd/issues/15220",
    about: "a watch that is asked where it is says a revision whose events it has not delivered yet",
    fixedIn: "3.5.8",
    environment: {},
    shape: {
      name: "known-bad 3.5.7",
      about: "members are killed, so that watches have to be opened anew; the defect needs no fault",
      durationMs: 30_000,
      ingredients: [{ kind: "kill", weight: 1, targets: ["one"], lastsMs: [0, 0] }],
      betweenMs: [6_000, 8_000],
      ...oneByOne,
    },
    traffic: { mix: "put=60,get=10,delete=4,multi=6,watch=60", concurrency: 9, watchers: 100, keys: 60, valueSize: 16 },
    rate: 150,
    properties: ["watches"],
    says: [/A watch that had come to revision \d+ left out/],
  },
  {
    version: "3.5.5",
    issue: "https://github.com/etcd-io/etcd/pull/14730",
    about:
      "a member that dies while it rewrites its data file applies the last writes a second time: from then on it has other data",
    fixedIn: "3.5.6",
    environment: {},
    shape: {
      name: "known-bad 3.5.5",
      about: "members are killed while they defragment",
      durationMs: 60_000,
      ingredients: [
        {
          kind: "kill-in-defragmentation",
          weight: 1,
          targets: ["one"],
          lastsMs: [0, 0],
          options: { afterMs: ["20", "50", "100", "200", "300"] },
        },
      ],
      betweenMs: [4_000, 6_000],
      ...oneByOne,
    },
    traffic: { mix: "put=60,get=20,delete=4,multi=6", concurrency: 9, watchers: 0, keys: 60, valueSize: 4_000 },
    rate: 150,
    properties: ["hash-equal", "no-doubled-write", "no-lost-write", "final-dump"],
    says: [...aMemberDiffers, /more than there are writes in the history, so one was applied twice/],
  },
  {
    version: "3.6.8",
    issue: "https://github.com/etcd-io/etcd/issues/20418",
    about: "a leader that was paused, and that was replaced meanwhile, answers a linearizable read with old data",
    fixedIn: "3.6.9 and 3.5.28",
    environment: {},
    shape: {
      name: "known-bad 3.6.8",
      about: "members are paused, the leader above all, long enough for another one to be elected",
      durationMs: 60_000,
      ingredients: [{ kind: "pause", weight: 1, targets: ["leader", "leader", "one"], lastsMs: [1_500, 4_000] }],
      betweenMs: [500, 1_500],
      ...oneByOne,
    },
    traffic: { mix: "put=30,get=70", concurrency: 24, watchers: 0, keys: 5, valueSize: 16 },
    rate: 300,
    properties: ["no-stale-read"],
    says: [/yet a linearizable read that began later, at .+, answered from revision \d+/],
  },
  {
    version: "3.5.2",
    issue: "https://github.com/etcd-io/etcd/issues/13766",
    about: "a member that dies under load can leave out a write when it starts again: from then on it has other data",
    fixedIn: "3.5.3",
    environment: {},
    shape: {
      name: "known-bad 3.5.2",
      about: "members are killed under all the load there can be",
      durationMs: 60_000,
      ingredients: [{ kind: "kill", weight: 1, targets: ["one", "one", "all"], lastsMs: [0, 0] }],
      betweenMs: [3_000, 4_000],
      ...oneByOne,
    },
    traffic: {
      mix: "put=60,get=10,serializable-get=40,delete=4,multi=6",
      concurrency: 24,
      watchers: 0,
      keys: 60,
      valueSize: 16,
    },
    rate: 0,
    // A member that lacks a write counts its revisions one behind, so that a write is seen at two of them.
    properties: ["hash-equal", "no-lost-write", "no-doubled-write", "final-dump"],
    says: [...aMemberDiffers, /fewer than the writes acknowledged in between/],
  },
];

/** The defects a drill can be aimed at, by etcd's version. */
export const knownBugs: ReadonlyMap<string, KnownBug> = new Map(bugs.map((bug) => [bug.version, bug]));
