import assert from "node:assert/strict";
import type { ClusterSeen } from "../../../desk/cluster.ts";
import { membershipPlan, type RefusalReason } from "../../../desk/plan.ts";
import { overruledLines, planLines, refusalLines, scaling } from "../../../desk/plan-text.ts";
import { cluster, down, hung, replicas, row } from "./seen.ts";

const members = (count: number): ReturnType<typeof row>[] => Array.from({ length: count }, (_, at) => row(at));

/** A cluster of so many members, of which these are down. */
function withDown(count: number, ...ordinals: readonly number[]): ClusterSeen {
  const rows = members(count).map((one, at) => (ordinals.includes(at) ? down(at) : one));
  return cluster(rows, { quorum: count - ordinals.length > count / 2 });
}

describe("the membership plan", () => {
  it("up: learners are added and promoted one after the other, the lowest first", () => {
    const plan = membershipPlan(cluster(members(3)), 5);
    assert.deepEqual(plan.steps, [
      "add learner etcd-3",
      "promote etcd-3 to voter when it has caught up",
      "add learner etcd-4",
      "promote etcd-4 to voter when it has caught up",
    ]);
    assert.deepEqual(plan.spare, { now: 1, during: 1, after: 2 });
    assert.deepEqual([plan.refusals, plan.remarks], [[], []]);
  });

  it("down: leadership goes to the most up-to-date member that stays, then the highest leaves first", () => {
    const rows = members(5).map((one, at) => ({ ...one, role: at === 4 ? ("leader" as const) : ("voter" as const) }));
    const ahead = rows.map((one) =>
      one.ordinal === 1 && one.status !== undefined ? { ...one, status: { ...one.status, raftIndex: 21 } } : one,
    );
    const plan = membershipPlan(cluster(ahead), 3);
    assert.deepEqual(plan.steps, [
      "move leader etcd-4 → etcd-1",
      "remove etcd-4 from the member list, then stop it",
      "remove etcd-3 from the member list, then stop it",
      "delete claim data-etcd-4",
      "delete claim data-etcd-3",
    ]);
    assert.deepEqual(plan.spare, { now: 2, during: 1, after: 1 });
    assert.deepEqual(plan.refusals, []);
  });

  it("goes on from where an earlier change is: a learner is promoted, not added; nothing to do is an empty plan", () => {
    const learner = row(3, { role: "learner" });
    const plan = membershipPlan(cluster([...members(3), learner], replicas(4)), 5);
    assert.deepEqual(plan.steps, [
      "promote etcd-3 to voter when it has caught up",
      "add learner etcd-4",
      "promote etcd-4 to voter when it has caught up",
    ]);
    assert.deepEqual(membershipPlan(cluster(members(3)), 3).steps, []);
  });

  it("remarks on even sizes", () => {
    assert.deepEqual(membershipPlan(cluster(members(3)), 4).remarks, [
      "4 members survive no more failures than 3: an odd number is better",
    ]);
  });

  const refused: readonly (readonly [string, ClusterSeen, number, readonly RefusalReason[]])[] = [
    ["3 → 2, all well", cluster(members(3)), 2, []],
    ["3 → 2 with a member down that stays", withDown(3, 1), 2, ["member-down"]],
    [
      "3 → 2 with a member that stays and answers for itself alone",
      cluster([row(0), hung(1), row(2)]),
      2,
      ["member-down"],
    ],
    ["3 → 2 with the leaving member down", withDown(3, 2), 2, []],
    ["3 → 1 with a leaving member down", withDown(3, 2), 1, ["member-down"]],
    ["5 → 3 with one down that stays", withDown(5, 1), 3, []],
    ["5 → 3 with two down that stay", withDown(5, 0, 1), 3, ["member-down"]],
    ["5 → 3 with both leaving members down", withDown(5, 3, 4), 3, []],
    ["3 → 5 with one down", withDown(3, 1), 5, []],
    ["2 → 1, all well", cluster(members(2)), 1, []],
    ["2 → 1 with the one that stays down", withDown(2, 0), 1, ["no-quorum"]],
    ["3 → 5 without quorum", withDown(3, 1, 2), 5, ["no-quorum"]],
    ["3 → 0 without quorum: nobody leaves", withDown(3, 1, 2), 0, []],
    ["3 → 4 under an alarm", cluster(members(3), { alarms: [{ memberId: "a1", kind: "NOSPACE" }] }), 4, ["alarm"]],
    ["3 → 3 under an alarm", cluster(members(3), { alarms: [{ memberId: "a1", kind: "NOSPACE" }] }), 3, []],
  ];
  for (const [what, seen, target, reasons] of refused) {
    it(`${what}: ${reasons.length === 0 ? "goes" : reasons.join()}`, () => {
      const plan = membershipPlan(seen, target);
      assert.deepEqual(
        plan.refusals.map(({ reason }) => reason),
        reasons,
      );
    });
  }

  it("hibernation keeps everybody, and waking brings the same ones back", () => {
    const asleepPlan = membershipPlan(cluster(members(3)), 0);
    assert.equal(asleepPlan.steps.length, 4);
    assert.deepEqual(asleepPlan.spare, { now: 1 });
    const asleep = { ...cluster(members(3)), ...replicas(0), rows: [], pods: [], quorum: false };
    assert.deepEqual(membershipPlan(asleep, 3).steps, [
      "start etcd-0 with its volume: the same member, the same keys",
      "start etcd-1 with its volume: the same member, the same keys",
      "start etcd-2 with its volume: the same member, the same keys",
    ]);
    assert.deepEqual(membershipPlan(asleep, 4).steps.at(-1), "add learner etcd-3, promote it when it has caught up");
    assert.deepEqual(membershipPlan(asleep, 2).refusals, []);
    assert.deepEqual(
      membershipPlan(asleep, 1).refusals.map(({ reason }) => reason),
      ["no-quorum"],
    );
  });

  it("is told in lines, and a refusal with its reason and the way to overrule it", () => {
    const plan = membershipPlan(withDown(3, 1), 2);
    const lines = planLines(plan, "etcd");
    assert.equal(lines[0], "Membership of etcd: 3 replicas → 2 replicas");
    assert.match(
      lines.join("\n"),
      /^ {2}Members that may fail without loss of quorum: 0 now, none during \(no quorum\)/m,
    );
    const [line, ...more] = refusalLines(scaling(plan), plan.refusals);
    assert.match(
      line ?? "",
      /^Replicas can't go from 3 to 2 safely \(member-down\): etcd-1 \(no answer within 2 s\) is down: .*1 of 2 voters/,
    );
    assert.match(line ?? "", /`pulumi config set etcd:overrule member-down`\.$/);
    assert.deepEqual(more, []);
    assert.deepEqual(refusalLines(scaling(plan), plan.refusals, ["member-down"]), []);
    assert.match(
      overruledLines(plan.refusals, ["member-down"])[0] ?? "",
      /^etcd:overrule has member-down: going ahead/,
    );
  });
});
