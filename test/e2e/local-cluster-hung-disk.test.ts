import assert from "node:assert/strict";
import type { StatusReport } from "../../desk/status-view.ts";
import { stallDisk } from "./disk-stall.ts";
import { TestCluster } from "./test-cluster.ts";
import { eventually, worldContext } from "./world.ts";

const HUNG = "etcd-1";

(worldContext === "etcd-local" ? describe : describe.skip)(
  "a member whose disk hangs, with a writer running",
  function () {
    this.timeout(180_000);
    const cluster = new TestCluster("hung-disk");
    const { stack } = cluster;

    before(async function () {
      this.timeout(1_800_000);
      await cluster.start();
    });
    after(() => stack.cleanUp());

    const status = async (): Promise<StatusReport> =>
      JSON.parse((await stack.desk("status", "--json")).stdout) as StatusReport;

    async function lead(pod: string): Promise<void> {
      const from = await cluster.leader();
      if (from === pod) return;
      const id = BigInt((await cluster.ids())[pod] ?? 0).toString(16);
      await stack.etcdctl(from, "move-leader", id);
    }

    for (const [what, leads] of [
      ["the leader", HUNG],
      ["a follower", "etcd-0"],
    ] as const) {
      it(`${what}: the others write on, status tells who takes no part and why, and nobody else may leave`, async () => {
        const before = await cluster.ids();
        await lead(leads);
        const letGo = stallDisk(await cluster.uid(HUNG));
        try {
          const seen = await eventually("one takes no part, and another leads", 30_000, async () => {
            const { members, quorum, differences } = await status();
            const leaders = members.filter(({ role }) => role === "leader").map(({ name }) => name);
            const absent = members.find(({ absence }) => absence !== undefined);
            return quorum && leaders.length === 1 && leaders[0] !== HUNG && absent?.name === HUNG
              ? { absent, differences }
              : undefined;
          });
          assert.deepEqual([seen.absent.role, seen.absent.health], ["voter", "not ready"]);
          assert.match(seen.absent.absence ?? "", /^it (knows a leader and serves no client|answers for itself alone)/);
          assert(
            seen.differences.includes(`${HUNG} is not ready: ${seen.absent.absence ?? ""}`),
            seen.differences.join("\n"),
          );
          await stack.etcdctl("etcd-2", "--command-timeout=2s", "put", `while ${what} hangs`, "v");
          const planned = await stack.desk("plan", "--replicas", "2");
          assert.equal(planned.exitCode, 1);
          assert.match(
            planned.all,
            new RegExp(`\\(member-down\\): ${HUNG} \\(it .*\\) is down: .*1 of 2 voters running`),
          );
        } finally {
          letGo();
        }
        await cluster.settlesAt(3);
        assert.deepEqual(await cluster.ids(), before);
      });
    }

    it("no acknowledged write was lost on the way, and every read was right", () => cluster.nothingWasLost(3));
  },
);
