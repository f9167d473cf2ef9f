import assert from "node:assert/strict";
import { Cluster } from "../../../desk/cluster.ts";
import { chooseSurvivor, recover, takeBack } from "../../../desk/recovery.ts";
import { FakeCluster } from "./fake-cluster.ts";

const PATCH = "PATCH /api/v1/namespaces/etcd/configmaps/etcd-latch ";

describe("a recovery that is left over (an API server of the test's own)", () => {
  const api = new FakeCluster();
  let cluster: Cluster;

  before(async () => {
    await api.start();
    cluster = new Cluster({ kubeconfig: api.kubeconfig, context: "here", namespace: "etcd" }, "etcd");
  });
  beforeEach(() => {
    api.manners = ["well", "well", "well"];
    api.latch = { "cluster-id": "c1" };
    api.asked = [];
  });
  after(() => api.remove());

  /** Whom `takeBack` names, and what it writes into the latch: undefined where it writes nothing. */
  async function takenBack(): Promise<{ members: readonly string[]; written: unknown }> {
    const seen = await cluster.look();
    assert(seen !== undefined);
    const members = await takeBack(cluster, seen);
    assert(
      api.changes.every((change) => change.startsWith(PATCH)),
      api.changes.join("\n"),
    );
    assert(api.changes.length <= 1);
    const [change] = api.changes;
    return { members, written: change === undefined ? undefined : (JSON.parse(change.slice(PATCH.length)) as unknown) };
  }

  it("is taken back where a quorum answers: who is on its list may start again, who is not stays given up", async () => {
    api.latch = { "cluster-id": "c1", "given-up": "dead,a1,a2,gone" };
    assert.deepEqual(await takenBack(), {
      members: ["a1", "a2"],
      written: { data: { recovery: "", "given-up": "dead,gone" } },
    });
  });

  it("is taken back for a listed member that does not answer: the quorum counts on its data", async () => {
    api.manners = ["well", "well", "silent"];
    api.latch = { "cluster-id": "c1", "given-up": "a2" };
    assert.deepEqual(await takenBack(), { members: ["a2"], written: { data: { recovery: "", "given-up": "" } } });
  });

  it("is taken back where it only names who goes on alone, and gives nobody up that is listed", async () => {
    api.latch = { "cluster-id": "c1", "given-up": "dead", recovery: "a0" };
    assert.deepEqual(await takenBack(), { members: [], written: { data: { recovery: "", "given-up": "dead" } } });
  });

  it("stays where no quorum answers, whoever is listed: an old majority must not come back beside the survivor", async () => {
    api.manners = ["without quorum", "silent", "silent"];
    api.latch = { "cluster-id": "c1", "given-up": "a1,a2", recovery: "a0" };
    assert.deepEqual(await takenBack(), { members: [], written: undefined });
  });

  it("needs nothing to be taken back where it is done: those it gave up are no members any more", async () => {
    api.latch = { "cluster-id": "c1", "given-up": "dead,gone", recovery: "" };
    assert.deepEqual(await takenBack(), { members: [], written: undefined });
  });

  it("is not begun where a quorum is back when the others are given up: that is undone, and no pod is deleted", async () => {
    api.manners = ["without quorum", "silent", "silent"];
    api.latch = { "cluster-id": "c1", "given-up": "dead" };
    const seen = await cluster.look();
    assert(seen !== undefined);
    const chosen = chooseSurvivor(seen);
    assert(typeof chosen !== "string");
    api.manners = ["well", "well", "silent"];
    const patience = { podsEndMs: 100, regrowMs: 100 };
    const once = (): Promise<void> => Promise.reject(new Error("it is not alone"));
    await assert.rejects(
      recover(cluster, chosen, () => undefined, patience, once),
      /a quorum answers again/,
    );
    assert.deepEqual(api.changes, [
      `${PATCH}{"data":{"given-up":"dead,a1,a2"}}`,
      `${PATCH}{"data":{"given-up":"dead"}}`,
    ]);
  });

  for (const [what, latch, expected] of [
    ["there is no latch", undefined, /there is no ConfigMap etcd-latch: delete pod etcd-0/],
    ["the latch stands for another cluster", { "cluster-id": "c2" }, /etcd-0 holds data of another cluster/],
  ] as const) {
    it(`is not begun where ${what}: nothing is changed`, async () => {
      api.manners = ["without quorum", "silent", "silent"];
      api.latch = latch;
      const seen = await cluster.look();
      assert(seen !== undefined);
      const chosen = chooseSurvivor(seen);
      assert(typeof chosen !== "string");
      const patience = { podsEndMs: 100, regrowMs: 100 };
      await assert.rejects(
        recover(
          cluster,
          chosen,
          () => undefined,
          patience,
          () => Promise.resolve(),
        ),
        expected,
      );
      assert.deepEqual(api.changes, []);
    });
  }
});
