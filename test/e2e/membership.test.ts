import assert from "node:assert/strict";
import { TestCluster } from "./test-cluster.ts";
import { eventually } from "./world.ts";

const sequence = [5, 4, 3, 1, 3];

describe("membership follows the number of replicas, with a writer running", function () {
  this.timeout(180_000);
  const cluster = new TestCluster("membership");
  const { stack } = cluster;

  before(async function () {
    this.timeout(1_800_000);
    await cluster.start();
  });
  after(() => stack.cleanUp());

  it(`3 → ${sequence.join(" → ")}, by kubectl patch`, async () => {
    for (const replicas of sequence) {
      await cluster.patch(replicas);
      await cluster.settlesAt(replicas);
    }
  });

  it(`C4, B8, B9: 3 → ${sequence.join(" → ")}, by the setting and up`, async () => {
    for (const replicas of sequence) {
      await cluster.up(replicas);
      await cluster.settlesAt(replicas);
    }
  });

  it("B10: after 5 → 4 → 5 the new etcd-4 is a fresh member; 5 → 3 in one step", async () => {
    await cluster.patch(5);
    await cluster.settlesAt(5);
    const first = await cluster.ids();
    await cluster.patch(4);
    await cluster.settlesAt(4);
    await cluster.patch(5);
    await cluster.settlesAt(5);
    const second = await cluster.ids();
    assert.notEqual(first["etcd-4"], second["etcd-4"]);
    assert.deepEqual({ ...first, "etcd-4": "" }, { ...second, "etcd-4": "" });
    assert.match(await cluster.logs("etcd-4"), /Joining as learner[^]*Promoted/);
    await cluster.patch(3);
    await cluster.settlesAt(3);
  });

  it("3 → 5 → 3 → 5 → 3 with two seconds between the changes ends right", async () => {
    for (const replicas of [5, 3, 5]) {
      await cluster.patch(replicas);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
    await cluster.patch(3);
    await cluster.settlesAt(3);
  });

  it("a scale change in the middle of a rolling restart ends right", async () => {
    for (const replicas of [5, 3]) {
      const restarted = `etcd-${replicas === 5 ? 2 : 4}`;
      const before = await cluster.uid(restarted);
      await stack.kubectl("rollout", "restart", "statefulset/etcd");
      await eventually(`${restarted} is being restarted`, 60_000, async () =>
        (await cluster.uid(restarted)) !== before ? true : undefined,
      );
      await cluster.patch(replicas);
      await cluster.settlesAt(replicas);
    }
  });

  it("9 members, and back", async () => {
    await cluster.patch(9);
    await cluster.settlesAt(9);
    await cluster.patch(3);
    await cluster.settlesAt(3);
  });

  it("3 → 0 → 3 keeps every member", async () => {
    const before = await cluster.ids();
    await cluster.patch(0);
    await eventually("all pods are gone", 60_000, async () =>
      (await stack.kubectl("get", "pods", "-l", "app=etcd", "-o", "name")).stdout === "" ? true : undefined,
    );
    await cluster.patch(3);
    await cluster.settlesAt(3);
    assert.deepEqual(await cluster.ids(), before);
  });

  it("a StatefulSet that up has to replace keeps its members and their data", async () => {
    const before = await cluster.ids();
    const identity = async (): Promise<string> =>
      (await stack.kubectl("get", "statefulset", "etcd", "-o", "jsonpath={.metadata.uid}")).stdout;
    const first = await identity();
    stack.set("storageSize", "2Gi");
    await stack.run("up");
    assert.notEqual(await identity(), first);
    await cluster.settlesAt(3);
    assert.deepEqual(await cluster.ids(), before);
  });

  it("no acknowledged write was lost on the way, and every read was right", () => cluster.nothingWasLost(3));

  it("a data dir of another cluster is refused, and nothing in it is deleted", async () => {
    await cluster.patch(1);
    await cluster.settlesAt(1);
    const { stdout: id } = await stack.kubectl("get", "configmap", "etcd-latch", "-o", "jsonpath={.data.cluster-id}");
    const setLatch = (clusterId: string): Promise<unknown> =>
      stack.kubectl("patch", "configmap", "etcd-latch", "-p", JSON.stringify({ data: { "cluster-id": clusterId } }));
    await setLatch("abc123");
    await stack.deletePods(["etcd-0"]);
    await cluster.says("etcd-0", new RegExp(`Refusing to start: the volume holds data of cluster ${id}`));
    await setLatch(id);
    await stack.deletePods(["etcd-0"]);
    await cluster.settlesAt(1);
  });
});
