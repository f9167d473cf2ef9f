import assert from "node:assert/strict";
import {
  decideStart,
  type DataDir,
  type LatchWord,
  type Observation,
  type PeersWord,
  type StartAction,
} from "../../../member/decision.ts";
import type { Latch } from "../../../member/latch.ts";
import { listedMember as member } from "./listed-member.ts";

const OURS = "cdf818194e3a8c32";
const FOREIGN = "deadbeef";
const ORDINAL = 1;

function latch(claim: string | undefined, clusterId: string): Latch {
  const claims = new Map([
    [0, "a"],
    [2, "c"],
  ]);
  if (claim !== undefined) claims.set(ORDINAL, claim);
  return { founders: [...claims.keys()], claims, clusterId, token: "t", recovery: "", givenUp: [] };
}

const dataDirs = {
  empty: { kind: "empty", firstStart: undefined },
  "empty, founding noted": { kind: "empty", firstStart: { kind: "founding", claim: "mine" } },
  "empty, joining noted": { kind: "empty", firstStart: { kind: "joining", memberId: "b1" } },
  "WAL of this cluster": { kind: "wal", identity: { clusterId: OURS, memberId: "b1" } },
  "WAL of another cluster": { kind: "wal", identity: { clusterId: FOREIGN, memberId: "b1" } },
  "unreadable WAL": { kind: "unreadable", why: "the WAL can't be read" },
} satisfies Record<string, DataDir>;

const latches = {
  "no answer": { kind: "silent", why: "the API server does not answer" },
  absent: { kind: "absent" },
  "founder, unclaimed": { kind: "latched", latch: latch("", "") },
  "founder, unclaimed, cluster formed": { kind: "latched", latch: latch("", OURS) },
  "founder, claimed with this volume": { kind: "latched", latch: latch("mine", "") },
  "founder, claimed with another volume": { kind: "latched", latch: latch("other", OURS) },
  "founder, claimed, no cluster formed": { kind: "latched", latch: latch("other", "") },
  "no founder": { kind: "latched", latch: latch(undefined, OURS) },
  "of another cluster": { kind: "latched", latch: latch("other", FOREIGN) },
} satisfies Record<string, LatchWord>;

const peerWords = {
  silent: { kind: "silent" },
  "a member": { kind: "quorum", clusterId: OURS, members: [member(0, "a1"), member(1, "b1"), member(2, "c1")] },
  "a member under another ID": {
    kind: "quorum",
    clusterId: OURS,
    members: [member(0, "a1"), member(1, "b2"), member(2, "c1")],
  },
  "not a member": { kind: "quorum", clusterId: OURS, members: [member(0, "a1"), member(2, "c1")] },
  "another cluster": { kind: "quorum", clusterId: FOREIGN, members: [member(0, "a1"), member(1, "b1")] },
} satisfies Record<string, PeersWord>;

const replicaWords = { "3 replicas": 3, "1 replica": 1, hibernating: 0, "replicas unknown": undefined };

const claimWords = { "claim stays": false, "claim deleted": true };

type Case = {
  claim: keyof typeof claimWords;
  data: keyof typeof dataDirs;
  latch: keyof typeof latches;
  peers: keyof typeof peerWords;
  replicas: keyof typeof replicaWords;
};

function observation(of: Case): Observation {
  return {
    ordinal: ORDINAL,
    peerUrl: "http://etcd-1.etcd:2380",
    dataDir: dataDirs[of.data],
    isClaimGoing: claimWords[of.claim],
    latch: latches[of.latch],
    latchSilentMs: 10_000,
    peers: peerWords[of.peers],
    replicas: replicaWords[of.replicas],
  };
}

function keys<T extends object>(of: T): (keyof T)[] {
  return Object.keys(of) as (keyof T)[];
}

const everyCase: Case[] = keys(dataDirs).flatMap((data) =>
  keys(latches).flatMap((latch) =>
    keys(peerWords).flatMap((peers) =>
      keys(replicaWords).flatMap((replicas) =>
        keys(claimWords).map((claim) => ({ data, latch, peers, replicas, claim })),
      ),
    ),
  ),
);

function kindOf(of: Case): string {
  return decideStart(observation(of)).kind;
}

type Pattern<T extends string> = T | readonly T[];

