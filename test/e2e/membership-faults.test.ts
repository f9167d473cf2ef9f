import assert from "node:assert/strict";
import { pods, TestCluster } from "./test-cluster.ts";
import { eventually } from "./world.ts";

describe("no fault loses an acknowledged write, with a writer running", function () {
  this.timeout(120_000);
  const cluster = new TestCluster("faults");
  const { stack } = cluster;

  before(async function () {
    this.timeout(1_800_000);
    await cluster.start();
  });
  after(() => stack.cleanUp());

  async function isAnotherMember(pod: string, before: Record<string, string>): Promise<void> {
    await eventually(`${pod} is another member`, 60_000, async () => {
      const id = (await cluster.ids())[pod];
      return id !== undefined && id !== before[pod] ? true : undefined;
    });
  }

  const follower = async (): Promise<string> => {
    const leader = await cluster.leader();
    return leader === "etcd-2" ? "etcd-1" : "etcd-2";
  };

  for (const [role, victim] of [
    ["leader", () => cluster.leader()],
    ["follower", follower],
  ] as const) {
    it(`the ${role}'s etcd is killed -9`, async () => {
      const before = await cluster.ids();
      await cluster.signal(await victim(), "KILL");
      await cluster.settlesAt(3);
      assert.deepEqual(await cluster.ids(), before);
    });
  }

  it("B11: a member killed -9 five times in a row comes back each time with the files it had", async () => {
    const before = await cluster.ids();
    const files = (): Promise<string> =>
      stack.exec("etcd-1", "sh", "-c", "cd /var/lib/etcd/data/member; ls -i snap/db; ls -i wal | grep wal | head -1");
    const had = await files();
    for (let kill = 1; kill <= 5; kill++) {
      await cluster.signal("etcd-1", "KILL");
      await cluster.says("etcd-1", new RegExp(`starting it again.*\\(restart ${kill}\\)`));
      await eventually("it answers again", 20_000, () => stack.etcdctl("etcd-1", "endpoint", "status"));
    }
    await cluster.settlesAt(3);
    await stack.deletePods(["etcd-1"]);
    await cluster.settlesAt(3);
    assert.equal(await files(), had);
    assert.deepEqual(await cluster.ids(), before);
    const log = await cluster.logs("etcd-1");
    assert.match(log, /Re-joining etcd member/);
    assert.doesNotMatch(log, /receiv(ed|ing) database snapshot/);
  });

  it("a learner's etcd is killed -9 in the middle of its join", async () => {
    await cluster.patch(4);
    await cluster.killFirstEtcd("etcd-3");
    await cluster.settlesAt(4);
    assert.match(await cluster.logs("etcd-3"), /Joining as learner: added[^]*ended by SIGKILL[^]*Promoted/);
  });

  it("a learner's pod is deleted by force in the middle of its join", async () => {
    await cluster.patch(5);
    await cluster.says("etcd-4", /Joining as learner: added/);
    await stack.deletePods(["etcd-4"], "--force", "--grace-period=0");
    await cluster.settlesAt(5);
    await cluster.patch(3);
    await cluster.settlesAt(3);
  });

  // Of three members, one can't leave while another is down: etcd refuses, and the leaving takes as long.
  for (const [what, strike] of [
    ["etcd is killed -9", () => cluster.signal("etcd-2", "KILL")],
    ["pod is deleted by force", () => stack.deletePods(["etcd-2"], "--force", "--grace-period=0")],
  ] as const) {
    it(`a leaving member's ${what} in the middle of its leave`, async () => {
      const letGo = await cluster.holdDown("etcd-1");
      try {
        await cluster.patch(2);
        await cluster.says("etcd-2", /Not removed yet: etcdserver: unhealthy cluster/);
        await strike();
      } finally {
        await letGo();
      }
      await cluster.settlesAt(2);
      await cluster.patch(3);
      await cluster.settlesAt(3);
    });
  }

  it("a member's volume is wiped while it runs", async () => {
    const before = await cluster.ids();
    await stack.exec("etcd-2", "sh", "-c", "rm -rf /var/lib/etcd/*");
    await cluster.signal("etcd-2", "KILL");
    await isAnotherMember("etcd-2", before);
    await cluster.settlesAt(3);
  });

  it("the volume of a member in the middle is lost with its claim: that member is replaced, and the others stay", async () => {
    const before = await cluster.ids();
    await stack.kubectl("delete", "pvc", "data-etcd-1", "--wait=false");
    await stack.deletePods(["etcd-1"]);
    await isAnotherMember("etcd-1", before);
    await cluster.settlesAt(3);
    assert.deepEqual({ ...(await cluster.ids()), "etcd-1": "" }, { ...before, "etcd-1": "" });
  });

  for (const [how, ...flags] of [["gracefully"], ["by force", "--force", "--grace-period=0"]] as const) {
    it(`all pods are deleted at once, ${how}`, async () => {
      const before = await cluster.ids();
      await stack.deletePods(pods(3), ...flags);
      await cluster.settlesAt(3);
      assert.deepEqual(await cluster.ids(), before);
    });
  }

  it("no acknowledged write was lost on the way, and every read was right", () => cluster.nothingWasLost(3));

  it("all volumes are lost: the cluster does not come back empty, it says so and waits", async () => {
    await stack.kubectl("delete", "pvc", "-l", "app=etcd", "--wait=false");
    await stack.deletePods(pods(3));
    for (const pod of pods(3)) {
      await cluster.says(pod, /Waiting: the volume is empty, this member has started before, and no quorum/);
    }
    const readiness = "jsonpath={.items[*].status.containerStatuses[*].ready}";
    const { stdout } = await stack.kubectl("get", "pods", "-l", "app=etcd", "-o", readiness);
    assert.equal(stdout, "false false false");
    for (const pod of pods(3)) assert.doesNotMatch(await cluster.logs(pod), /Founding|Joining/);
  });
});
