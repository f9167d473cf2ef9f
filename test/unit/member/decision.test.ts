import assert from "node:assert/strict";
import {
  decideStart,
  type DataDir,
  type LatchWord,
  type Observation,
  type PeersWord,
} from "../../../member/decision.ts";
import type { Member } from "../../../member/gateway.ts";
import type { Latch } from "../../../member/latch.ts";

const OURS = "cdf818194e3a8c32";
const FOREIGN = "deadbeef";
const ORDINAL = 1;

function member(ordinal: number, id: string, more: Partial<Member> = {}): Member {
  const host = `etcd-${ordinal}.etcd`;
  return {
    id,
    name: `etcd-${ordinal}`,
    peerUrls: [`http://${host}:2380`],
    clientUrls: [`http://${host}:2379`],
    isLearner: false,
    ...more,
  };
}

function latch(claim: string | undefined, clusterId: string): Latch {
  const claims = new Map([
    [0, "a"],
    [2, "c"],
  ]);
  if (claim !== undefined) claims.set(ORDINAL, claim);
  return { founders: [...claims.keys()], claims, clusterId, token: "t" };
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

type Case = {
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
    isClaimGoing: false,
    latch: latches[of.latch],
    peers: peerWords[of.peers],
    replicas: replicaWords[of.replicas],
  };
}

function keys<T extends object>(of: T): (keyof T)[] {
  return Object.keys(of) as (keyof T)[];
}

const everyCase: Case[] = keys(dataDirs).flatMap((data) =>
  keys(latches).flatMap((latch) =>
    keys(peerWords).flatMap((peers) => keys(replicaWords).map((replicas) => ({ data, latch, peers, replicas }))),
  ),
);

function kindOf(of: Case): string {
  return decideStart(observation(of)).kind;
}

describe("the table of starts", () => {
  const rows: [Case["data"], Case["latch"], Case["peers"], string][] = [
    // A founder's first start
    ["empty", "absent", "silent", "create-latch"],
    ["empty", "founder, unclaimed", "silent", "claim"],
    ["empty", "founder, unclaimed, cluster formed", "a member", "claim"],
    ["empty, founding noted", "founder, claimed with this volume", "silent", "found"],
    ["empty, founding noted", "founder, claimed with this volume", "a member", "found"],
    // Its volume was lost, or it was never a founder
    ["empty", "founder, claimed with another volume", "a member", "join"],
    ["empty", "founder, claimed with another volume", "not a member", "join"],
    ["empty", "no founder", "not a member", "join"],
    ["empty", "no founder", "a member under another ID", "join"],
    ["empty, founding noted", "founder, claimed with another volume", "a member", "join"],
    ["empty", "absent", "not a member", "join"],
    ["empty, joining noted", "no founder", "a member", "resume-join"],
    ["empty, joining noted", "no founder", "a member under another ID", "join"],
    // Nothing to go by
    ["empty", "founder, claimed with another volume", "silent", "wait"],
    ["empty", "founder, claimed, no cluster formed", "silent", "wait"],
    ["empty", "no founder", "silent", "wait"],
    ["empty", "no answer", "silent", "wait"],
    ["empty", "no answer", "a member", "wait"],
    ["empty", "of another cluster", "a member", "refuse"],
    // With data
    ["WAL of this cluster", "founder, claimed with another volume", "a member", "rejoin"],
    ["WAL of this cluster", "no answer", "silent", "rejoin"],
    ["WAL of this cluster", "absent", "silent", "rejoin"],
    ["WAL of this cluster", "founder, claimed, no cluster formed", "silent", "rejoin"],
    ["WAL of this cluster", "no founder", "not a member", "wipe"],
    ["WAL of this cluster", "no founder", "a member under another ID", "wipe"],
    ["WAL of another cluster", "no founder", "silent", "refuse"],
    ["WAL of another cluster", "no answer", "a member", "refuse"],
    ["WAL of another cluster", "absent", "not a member", "refuse"],
    ["WAL of this cluster", "no founder", "another cluster", "refuse"],
    // Data that can't be read
    ["unreadable WAL", "no founder", "silent", "wait"],
    ["unreadable WAL", "no founder", "a member", "wipe"],
    ["unreadable WAL", "no answer", "a member", "wait"],
  ];
  for (const [data, latch, peers, expected] of rows) {
    it(`${data} · latch: ${latch} · peers: ${peers} → ${expected}`, () => {
      assert.equal(kindOf({ data, latch, peers, replicas: "3 replicas" }), expected);
    });
  }

  it("removes the leftover that went by its peer URL before it joins", () => {
    const action = decideStart(
      observation({ data: "empty", latch: "no founder", peers: "a member", replicas: "3 replicas" }),
    );
    assert(action.kind === "join");
    assert.equal(action.leftover?.id, "b1");
  });

  it("says which cluster's data lies there, and that nothing was deleted", () => {
    const action = decideStart(
      observation({ data: "WAL of another cluster", latch: "no founder", peers: "silent", replicas: "3 replicas" }),
    );
    assert(action.kind === "refuse");
    assert.match(
      action.why,
      /data of cluster deadbeef, but the one the latch stands for is cluster cdf818194e3a8c32\. Nothing was deleted/,
    );
  });

  it("rewrites a lost latch for all declared ordinals", () => {
    const action = decideStart(
      observation({ data: "WAL of this cluster", latch: "absent", peers: "silent", replicas: "3 replicas" }),
    );
    assert(action.kind === "rejoin");
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
});