/** One row of the table: for a case, the first row that fits says what is done. */
interface Row {
  readonly data: Pattern<Case["data"]>;
  readonly latch?: Pattern<Case["latch"]>;
  readonly peers?: Pattern<Case["peers"]>;
  readonly replicas?: Pattern<Case["replicas"]>;
  readonly claim?: Pattern<Case["claim"]>;
  readonly action: StartAction["kind"];
}

const anyEmpty = ["empty", "empty, founding noted", "empty, joining noted"] as const;
const latchOfOurs = [
  "founder, unclaimed, cluster formed",
  "founder, claimed with another volume",
  "no founder",
] as const;
const listed = ["a member", "a member under another ID"] as const;

const rows: readonly Row[] = [
  // With data: a quorum's word, or else the latch, says whose it has to be.
  { data: "WAL of this cluster", peers: "another cluster", action: "refuse" },
  { data: "WAL of this cluster", peers: ["a member under another ID", "not a member"], action: "wipe" },
  { data: "WAL of this cluster", peers: "a member", action: "rejoin" },
  { data: "WAL of this cluster", latch: "of another cluster", peers: "silent", action: "refuse" },
  { data: "WAL of this cluster", peers: "silent", action: "rejoin" },
  { data: "WAL of another cluster", peers: "another cluster", action: "rejoin" },
  { data: "WAL of another cluster", peers: [...listed, "not a member"], action: "refuse" },
  { data: "WAL of another cluster", latch: latchOfOurs, peers: "silent", action: "refuse" },
  { data: "WAL of another cluster", peers: "silent", action: "rejoin" },
  // Data that can't be read goes only where a quorum of the cluster that the latch stands for holds it as well.
  { data: "unreadable WAL", latch: latchOfOurs, peers: [...listed, "not a member"], action: "wipe" },
  { data: "unreadable WAL", latch: "of another cluster", peers: "another cluster", action: "wipe" },
  { data: "unreadable WAL", action: "wait" },
  // Without data: nothing without the latch's word, or beyond the replicas, or on a volume that is going.
  { data: anyEmpty, latch: "no answer", action: "wait" },
  { data: anyEmpty, replicas: "1 replica", action: "wait" },
  { data: anyEmpty, claim: "claim deleted", action: "renew-volume" },
  // A cluster that lives, and is the one the latch stands for, or the latch does not know yet which one that is.
  { data: anyEmpty, latch: latchOfOurs, peers: "another cluster", action: "refuse" },
  { data: anyEmpty, latch: "of another cluster", peers: [...listed, "not a member"], action: "refuse" },
  {
    data: anyEmpty,
    latch: ["founder, unclaimed", "founder, unclaimed, cluster formed"],
    peers: [...listed, "another cluster"],
    action: "claim",
  },
  {
    data: "empty, founding noted",
    latch: "founder, claimed with this volume",
    peers: [...listed, "another cluster"],
    action: "found",
  },
  { data: "empty, joining noted", peers: ["a member", "another cluster"], action: "resume-join" },
  { data: anyEmpty, peers: [...listed, "not a member", "another cluster"], action: "join" },
  // Nobody there.
  { data: anyEmpty, latch: "absent", peers: "silent", replicas: "3 replicas", action: "create-latch" },
  { data: anyEmpty, latch: "absent", peers: "silent", action: "wait" },
  {
    data: anyEmpty,
    latch: ["founder, unclaimed", "founder, unclaimed, cluster formed"],
    peers: "silent",
    action: "claim",
  },
  {
    data: "empty, founding noted",
    latch: "founder, claimed with this volume",
    peers: "silent",
    action: "found",
  },
  { data: anyEmpty, peers: "silent", action: "wait" },
];

function fits<T extends string>(pattern: Pattern<T> | undefined, value: T): boolean {
  if (pattern === undefined) return true;
  return typeof pattern === "string" ? pattern === value : pattern.includes(value);
}

function rowOf(of: Case): Row | undefined {
  return rows.find(
    (row) =>
      fits(row.data, of.data) &&
      fits(row.latch, of.latch) &&
      fits(row.peers, of.peers) &&
      fits(row.replicas, of.replicas) &&
      fits(row.claim, of.claim),
  );
}

