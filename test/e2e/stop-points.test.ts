import assert from "node:assert/strict";
import { execa } from "execa";
import { bundle } from "../../components/bundle.ts";
import { stopPoints, type StopPoint } from "../../member/stop-points.ts";
import { pods, TestCluster } from "./test-cluster.ts";
import { eventually, worldEnvironment } from "./world.ts";

const joining: StopPoint[] = [
  "learner-added",
  "joining-noted",
  "etcd-started",
  "wal-there",
  "note-forgotten",
  "promoted",
];
const leaving: StopPoint[] = ["told-to-stop", "leadership-moved", "off-the-list", "etcd-stopped", "wiped"];
const founding: StopPoint[] = ["founding-noted", "founding-claimed", "cluster-id-kept"];

describe("a member killed at any step of joining and leaving, with a writer running", function () {
  this.timeout(240_000);
  const cluster = new TestCluster("stop-points");
  const { stack } = cluster;

  before(async function () {
    this.timeout(1_800_000);
    await stack.removeLeftovers();
    await stack.run("up");
    stack.set("memberImage", await stoppableImage());
    await cluster.start();
  });
  after(() => stack.cleanUp());

  /** The image that runs, with the test's program in the place of its own. */
  async function stoppableImage(): Promise<string> {
    const { stdout: image } = await stack.kubectl("get", "pod", "etcd-0", "-o", "jsonpath={.spec.containers[0].image}");
    const { folder, hash } = await bundle(process.cwd(), "test/e2e/stop-points", "build/stop-points");
    const name = `${image.split("@")[0]?.replace(/:[^/]*$/, "") ?? ""}-stop-points:${hash}`;
    const docker = async (...args: string[]): Promise<string> =>
      (await execa("docker", args, { env: await worldEnvironment() })).stdout;
    await docker("build", "--build-arg", `MEMBER_IMAGE=${image}`, "--tag", name, folder);
    await docker("push", name);
    return docker("inspect", "--format", "{{index .RepoDigests 0}}", name);
  }

  /** @returns what waits until they were reached */
  async function stopAt(...points: string[]): Promise<() => Promise<void>> {
    const data = { "stop-at": points.join() };
    await stack.kubectl("patch", "configmap", "etcd-latch", "-p", JSON.stringify({ data }));
    return () => wasStopped(...points);
  }

  const driven = new Set<string>();

  /** Waits until a member was killed at each of the points, which is when the latch names none any more. */
  async function wasStopped(...at: string[]): Promise<void> {
    await eventually("the points were reached", 60_000, async () => {
      const { stdout } = await stack.kubectl("get", "configmap", "etcd-latch", "-o", "jsonpath={.data.stop-at}");
      return stdout === "" ? true : undefined;
    });
    for (const point of at) driven.add(point.replace(/^.*:/, ""));
  }

  for (const [index, joinPoint] of joining.entries()) {
    const leavePoint = leaving[index] ?? "told-to-stop";
    it(`3 → 4, killed when ${joinPoint}; 4 → 3, killed when ${leavePoint}`, async () => {
      const joined = await stopAt(`etcd-3:${joinPoint}`);
      await cluster.patch(4);
      await joined();
      await cluster.settlesAt(4);
      const left = await stopAt(`etcd-3:${leavePoint}`);
      await cluster.patch(3);
      await left();
      await cluster.settlesAt(3);
    });
  }

  it("4 → 3, killed when told-to-stop, and whoever leads killed when departed-removed and claim-deleted", async () => {
    await cluster.patch(4);
    await cluster.settlesAt(4);
    const left = await stopAt("etcd-3:told-to-stop", "*:departed-removed", "*:claim-deleted");
    await cluster.patch(3);
    await left();
    await cluster.settlesAt(3);
  });

  it("a member whose volume is lost, killed when lost-member-removed", async () => {
    const replaced = await stopAt("etcd-2:lost-member-removed");
    await stack.kubectl("delete", "pvc", "data-etcd-2", "--wait=false");
    await stack.deletePods(["etcd-2"]);
    await replaced();
    await cluster.settlesAt(3);
  });

  it("no acknowledged write was lost on the way, and every read was right", () => cluster.nothingWasLost(3));

  for (const point of founding) {
    it(`a cluster founded anew, a founder killed when ${point}`, async () => {
      await cluster.patch(0);
      await eventually("all pods are gone", 90_000, async () =>
        (await stack.kubectl("get", "pods", "-l", "app=etcd", "-o", "name")).stdout === "" ? true : undefined,
      );
      await stack.kubectl("delete", "pvc", ...pods(3).map((pod) => `data-${pod}`));
      await stack.kubectl("delete", "configmap", "etcd-latch");
      const who = point === "cluster-id-kept" ? "*" : "etcd-1";
      const claims = [0, 1, 2].map((ordinal) => `--from-literal=claim-${ordinal}=`);
      const rest = ["founders=0,1,2", "cluster-id=", `token=${point}`, `stop-at=${who}:${point}`];
      const literals = [...claims, ...rest.map((each) => `--from-literal=${each}`)];
      await stack.kubectl("create", "configmap", "etcd-latch", ...literals);
      await cluster.patch(3);
      await wasStopped(point);
      await eventually("three members", 90_000, async () =>
        (await cluster.members()).length === 3 ? true : undefined,
      );
      await stack.kubectl("rollout", "status", "statefulset/etcd", "--timeout=90s");
    });
  }

  it("every point there is was one of these but the latch's making, which is over before the latch can name a point", () => {
    assert.deepEqual([...driven, "latch-made"].sort(), [...stopPoints].sort());
  });
});
