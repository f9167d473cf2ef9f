import assert from "node:assert/strict";
import type { DataDir } from "../../../member/decision.ts";
import { claimFounding, found } from "../../../member/founding.ts";
import type { Gateway } from "../../../member/gateway.ts";
import { NoAnswer } from "../../../member/http.ts";
import type { Kubernetes } from "../../../member/kubernetes.ts";
import { newLatch, rewrittenLatch, toData } from "../../../member/latch.ts";
import { LatchStore } from "../../../member/latch-store.ts";
import { attendStart } from "../../../member/attending.ts";
import { observe } from "../../../member/observation.ts";
import { Stop } from "../../../member/pause.ts";
import type { Clock, Etcd, Ports, Volume } from "../../../member/ports.ts";
import { stopEtcd } from "../../../member/stopping.ts";
import { gatewayWhere, kubernetesWhere, portsWhere } from "./fake-ports.ts";
import { listedMember as member } from "./listed-member.ts";

const nobody = (): Promise<never> => Promise.reject(new NoAnswer("nobody there"));

interface Given {
  readonly volume?: Partial<Volume>;
  readonly kubernetes?: Partial<Kubernetes>;
  readonly clock?: Partial<Clock>;
  readonly gateway?: (url: string) => Partial<Gateway>;
  readonly resolves?: (host: string) => Promise<boolean>;
}

/** Ports of etcd-0 behind which nobody answers, but for what is given. */
function ports({ volume, kubernetes, clock, gateway, resolves }: Given): Ports {
  const silent = portsWhere(nobody);
  return {
    ...silent,
    volume: { ...silent.volume, ...volume },
    kubernetes: kubernetesWhere(nobody, kubernetes),
    clock: { ...silent.clock, ...clock },
    gateway: (url) => gatewayWhere(nobody, gateway?.(url)),
    resolves: resolves ?? (() => Promise.resolve(true)),
  };
}

function runningEtcd(): Etcd & { stopped: boolean } {
  const etcd = {
    stopped: false,
    startedAt: 0,
    isRunning: true,
    exited: new Promise<never>(() => undefined),
    waitsInVain: () => Promise.resolve(false),
    stop: () => {
      etcd.stopped = true;
      return Promise.resolve({ code: 0, signal: null });
    },
  };
  return etcd;
}