describe(`the table of starts, over all ${everyCase.length} combinations`, () => {
  for (const row of rows) {
    const cases = everyCase.filter((of) => rowOf(of) === row);
    const said = [row.data, row.latch, row.peers, row.replicas, row.claim].map((each) => each?.toString() ?? "any");
    it(`${said.join(" · ")} → ${row.action} (${cases.length} cases)`, () => {
      assert.notEqual(cases.length, 0, "a row that no case meets says nothing");
      assert.deepEqual(
        cases.filter((of) => kindOf(of) !== row.action).map((of) => ({ ...of, action: kindOf(of) })),
        [],
      );
    });
  }

  it("has a row for every combination", () => {
    assert.deepEqual(
      everyCase.filter((of) => rowOf(of) === undefined),
      [],
    );
  });

  it("founds without waiting for the others where the cluster has formed, which some may have left since", () => {
    for (const peers of keys(peerWords)) {
      const action = decideStart(
        observation({
          data: "empty, founding noted",
          latch: "founder, claimed with this volume",
          peers,
          replicas: "3 replicas",
          claim: "claim stays",
        }),
      );
      if (action.kind === "found") assert.equal(action.isFormed, peers !== "silent");
    }
  });

  it("removes the leftover that went by its peer URL before it joins", () => {
    const action = decideStart(
      observation({
        data: "empty",
        latch: "no founder",
        peers: "a member",
        replicas: "3 replicas",
        claim: "claim stays",
      }),
    );
    assert(action.kind === "join");
    assert.equal(action.leftover?.id, "b1");
  });

  it("says which cluster's data lies there, and that nothing was deleted", () => {
    const action = decideStart(
      observation({
        data: "WAL of another cluster",
        latch: "no founder",
        peers: "silent",
        replicas: "3 replicas",
        claim: "claim stays",
      }),
    );
    assert(action.kind === "refuse");
    assert.match(
      action.why,
      /data of cluster deadbeef, but the one the latch stands for is cluster cdf818194e3a8c32\. Nothing was deleted/,
    );
  });

  it("rewrites a lost latch for all declared ordinals", () => {
    const action = decideStart(
      observation({
        data: "WAL of this cluster",
        latch: "absent",
        peers: "silent",
        replicas: "3 replicas",
        claim: "claim stays",
      }),
    );
    assert(action.kind === "rejoin");
    assert.equal(action.memberId, "b1");
    assert.deepEqual(action.lostLatch, { clusterId: OURS, ordinals: [0, 1, 2] });
  });
});

describe(`invariants over all ${everyCase.length} combinations`, () => {
  function always(holds: (of: Case, kind: string) => boolean): void {
    const broken = everyCase.filter((of) => !holds(of, kindOf(of)));
    assert.deepEqual(broken, []);
  }
  const hasData = (of: Case): boolean => of.data.includes("WAL");

  it("data is never founded or joined over", () => {
    always((of, kind) => !hasData(of) || ["rejoin", "wipe", "refuse", "wait"].includes(kind));
  });
  it("a cluster is founded only by a claim of this very volume, or by a founder that never claimed", () => {
    always(
      (of, kind) =>
        kind !== "found" || (of.latch === "founder, claimed with this volume" && of.data === "empty, founding noted"),
    );
    always((of, kind) => kind !== "claim" || of.latch.startsWith("founder, unclaimed"));
    always((of, kind) => kind !== "create-latch" || (of.latch === "absent" && of.peers === "silent"));
  });
  it("nothing is wiped without a quorum's word of the cluster that the volume, or else the latch, belongs to", () => {
    always((of, kind) => {
      if (kind !== "wipe") return true;
      const peers: PeersWord = peerWords[of.peers];
      const word: LatchWord = latches[of.latch];
      const expected =
        of.data === "WAL of this cluster" ? OURS : word.kind === "latched" ? word.latch.clusterId : undefined;
      return peers.kind === "quorum" && of.data !== "WAL of another cluster" && peers.clusterId === expected;
    });
  });
  it("a member with its data starts without the API server", () => {
    always(
      (of, kind) =>
        !(of.data === "WAL of this cluster" && of.latch === "no answer" && of.peers === "silent") || kind === "rejoin",
    );
  });
  it("an ordinal beyond the replicas does not start with an empty volume", () => {
    always((of, kind) => of.replicas !== "1 replica" || hasData(of) || ["wait", "refuse"].includes(kind));
  });
  it("nothing begins on a volume that goes with its pod", () => {
    always((of, kind) => of.claim === "claim stays" || hasData(of) || ["renew-volume", "wait"].includes(kind));
  });
  it("0 replicas found nothing", () => {
    always((of, kind) => of.replicas !== "hibernating" || kind !== "create-latch");
  });
});
