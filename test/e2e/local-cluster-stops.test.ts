import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { MEMBER_PROGRAM, podProcess } from "./pod-process.ts";
import { TestCluster, type MemberPod } from "./test-cluster.ts";
import { eventually, worldContext } from "./world.ts";

const CLIENT_PORT = 2379;

(worldContext === "etcd-local" ? describe : describe.skip)("a member's pod that is deleted", function () {
  this.timeout(120_000);
  const cluster = new TestCluster("stops");
  const { stack } = cluster;

  before(async function () {
    this.timeout(1_800_000);
    await cluster.start();
  });
  after(() => stack.cleanUp());

  async function pod(name: string): Promise<MemberPod> {
    const found = (await cluster.memberPods()).find((each) => each.name === name);
    assert(found !== undefined, `there is no pod ${name}`);
    return found;
  }

  /** Well before its grace period is over. */
  async function isGone({ name, uid }: MemberPod): Promise<void> {
    await eventually(`the pod that was ${name} is gone`, 25_000, async () =>
      (await cluster.memberPods()).every((each) => each.uid !== uid) ? true : undefined,
    );
  }

  it("ends although a client holds a connection on which it never sent a byte, for which etcd itself would wait", async () => {
    const deleted = await pod("etcd-1");
    const silent = connect(CLIENT_PORT, deleted.address);
    await new Promise((resolve, reject) => silent.once("connect", resolve).once("error", reject));
    silent.on("error", () => undefined);
    try {
      await stack.kubectl("delete", "pod", "etcd-1", "--wait=false");
      await isGone(deleted);
    } finally {
      silent.destroy();
    }
    await cluster.settlesAt(3);
  });

  it("ends at once although its program could not catch the signal yet when it came", async () => {
    const pid = await beforeItListens("etcd-1");
    const deleted = await pod("etcd-1");
    try {
      await stack.kubectl("delete", "pod", "etcd-1", "--wait=false");
      // The kubelet has sent its SIGTERM by then.
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      assert(!catchesSigterm(pid), "it was stopped too late for what is to be shown");
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await isGone(deleted);
    await cluster.settlesAt(3);
  });

  /** Deletes a pod and stops its successor's process 1 before it is more than begun. */
  async function beforeItListens(name: string): Promise<number> {
    for (let attempt = 1; attempt <= 5; attempt++) {
      const old = (await cluster.memberPods()).find((pod) => pod.name === name);
      await stack.kubectl("delete", "pod", name, "--wait=false");
      const { uid } = await eventually(`${name} has a successor`, 30_000, async () =>
        (await cluster.memberPods()).find((pod) => pod.name === name && pod.uid !== old?.uid),
      );
      const pid = await startOf(uid);
      if (pid !== undefined) {
        process.kill(pid, "SIGSTOP");
        if (!catchesSigterm(pid)) return pid;
        process.kill(pid, "SIGCONT");
      }
      await cluster.settlesAt(3);
    }
    throw new Error(`${name} listened each time before it could be stopped`);
  }

  /** The pod's first process as soon as it is Node; undefined where it is further than that already. */
  async function startOf(uid: string): Promise<number | undefined> {
    const deadline = Date.now() + 30_000;
    while (Date.now() < deadline) {
      for (const name of ["node", MEMBER_PROGRAM]) {
        try {
          const pid = podProcess(uid, name);
          return name === "node" ? pid : undefined;
        } catch {
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    }
    throw new Error(`nothing runs in pod ${uid}`);
  }

  /** By the kernel's word: bit 14 of the signals for which the process has a handler (proc(5), SigCgt). */
  function catchesSigterm(pid: number): boolean {
    const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "";
    return (BigInt(`0x${mask}`) & (1n << 14n)) !== 0n;
  }

  it("no acknowledged write was lost on the way, and every read was right", () => cluster.nothingWasLost(3));
});
