import assert from "node:assert/strict";
import { execa } from "execa";
import { isRunning, recordedProcess } from "../../local/cluster/process.ts";
import { MEMBER_PROGRAM, podProcess } from "./pod-process.ts";
import { pods, TestCluster, type MemberPod } from "./test-cluster.ts";
import { eventually, worldContext } from "./world.ts";

const METRICS_PORT = 2381;

/** Others may use the cluster meanwhile: each outage is as short as what is to be seen in it. */
(worldContext === "etcd-local" ? describe : describe.skip)("members while Kubernetes itself is out", function () {
  this.timeout(120_000);
  const cluster = new TestCluster("outage");
  const { stack } = cluster;

  before(async function () {
    this.timeout(1_800_000);
    await cluster.start();
  });
  after(() => stack.cleanUp());

  /** The API server is there, and answers nobody. */
  async function withoutApiServer(during: () => Promise<void>): Promise<void> {
    const pid = recordedProcess("kube-apiserver")?.pid;
    assert(pid !== undefined);
    process.kill(pid, "SIGSTOP");
    try {
      await during();
    } finally {
      process.kill(pid, "SIGCONT");
    }
  }

  async function serves({ name, address }: MemberPod, withinMs: number): Promise<void> {
    await eventually(`${name} serves`, withinMs, async () => {
      const answer = await fetch(`http://${address}:${METRICS_PORT}/readyz`, { signal: AbortSignal.timeout(1_000) });
      return answer.status === 200 ? true : undefined;
    });
  }

  it("members that are killed while the API server is away come back by themselves", async () => {
    const before = await cluster.ids();
    const all = await cluster.memberPods();
    await withoutApiServer(async () => {
      const killed = all.map(({ uid }) => podProcess(uid, "etcd"));
      for (const pid of killed) process.kill(pid, "SIGKILL");
      await Promise.all(all.map((pod) => serves(pod, 8_000)));
      for (const { uid } of all) assert(!killed.includes(podProcess(uid, "etcd")));
    });
    await cluster.settlesAt(3);
    assert.deepEqual(await cluster.ids(), before);
  });

  it("so does one whose member program is killed", async () => {
    const [, pod] = await cluster.memberPods();
    assert(pod !== undefined);
    await withoutApiServer(async () => {
      process.kill(podProcess(pod.uid, MEMBER_PROGRAM), "SIGKILL");
      await eventually("it is down", 5_000, async () => (await isDown(pod)) || undefined);
      await serves(pod, 12_000);
    });
    await cluster.settlesAt(3);
    assert.match(await cluster.logs("etcd-1"), /Re-joining etcd member/);
  });

  async function isDown({ address }: MemberPod): Promise<boolean> {
    const url = `http://${address}:${METRICS_PORT}/readyz`;
    return fetch(url, { signal: AbortSignal.timeout(500) }).then(
      () => false,
      () => true,
    );
  }

  for (const replicas of [5, 3]) {
    it(`scaling to ${replicas} waits for the API server, and goes on`, async () => {
      await cluster.patch(replicas);
      await withoutApiServer(() => new Promise((resolve) => setTimeout(resolve, 3_000)));
      await cluster.settlesAt(replicas);
    });
  }

  it("a restarted kubelet leaves the members as they are", async () => {
    const state = async (): Promise<string> => {
      const path = "jsonpath={.items[*].status.containerStatuses[*].containerID}";
      return (await stack.kubectl("get", "pods", "-l", "app=etcd", "-o", path)).stdout;
    };
    const [before, members] = [await state(), await cluster.ids()];
    const kubelet = recordedProcess("kubelet");
    assert(kubelet !== undefined);
    process.kill(kubelet.pid, "SIGTERM");
    await eventually("the kubelet has ended", 5_000, () => Promise.resolve(isRunning(kubelet) ? undefined : true));
    await execa(process.execPath, ["local/cluster/command.ts", "up"], { stdin: "ignore" });
    assert.notEqual(recordedProcess("kubelet")?.pid, kubelet.pid);
    await cluster.settlesAt(3);
    assert.equal(await state(), before);
    assert.deepEqual(await cluster.ids(), members);
  });

  it("no acknowledged write was lost on the way, and every read was right", () =>
    cluster.nothingWasLost(pods(3).length));
});
