import assert from "node:assert/strict";
import { found } from "../../../member/founding.ts";
import type { Latch } from "../../../member/latch.ts";
import { Stop } from "../../../member/pause.ts";
import type { Ports } from "../../../member/ports.ts";
import { portsWhere, settingsOf } from "./fake-ports.ts";

const latch: Latch = {
  founders: [0, 1, 2],
  claims: new Map(),
  clusterId: "",
  token: "t",
  recovery: "",
  givenUp: [],
};

/** Ports of a founder for which each pause takes its time, and which says when its first one was asked. */
function ports(
  ordinal: number,
  servesAt: (now: number) => boolean,
  onAsked: () => void = () => undefined,
): Ports & { readonly now: () => number; readonly asked: () => readonly string[] } {
  let now = 0;
  const asked = new Set<string>();
  const unused = portsWhere(() => Promise.reject(new Error("not asked by this test")));
  return {
    ...unused,
    settings: settingsOf(ordinal),
    clock: {
      now: () => now,
      pause: (ms) => {
        now += ms;
        return Promise.resolve();
      },
    },
    servesPeers: (url) => {
      asked.add(url);
      onAsked();
      return Promise.resolve(servesAt(now));
    },
    now: () => now,
    asked: () => [...asked],
  };
}

describe("founders that start in the same moment", () => {
  it("start one before the others: the lowest one waits for nobody", async () => {
    const given = ports(0, () => false);
    const flags = await found(given, latch, false, new Stop());
    assert.deepEqual(given.asked(), []);
    assert.equal(given.now(), 0);
    assert.deepEqual([...(flags?.initialCluster.keys() ?? [])], ["etcd-0", "etcd-1", "etcd-2"]);
  });

  it("start as soon as the lowest one serves its peers", async () => {
    const given = ports(2, (now) => now >= 140);
    const flags = await found(given, latch, false, new Stop());
    assert.deepEqual(given.asked(), ["http://etcd-0.etcd:2380"]);
    assert.equal(given.now(), 140);
    assert.deepEqual([flags?.state, flags?.initialCluster.size], ["new", 3]);
  });

  it("go on without the lowest one where it is late", async () => {
    const given = ports(1, () => false);
    const flags = await found(given, latch, false, new Stop());
    assert.equal(given.now(), 2_000);
    assert.equal(flags?.state, "new");
  });

  it("wait for the lowest that founds, whatever its ordinal", async () => {
    const given = ports(4, () => true);
    await found(given, { ...latch, founders: [2, 3, 4] }, false, new Stop());
    assert.deepEqual(given.asked(), ["http://etcd-2.etcd:2380"]);
  });

  it("wait for nobody where the cluster has formed already", async () => {
    const given = ports(1, () => false);
    const flags = await found(given, latch, true, new Stop());
    assert.deepEqual(given.asked(), []);
    assert.equal(flags?.state, "new");
  });

  it("start nothing where the pod is told to stop meanwhile", async () => {
    const stop = new Stop();
    const given = ports(
      1,
      () => false,
      () => stop.ask(),
    );
    assert.equal(await found(given, latch, false, stop), undefined);
  });
});
