import assert from "node:assert/strict";
import { parseMembers, type ListedMember } from "./etcdctl.ts";
import { eventually, TestStack } from "./world.ts";

describe("membership follows the number of replicas", function () {
  this.timeout(180_000);
  const stack = new TestStack("membership");
  let written = 0;

  const list = async (): Promise<ListedMember[]> =>
    parseMembers(await stack.etcdctl("etcd-0", "member", "list", "-w", "json"));

  /** Every key that was ever acknowledged is there, on a member's own word. */
  async function nothingIsLost(pods: readonly string[]): Promise<void> {
    const key = `key-${++written}`;
    await eventually(`${key} is acknowledged`, 30_000, () =>
      stack.etcdctl("etcd-0", "--command-timeout=2s", "put", key, "v"),
    );
    for (const pod of pods) {
      const count = await eventually(`${pod} has all keys`, 20_000, async () => {
        const out = await stack.etcdctl(pod, "get", "key-", "--prefix", "--keys-only", "--consistency=s");
        const seen = out.split("\n").filter((line) => line.startsWith("key-")).length;
        return seen === written ? seen : undefined;
      });
      assert.equal(count, written);
    }
  }

  /** Exactly these ordinals are started voters, and exactly their claims are left. */
  async function settlesAt(replicas: number): Promise<void> {
    const names = Array.from({ length: replicas }, (_, ordinal) => `etcd-${ordinal}`);
    await eventually(`${replicas} voters and nothing else`, 60_000, async () => {
      const members = await list();
      const voters = members.flatMap(({ name, isLearner }) => (isLearner === true ? [] : (name ?? [])));
      return voters.sort().join() === names.join() && members.length === replicas ? true : undefined;
    });
    await eventually(`${replicas} claims`, 60_000, async () => {
      const { stdout } = await stack.kubectl("get", "pvc", "-o", "jsonpath={.items[*].metadata.name}");
      return stdout.split(" ").sort().join() === names.map((name) => `data-${name}`).join() ? true : undefined;
    });
    await stack.kubectl("rollout", "status", "statefulset/etcd", "--timeout=90s");
    await nothingIsLost(names);
  }

  const scale = (replicas: number): Promise<unknown> =>
    stack.kubectl("patch", "statefulset", "etcd", "-p", JSON.stringify({ spec: { replicas } }));

  before(async function () {
    this.timeout(1_800_000);
    await stack.removeLeftovers();
    await stack.run("up");
  });
  after(() => stack.cleanUp());

  for (const [from, to] of [
    [3, 5],
    [5, 4],
    [4, 5],
    [5, 3],
    [3, 1],
    [1, 3],
  ] as const) {
    it(`${from} → ${to}, by kubectl patch`, async () => {
      await scale(to);
      await settlesAt(to);
    });
  }

  it("B8, C4: 3 → 5 by the setting, as pulumi does it; B10: etcd-4 is a fresh member each time", async () => {
    stack.set("replicas", 5);
    await stack.run("up");
    await settlesAt(5);
    const first = (await list()).find(({ name }) => name === "etcd-4")?.ID;
    await scale(4);
    await settlesAt(4);
    await stack.run("up");
    await settlesAt(5);
    const second = (await list()).find(({ name }) => name === "etcd-4")?.ID;
    assert(first !== undefined && second !== undefined);
    assert.notEqual(first, second);
    assert.match((await stack.kubectl("logs", "etcd-4")).stdout, /Joining as learner[^]*Promoted/);
    stack.reset();
    await stack.run("up");
    await settlesAt(3);
  });

  it("3 → 0 → 3 keeps every key and every member", async () => {
    const before = await list();
    await scale(0);
    await eventually("all pods are gone", 60_000, async () =>
      (await stack.kubectl("get", "pods", "-l", "app=etcd", "-o", "name")).stdout === "" ? true : undefined,
    );
    await scale(3);
    await eventually("the members answer", 60_000, async () => ((await list()).length === 3 ? true : undefined));
    await settlesAt(3);
    assert.deepEqual(new Set((await list()).map(({ ID }) => ID)), new Set(before.map(({ ID }) => ID)));
  });

  it("a member in the middle that lost its volume is replaced, and the others stay", async () => {
    const before = await list();
    await stack.kubectl("delete", "pvc", "data-etcd-1", "--wait=false");
    await stack.kubectl("delete", "pod", "etcd-1");
    await eventually("etcd-1 is another member", 90_000, async () => {
      const now = (await list()).find(({ name }) => name === "etcd-1");
      return now !== undefined && !before.some(({ ID }) => ID === now.ID) ? true : undefined;
    });
    await settlesAt(3);
    const kept = (await list()).filter(({ ID }) => before.some((member) => member.ID === ID)).map(({ name }) => name);
    assert.deepEqual(kept.sort(), ["etcd-0", "etcd-2"]);
  });

  it("a data dir of another cluster is refused, and nothing in it is deleted", async () => {
    await scale(1);
    await settlesAt(1);
    const { stdout: id } = await stack.kubectl("get", "configmap", "etcd-latch", "-o", "jsonpath={.data.cluster-id}");
    const setLatch = (clusterId: string): Promise<unknown> =>
      stack.kubectl("patch", "configmap", "etcd-latch", "-p", JSON.stringify({ data: { "cluster-id": clusterId } }));
    await setLatch("abc123");
    await stack.kubectl("delete", "pod", "etcd-0");
    await eventually("etcd-0 refuses to start", 60_000, async () => {
      const { stdout } = await stack.kubectl("logs", "etcd-0");
      return stdout.includes(`Refusing to start: the volume holds data of cluster ${id}`) ? true : undefined;
    });
    await setLatch(id);
    await stack.kubectl("delete", "pod", "etcd-0");
    await eventually("etcd-0 starts with its data", 60_000, async () =>
      (await list()).length === 1 ? true : undefined,
    );
    await settlesAt(1);
  });
});