// Each was found by the simulation; docs/adr/0002-starts.md tells them in the same order.
describe("counter-examples that the simulation found", () => {
  it("a claim that arrives after its answer was given up is still this volume's: its word is used again", async () => {
    let dataDir: DataDir = { kind: "empty", firstStart: undefined };
    const words: string[] = [];
    const founder = ports({
      volume: {
        lookAt: () => dataDir,
        noteFirstStart: (firstStart) => {
          dataDir = { kind: "empty", firstStart };
        },
      },
      kubernetes: {
        compareAndSet: (_name, _key, _seen, word) => {
          words.push(word);
          return nobody();
        },
      },
    });
    for (const randomWord of [() => "first", () => "second"])
      await assert.rejects(claimFounding({ ...founder, randomWord }, new LatchStore(founder)), NoAnswer);
    assert.deepEqual(words, ["first", "first"]);
    assert.deepEqual(dataDir, { kind: "empty", firstStart: { kind: "founding", claim: "first" } });
  });

  it("a founder that comes late does not wait for one that has left since, where the cluster has formed", async () => {
    const late = ports({ resolves: (host) => Promise.resolve(!host.startsWith("etcd-2")) });
    const flags = await found(late, newLatch(3, "t"), true, new Stop());
    assert.deepEqual(flags?.initialCluster.size, 3);
  });

  it("a founder that waits for names looks at everything anew from time to time", async () => {
    let now = 0;
    const late = ports({
      resolves: () => Promise.resolve(false),
      clock: {
        now: () => now,
        pause: (ms) => {
          now += ms;
          return Promise.resolve();
        },
      },
    });
    assert.equal(await found(late, newLatch(3, "t"), false, new Stop()), undefined);
    assert(now < 60_000);
  });

  it("a member without data hears of the last one that has some, though that one is to leave", async () => {
    const empty = ports({
      kubernetes: {
        statefulSet: () => Promise.resolve({ replicas: 1, deleting: false, owner: undefined }),
        configMap: () => Promise.resolve(toData(rewrittenLatch([0], "c1"))),
        claim: () => Promise.resolve({ deleting: false }),
      },
      gateway: (url) =>
        url.includes("etcd-3")
          ? { members: () => Promise.resolve({ clusterId: "c1", members: [member(3, "d1")] }) }
          : {},
    });
    const { peers } = await observe(empty);
    assert.deepEqual(peers, { kind: "quorum", clusterId: "c1", members: [member(3, "d1")] });
  });

  it("a member whose etcd has died still leaves: its volume knows who it is", async () => {
    const removed: string[] = [];
    let wiped = false;
    const leaving = ports({
      volume: {
        lookAt: () => ({ kind: "wal", identity: { clusterId: "c1", memberId: "a1" } }),
        wipe: () => {
          wiped = true;
        },
      },
      gateway: (url) => {
        if (url.includes("127.0.0.1")) return {};
        return {
          members: () => Promise.resolve({ clusterId: "c1", members: [member(0, "a1"), member(1, "b1")] }),
          remove: (id) => {
            removed.push(id);
            return Promise.resolve();
          },
        };
      },
    });
    const etcd = { ...runningEtcd(), isRunning: false };
    await stopEtcd(leaving, etcd, { kind: "leave", replicas: 0 });
    assert.deepEqual([removed, wiped], [["a1"], true]);
  });

  it("a learner whose claim was deleted is not promoted: it asks for another pod, and so for another volume", async () => {
    const over = new Stop();
    const deleted: string[] = [];
    const learner = ports({
      volume: {
        lookAt: () => ({ kind: "wal", identity: { clusterId: "c1", memberId: "a1" } }),
        forgetFirstStart: () => undefined,
      },
      kubernetes: {
        claim: (name) => Promise.resolve({ deleting: name === "data-etcd-0" }),
        deletePod: (name) => {
          deleted.push(name);
          over.ask();
          return Promise.resolve();
        },
      },
      gateway: () => ({
        status: () =>
          Promise.resolve({ memberId: "a1", clusterId: "c1", leaderId: "b1", appliedIndex: 9n, isLearner: true }),
        promote: () => Promise.reject(new TypeError("promoted on a volume that goes")),
      }),
    });
    await attendStart(learner, new LatchStore(learner), runningEtcd(), true, over);
    assert.deepEqual(deleted, ["etcd-0"]);
  });

  it("a member that was named to go on alone, and started with a quorum all the same, takes that back", async () => {
    const latched = toData({ ...rewrittenLatch([0, 1], "c1"), recovery: "a1" });
    const told: string[] = [];
    const over = new Stop();
    const named = ports({
      volume: {
        lookAt: () => ({ kind: "wal", identity: { clusterId: "c1", memberId: "a1" } }),
        forgetFirstStart: () => undefined,
      },
      kubernetes: {
        configMap: () => Promise.resolve(latched),
        compareAndSet: (_name, key, seen, value) => {
          told.push(`${key}: "${seen}" → "${value}"`);
          over.ask();
          return Promise.resolve(true);
        },
      },
      gateway: () => ({
        status: () =>
          Promise.resolve({ memberId: "a1", clusterId: "c1", leaderId: "b1", appliedIndex: 9n, isLearner: false }),
        members: () => {
          told.push("a quorum answers");
          return Promise.resolve({ clusterId: "c1", members: [member(0, "a1"), member(1, "b1")] });
        },
      }),
    });
    await attendStart(named, new LatchStore(named), runningEtcd(), false, over);
    assert.deepEqual(told, ["a quorum answers", 'recovery: "a1" → ""']);
  });
});
