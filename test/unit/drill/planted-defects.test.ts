import assert from "node:assert/strict";
import { judge, type Evidence } from "../../../drill/judge/report.ts";
import { answersFromBefore, losesAWrite, neverSends, sendsTwice } from "./bad-wires.ts";
import { asserted, doneFault, honest, pod, recordedRun, view, type Wire } from "./recorded-run.ts";

function failed(evidence: Evidence): string[] {
  const report = judge(evidence);
  const ids = report.properties.filter(({ status }) => status === "failed").map(({ id }) => id);
  assert.equal(report.verdict, ids.length === 0 ? "passed" : "failed");
  return ids;
}

describe("a drill's judgement", () => {
  it("passes a run in which nothing is wrong, with every property counted", () => {
    const report = judge(recordedRun(honest));
    assert.equal(report.verdict, "passed");
    assert.deepEqual(
      report.properties.filter(
        ({ passing, id }) => passing === 0 && !["transactions", "watches", "leases"].includes(id),
      ),
      [],
    );
    assert.deepEqual([report.traffic.writes, report.traffic.reads], [30, 30]);
    assert.equal(
      report.series.writes.reduce((sum, each) => sum + each, 0),
      30,
    );
  });

  const wires: readonly { defect: string; property: string; wire: Wire }[] = [
    {
      defect: "a client that says a write was acknowledged and never sent it",
      property: "final-dump",
      wire: neverSends,
    },
    { defect: "a proxy that acknowledges a write and then loses it", property: "no-lost-write", wire: losesAWrite },
    { defect: "a proxy that sends a write twice", property: "no-doubled-write", wire: sendsTwice },
    {
      defect: "a member that answers a linearizable read from before a write",
      property: "no-stale-read",
      wire: answersFromBefore,
    },
  ];
  for (const { defect, property, wire } of wires) {
    it(`fails ${property} for ${defect}, and shows the operations that contradict each other`, () => {
      const report = judge(recordedRun(wire));
      assert.equal(report.verdict, "failed");
      const found = report.properties.find(({ id }) => id === property);
      assert.equal(found?.status, "failed", report.summary);
      const shown = report.properties.find(({ status, group }) => status === "failed" && group === "History");
      const operations = shown?.examples[0]?.operations ?? [];
      assert(operations.length > 0 && operations.every(({ file, line }) => file !== "" && line > 0));
    });
  }

  const good = () => recordedRun(honest);
  const began = (evidence: Evidence) => evidence.began;
  const withEnd = (change: (end: Evidence["end"]) => Partial<Evidence["end"]>) => (evidence: Evidence) => ({
    ...evidence,
    end: { ...evidence.end, ...change(evidence.end) },
  });
  const secondMember = (change: Partial<Evidence["end"]["members"][number]>) =>
    withEnd(({ members }) => ({ members: members.map((each, at) => (at === 1 ? { ...each, ...change } : each)) }));

  const defects: readonly { defect: string; properties: string[]; plant: (evidence: Evidence) => Evidence }[] = [
    {
      defect: "a member program that wipes its data on restart",
      properties: ["hash-equal", "member-ids"],
      plant: secondMember({ dump: { revision: "1", keys: [] }, hash: "1", memberId: "99" }),
    },
    { defect: "a member with another hash", properties: ["hash-equal"], plant: secondMember({ hash: "78" }) },
    {
      defect: "a member that is back at an older state",
      properties: ["final-dump", "hash-equal"],
      plant: secondMember({
        dump: { revision: "9", keys: [{ key: "k0", value: "v0", mod: "2", create: "2", version: "1" }] },
      }),
    },
    {
      defect: "a member that was left in the list",
      properties: ["no-leftovers"],
      plant: withEnd(({ listed }) => ({ listed: [...listed, { id: "9", name: "etcd-3", isLearner: false }] })),
    },
    {
      defect: "a learner that was never promoted",
      properties: ["no-leftovers"],
      plant: withEnd(({ listed }) => ({ listed: listed.map((each, at) => ({ ...each, isLearner: at === 2 })) })),
    },
    {
      defect: "a volume claim that stayed",
      properties: ["no-leftovers"],
      plant: withEnd(({ claims }) => ({ claims: [...claims, "data-etcd-4"] })),
    },
    {
      defect: "a container that restarts again and again",
      properties: ["no-crash-loop"],
      plant: withEnd(({ pods }) => ({
        pods: pods.map((each, at) => (at === 0 ? pod(each.name, { restarts: 9 }) : each)),
      })),
    },
    {
      defect: "an etcd that does not stay up",
      properties: ["no-crash-loop"],
      plant: withEnd(() => ({ restless: ["etcd-2"] })),
    },
    {
      defect: "a recovery that takes too long, with nobody served meanwhile",
      properties: ["gaps-bounded", "recovered-in-time"],
      plant: (evidence) => ({ ...evidence, views: [view(began(evidence) + 40_000, true)] }),
    },
    {
      defect: "a fault that had no effect",
      properties: ["faults-undone"],
      plant: (evidence) => ({
        ...evidence,
        injected: { ...evidence.injected, done: [doneFault(began(evidence), { effect: "" })] },
      }),
    },
    {
      defect: "a fault that could not be undone",
      properties: ["faults-undone"],
      plant: (evidence) => ({
        ...evidence,
        injected: { ...evidence.injected, done: [doneFault(began(evidence), { problem: "etcd is still stopped" })] },
      }),
    },
    {
      defect: "a test command that saw two leaders of one term",
      properties: ["asserted-no-term-has-two-leaders"],
      plant: (evidence) => ({
        ...evidence,
        asserted: [...evidence.asserted, ...asserted({ "No term has two leaders": { condition: false } })],
      }),
    },
    {
      defect: "test commands that never got a put through",
      properties: ["asserted-client-can-make-successful-put-requests"],
      plant: (evidence) => ({
        ...evidence,
        asserted: asserted({ "Client can make successful put requests": { condition: false } }),
      }),
    },
    {
      defect: "test commands that never came to compare what they read",
      properties: ["asserted-database-key-values-stay-consistent"],
      plant: (evidence) => ({
        ...evidence,
        asserted: asserted({ "Database key values stay consistent": { hit: false, condition: false } }),
      }),
    },
    {
      defect: "a drill without a fault",
      properties: ["faults-undone"],
      plant: (evidence) => ({ ...evidence, injected: { ...evidence.injected, done: [] } }),
    },
  ];
  for (const { defect, properties, plant } of defects) {
    it(`fails ${properties.join(" and ")} for ${defect}`, () => {
      assert.deepEqual(failed(plant(good())).sort(), properties);
    });
  }

  it("leaves out assertions that need luck or may stay unreached", () => {
    const unlucky = asserted({
      "Client put requests can fail": { condition: false },
      "Every recorded history is strictly serializable": { hit: false, condition: false },
    });
    const { verdict, properties } = judge({ ...good(), asserted: unlucky });
    assert.equal(verdict, "passed");
    assert(properties.every(({ name }) => !/put requests can fail|strictly serializable/.test(name)));
    assert(properties.some(({ name }) => name === "Client get requests can fail"));
  });

  it("fails where nothing was asserted at all", () => {
    const failed = judge({ ...good(), asserted: [] }).properties.filter(({ status }) => status === "failed");
    assert(failed.length > 5 && failed.every(({ group }) => group === "Assertions"));
  });
});
