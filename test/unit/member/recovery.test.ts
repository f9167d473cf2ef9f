import assert from "node:assert/strict";
import { decideStart, type LatchWord, type Observation, type PeersWord } from "../../../member/decision.ts";
import { etcdArguments } from "../../../member/etcd-process.ts";
import { fromData, newLatch, toData } from "../../../member/latch.ts";
import { parseSettings } from "../../../member/settings.ts";

const OURS = "c1";

function latch(recovery: string, givenUp: readonly string[]): LatchWord {
  return { kind: "latched", latch: { ...newLatch(3, "t"), clusterId: OURS, recovery, givenUp } };
}

const member = (ordinal: number, id: string) => ({
  id,
  name: `etcd-${ordinal}`,
  peerUrls: [`http://etcd-${ordinal}.etcd:2380`],
  clientUrls: [`http://etcd-${ordinal}.etcd:2379`],
  isLearner: false,
});

const silent: PeersWord = { kind: "silent" };
const listed: PeersWord = { kind: "quorum", clusterId: OURS, members: [member(0, "a0"), member(1, "a1")] };
const notListed: PeersWord = { kind: "quorum", clusterId: OURS, members: [member(0, "a0")] };

function seen(latchWord: LatchWord, peers: PeersWord, latchSilentMs = 0): Observation {
  return {
    ordinal: 1,
    peerUrl: "http://etcd-1.etcd:2380",
    dataDir: { kind: "wal", identity: { clusterId: OURS, memberId: "a1" } },
    isClaimGoing: false,
    latch: latchWord,
    latchSilentMs,
    peers,
    replicas: 3,
  };
}

describe("a start under a recovery, with data of member a1 of this cluster", () => {
  const table: readonly (readonly [string, LatchWord, PeersWord, string])[] = [
    ["none", latch("", []), silent, "rejoin"],
    ["it names a1, and nobody answers", latch("a1", ["a0"]), silent, "go-on-alone"],
    ["it names a1, but a quorum answers that lists it", latch("a1", ["a0"]), listed, "void-recovery"],
    ["it names a1, but a quorum answers that does not", latch("a1", ["a0"]), notListed, "void-recovery"],
    ["it is done: a1 went on alone", latch("", ["a0"]), silent, "rejoin"],
    ["a1 was given up, and nobody answers", latch("a0", ["a1"]), silent, "wait"],
    ["a1 was given up, and the recovered cluster answers", latch("", ["a1"]), notListed, "wipe"],
    ["a1 was given up, but a quorum still counts on it", latch("", ["a1"]), listed, "rejoin"],
    ["the API server does not answer for a moment", { kind: "silent", why: "away" }, silent, "wait"],
    ["it does not for a moment, but a quorum does", { kind: "silent", why: "away" }, listed, "rejoin"],
  ];
  for (const [what, latchWord, peers, action] of table) {
    it(`${what}: ${action}`, () => assert.equal(decideStart(seen(latchWord, peers)).kind, action));
  }

  it("the API server is away: rejoin, whatever the latch may say", () => {
    assert.equal(decideStart(seen({ kind: "silent", why: "away" }, silent, 3_000)).kind, "rejoin");
  });

  it("another cluster's data is refused, whatever the recovery says", () => {
    const observation = seen(latch("a1", []), silent);
    const foreign = {
      ...observation,
      dataDir: { kind: "wal", identity: { clusterId: "ff", memberId: "a1" } },
    } as const;
    assert.equal(decideStart(foreign).kind, "refuse");
  });

  it("an empty volume never goes on alone", () => {
    const empty = { ...seen(latch("a1", []), silent), dataDir: { kind: "empty", firstStart: undefined } } as const;
    assert.notEqual(decideStart(empty).kind, "go-on-alone");
  });
});

describe("the latch under a recovery", () => {
  it("is read as it is written, and a latch from before the first recovery has none", () => {
    const recovering = { ...newLatch(3, "t"), recovery: "a0", givenUp: ["a1", "a2"] };
    assert.deepEqual(fromData(toData(recovering), "etcd-latch"), recovering);
    assert.deepEqual(fromData(toData(newLatch(3, "t")), "etcd-latch"), newLatch(3, "t"));
  });
});

describe("etcd while it drops the other members", () => {
  it("hears nobody from outside the pod, and is told so only then", () => {
    const settings = parseSettings({
      POD_NAME: "etcd-1",
      POD_NAMESPACE: "etcd",
      ETCD_CLUSTER_NAME: "etcd",
      ETCD_PEER_SERVICE: "etcd",
      ETCD_LATCH: "etcd-latch",
      ETCD_DATA_DIR: "/data",
      ETCD_CLUSTER_TOKEN: "etcd/etcd",
    });
    const alone = etcdArguments(settings, "alone");
    assert(alone.includes("--force-new-cluster=true"));
    const listening = alone.filter((flag) => flag.startsWith("--listen"));
    assert.deepEqual(
      listening.map((flag) => flag.split("=")[1]),
      ["http://127.0.0.1:2380", "http://127.0.0.1:2379", "http://127.0.0.1:2381"],
    );
    assert(!etcdArguments(settings, undefined).join().includes("force-new-cluster"));
  });
});
