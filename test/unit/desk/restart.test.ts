import assert from "node:assert/strict";
import type { ClusterSeen } from "../../../desk/cluster.ts";
import { foreseenWords } from "../../../desk/plan-text.ts";
import { restartRefusals } from "../../../desk/restart.ts";
import { cluster, down, hung, replicas, row } from "./seen.ts";

/** A cluster of so many members, of which these are down. */
function withDown(count: number, ...ordinals: readonly number[]): ClusterSeen {
  const rows = Array.from({ length: count }, (_, at) => (ordinals.includes(at) ? down(at) : row(at)));
  return cluster(rows, { quorum: count - ordinals.length > count / 2 });
}

describe("a rolling restart, from the highest ordinal down", () => {
  const table: readonly (readonly [string, ClusterSeen, RegExp | undefined])[] = [
    ["of three, all well", withDown(3), undefined],
    ["of two, all well: a moment without quorum is what two cost", withDown(2), undefined],
    ["of one", withDown(1), undefined],
    ["while the lowest is down", withDown(3, 0), /^etcd-0 \(no answer within 2 s\) is down: while etcd-2 .* 1 of 3 /],
    ["while the middle one is down", withDown(3, 1), /^etcd-1 .* while etcd-2 restarts there would be 1 of 3 .* 2 are/],
    ["while the highest is down: it is the first", withDown(3, 2), undefined],
    ["while one hangs", cluster([row(0), hung(1), row(2)]), /^etcd-1 \(it answers for itself alone\) is down/],
    ["of five while one is down", withDown(5, 0), undefined],
    ["of five while two are down", withDown(5, 0, 1), /^etcd-0 .*, etcd-1 .* are down: while etcd-4 .* 2 of 5 /],
    ["of five while the two highest are down", withDown(5, 3, 4), undefined],
    // etcd-4 comes back first; then etcd-3 goes while etcd-1 alone is down.
    ["of five while the highest and a low one are down", withDown(5, 1, 4), undefined],
    ["of four while one is down: a spare less than five", withDown(4, 0), /while etcd-3 .* 2 of 4 .* 3 are needed/],
    ["of five with two down between those that are well", withDown(5, 0, 2), /while etcd-4 restarts .* 2 of 5/],
    [
      "with a member down that leaves, and is not restarted",
      { ...withDown(3, 2), ...replicas(2) },
      /^etcd-2 .* etcd-1 re/,
    ],
    ["without quorum: nothing more can be lost", withDown(3, 1, 2), undefined],
    ["with a learner down", cluster([row(0), row(1), row(2), { ...down(3), role: "learner" }]), undefined],
  ];
  for (const [what, seen, expected] of table) {
    it(`${what}: ${expected === undefined ? "goes" : "is refused"}`, () => {
      const refusals = restartRefusals(seen);
      assert.equal(refusals.length, expected === undefined ? 0 : 1, JSON.stringify(refusals));
      if (expected !== undefined) assert.match(refusals[0]?.sentence ?? "", expected);
    });
  }

  it("is told with what changes, and refused with the reason and the way to overrule it", () => {
    const restart = { changes: ["spec.a", "spec.b"], refusals: restartRefusals(withDown(3, 1)) };
    const change = { kind: "change", plan: undefined, restart } as const;
    const { remarks, problems, warnings } = foreseenWords(change, "etcd", 3, []);
    assert.deepEqual(remarks, [
      "Members of etcd restart one after the other: their pod template changes (spec.a, spec.b)",
    ]);
    assert.match(
      problems.join("\n"),
      /^The members can't be restarted safely \(member-down\): etcd-1 .* `pulumi config set etcd:overrule member-down`\.$/,
    );
    assert.deepEqual(warnings, []);
    const overruled = foreseenWords(change, "etcd", 3, ["member-down"]);
    assert.deepEqual(overruled.problems, []);
    assert.match(overruled.warnings.join("\n"), /^etcd:overrule has member-down: going ahead in spite of this: etcd-1/);
  });
});
