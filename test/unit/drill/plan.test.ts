import assert from "node:assert/strict";
import { faultKinds } from "../../../drill/faults/kinds.ts";
import { chooseTargets, intentOf } from "../../../drill/faults/targets.ts";
import { planFaults } from "../../../drill/plan/plan.ts";
import { allIngredients, planShapes } from "../../../drill/plan/plans.ts";

const shapes = [...planShapes.values()];
const seeds = Array.from({ length: 50 }, (_, seed) => seed * 7919);
const plain = { members: 3, onlyFaults: [] };

describe("a drill's plan", () => {
  it("is the same for the same seed and another for another", () => {
    for (const shape of shapes) {
      const plans = [1, 1, 2].map((seed) => planFaults(shape, { ...plain, seed, durationMs: shape.durationMs }));
      assert.deepEqual(plans[0], plans[1], shape.name);
      assert.notDeepEqual(plans[0], plans[2], shape.name);
    }
  });

  it("names only faults there are, in the order of their starts, and begins none after its time", () => {
    for (const shape of shapes) {
      for (const seed of seeds) {
        const plan = planFaults(shape, { ...plain, seed, durationMs: shape.durationMs });
        assert(plan.every(({ kind }) => faultKinds.has(kind)));
        assert(plan.every(({ startMs }, at) => startMs < shape.durationMs && startMs >= (plan[at - 1]?.startMs ?? 0)));
      }
    }
  });

  it("has at least 8 faults a minute in standard, without those no cluster can have", () => {
    const shape = planShapes.get("standard");
    assert(shape);
    for (const seed of seeds) {
      const plan = planFaults(shape, { ...plain, seed, durationMs: 300_000 });
      const possible = plan.filter(({ kind }) => !["delay", "disk-full", "clock-skew"].includes(kind));
      assert(possible.length / 5 >= 8, `seed ${seed}: ${possible.length} faults in 5 min`);
    }
  });

  it("leaves no kind out of standard, overlaps some faults and has quiet times", () => {
    const shape = planShapes.get("standard");
    assert(shape);
    for (const seed of seeds) {
      const plan = planFaults(shape, { ...plain, seed, durationMs: 300_000 });
      assert.deepEqual(new Set(plan.map(({ kind }) => kind)), new Set(shape.ingredients.map(({ kind }) => kind)));
      const gaps = plan
        .slice(1)
        .map(({ startMs }, at) => startMs - (plan[at]?.startMs ?? 0) - (plan[at]?.lastsMs ?? 0));
      assert(
        gaps.some((gap) => gap < 0),
        "none overlaps",
      );
      assert(
        gaps.some((gap) => gap >= shape.quietMs),
        "never quiet",
      );
    }
  });

  it("takes the kinds asked for, of whichever plan they are", () => {
    const shape = planShapes.get("smoke");
    assert(shape);
    const plan = planFaults(shape, { seed: 1, durationMs: 90_000, members: 3, onlyFaults: ["pause", "partition"] });
    assert.deepEqual(new Set(plan.map(({ kind }) => kind)), new Set(["pause", "partition"]));
  });

  it("has every kind of fault in some plan", () => {
    assert.deepEqual(new Set(allIngredients.map(({ kind }) => kind)), new Set(faultKinds.keys()));
  });
});

describe("the targets of a fault", () => {
  const members = ["etcd-0", "etcd-1", "etcd-2"];
  const planned = (target: string, kind = "kill") => ({ kind, target, startMs: 0, lastsMs: 0 });
  for (const [target, leader, disturbed, expected] of [
    ["leader", "etcd-1", [], ["etcd-1"]],
    ["leader", undefined, [], ["etcd-0"]],
    ["2", "etcd-1", [], ["etcd-2"]],
    ["majority", "etcd-2", [], ["etcd-0", "etcd-2"]],
    ["all", "etcd-2", ["etcd-0"], ["etcd-0", "etcd-1", "etcd-2"]],
    // A second one would be a majority: the one that is disturbed already is taken again.
    ["leader", "etcd-1", ["etcd-0"], ["etcd-0"]],
    ["2", "etcd-1", ["etcd-2"], ["etcd-2"]],
  ] as const) {
    it(`${target} with leader ${leader ?? "unknown"} and disturbed ${disturbed.join() || "nobody"}: ${expected.join()}`, () => {
      assert.deepEqual(chooseTargets(planned(target), { members, leader, disturbed }), expected);
    });
  }

  it("of five members, two may be disturbed at once and not three", () => {
    const five = [0, 1, 2, 3, 4].map((ordinal) => `etcd-${ordinal}`);
    const choose = (disturbed: string[]) => chooseTargets(planned("4"), { members: five, leader: "etcd-0", disturbed });
    assert.deepEqual(choose(["etcd-0"]), ["etcd-4"]);
    assert.deepEqual(choose(["etcd-0", "etcd-1"]), ["etcd-0"]);
  });

  it("says whom a fault means to take: a minority, a majority, or nobody", () => {
    assert.equal(intentOf(planned("1")), "minority");
    assert.equal(intentOf(planned("majority")), "majority");
    assert.equal(intentOf(planned("1", "quota-alarm")), "majority");
    assert.equal(intentOf(planned("ring", "partition")), "minority");
    assert.equal(intentOf(planned("leader", "compaction")), "none");
    assert.equal(intentOf(planned("all", "api-server-down")), "none");
    assert.equal(intentOf(planned("all", "rolling-restart")), "minority");
  });
});
