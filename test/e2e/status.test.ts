import assert from "node:assert/strict";
import type { StatusReport } from "../../desk/status-view.ts";
import { signalEtcd, smallMembers } from "./small-members.ts";
import { eventually, TestStack } from "./world.ts";

describe("npm run status", function () {
  this.timeout(120_000);
  const stack = new TestStack("status", { "etcd:clientReplicas": 0, "etcd:resources": smallMembers });

  const seen = async (): Promise<{ report: StatusReport; exitCode: number }> => {
    const { stdout, exitCode } = await stack.desk("status", "--json");
    return { report: JSON.parse(stdout) as StatusReport, exitCode };
  };
  const asDeclared = (): Promise<true> =>
    eventually("everything is as declared", 60_000, async () =>
      (await stack.desk("status")).exitCode === 0 ? true : undefined,
    );

  before(async function () {
    this.timeout(1_800_000);
    await stack.removeLeftovers();
    await stack.run("up");
  });
  after(() => stack.cleanUp());

  it("shows each member with ID, role, version, database, pod and volume, and ends with 0 where all is as declared", async () => {
    const { report, exitCode } = await seen();
    assert.equal(exitCode, 0);
    assert.deepEqual(report.differences, []);
    assert.deepEqual(
      report.members.map(({ name, ordinal, health, revisionLag, pod, claim }) => ({
        name,
        ordinal,
        health,
        revisionLag,
        pod: pod?.phase,
        claim: claim?.name,
      })),
      [0, 1, 2].map((ordinal) => ({
        name: `etcd-${ordinal}`,
        ordinal,
        health: "healthy",
        revisionLag: 0,
        pod: "Running",
        claim: `data-etcd-${ordinal}`,
      })),
    );
    assert.equal(report.members.filter(({ role }) => role === "leader").length, 1);
    const listed = await stack.etcdctl("etcd-0", "member", "list");
    for (const { id, dbSize = 0, dbSizeQuota = 0 } of report.members) {
      assert.match(listed, new RegExp(`^${id}, started`, "m"));
      assert(dbSize > 0 && dbSizeQuota > dbSize);
    }
  });

  it("shows replicas set by hand, and ends with 1", async () => {
    await stack.kubectl("scale", "statefulset/etcd", "--replicas=4");
    const { report, exitCode } = await seen();
    assert.equal(exitCode, 1);
    assert.match(
      report.differences[0] ?? "",
      /^StatefulSet etcd has 4 replicas, declared are 3: somebody scaled it by hand/,
    );
    await stack.kubectl("scale", "statefulset/etcd", "--replicas=3");
    await asDeclared();
  });

  it("shows a member that does not answer, and who is well beside it", async () => {
    await signalEtcd(stack, "etcd-2", "STOP");
    const { report, exitCode } = await seen();
    assert.equal(exitCode, 1);
    assert(report.quorum);
    assert(report.differences.includes("etcd-2 does not answer"), report.differences.join("\n"));
    await signalEtcd(stack, "etcd-2", "CONT");
    await asDeclared();
  });

  it("ends with 2 at wrong use", async () => {
    const wrong = await stack.desk("status", "--nonsense");
    assert.equal(wrong.exitCode, 2);
    assert.match(wrong.all, /unknown option '--nonsense'/);
  });
});
