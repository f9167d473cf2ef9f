import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { excludeEachOther } from "../../../drill/faults/fault.ts";
import { Journal } from "../../../drill/faults/journal.ts";
import { faultKind } from "../../../drill/faults/kinds.ts";
import { cutLinks, droppedPackets } from "../../../drill/faults/network.ts";
import { gapBound, recoveryOf } from "../../../drill/judge/fault-records.ts";
import { clockOffsets, longestPause } from "../../../drill/judge/timeline.ts";
import { view } from "./recorded-run.ts";

describe("the journal of what is to be undone", () => {
  const folder = mkdtempSync(join(tmpdir(), "journal-"));
  const place = { context: "c", namespace: "n" };
  after(() => rmSync(folder, { recursive: true }));

  it("is there for the next drill, and gone when all is undone", () => {
    const journal = new Journal(place, folder);
    const steps = [
      { undo: "continue", pod: "etcd-0" },
      { undo: "lower alarms" },
      { undo: "continue", pod: "etcd-0" },
    ] as const;
    journal.add(steps);
    journal.remove([{ undo: "continue", pod: "etcd-0" }]);
    const next = new Journal(place, folder);
    assert.deepEqual(next.open, steps.slice(1));
    assert.deepEqual(new Journal({ ...place, namespace: "other" }, folder).open, []);
    next.remove(steps.slice(1));
    assert(!existsSync(next.file));
  });
});

describe("a partition", () => {
  const three = ["a", "b", "c"];
  const links = (members: string[], targets: string[], target: string, direction?: string) =>
    cutLinks(members, targets, {
      ...{ kind: "partition", target, startMs: 0, lastsMs: 0 },
      ...(direction === undefined ? {} : { options: { direction } }),
    })
      .map(({ from, to }) => from + to)
      .sort()
      .join(" ");

  it("cuts a member off both ways, or one way", () => {
    assert.equal(links(three, ["a"], "0"), "ab ac ba ca");
    assert.equal(links(three, ["a"], "0", "in"), "ba ca");
    assert.equal(links(three, ["a"], "0", "out"), "ab ac");
  });

  it("of a majority leaves it whole among itself", () => {
    assert.equal(links(three, ["a", "b"], "majority"), "ac bc ca cb");
  });

  it("in a ring leaves each member a majority, itself included", () => {
    assert.equal(links(three, three, "ring"), "ac ca");
    assert.equal(links(["a", "b", "c", "d", "e"], [], "ring"), "ac ad bd be ca ce da db eb ec");
  });

  it("is seen in the counters of the drill's own rules", () => {
    const listing = `Chain INPUT (policy ACCEPT 12 packets, 900 bytes)
    pkts      bytes target     prot opt in     out     source               destination
      17      2210 DROP       tcp  --  *      *       198.18.1.4           0.0.0.0/0            tcp dpt:2380 /* etcd-drill */
       4       208 DROP       tcp  --  *      *       198.18.1.4           0.0.0.0/0            tcp spt:2380 /* etcd-drill */
      99      9900 DROP       tcp  --  *      *       198.18.1.9           0.0.0.0/0            tcp dpt:80`;
    assert.equal(droppedPackets(listing), 21);
  });
});

describe("what is measured about a fault", () => {
  it("the longest pause is that which touches the time, also where it reaches beyond", () => {
    const ends = Float64Array.from([0, 10, 20, 520, 530, 3000]);
    assert.deepEqual(longestPause(ends, 15, 600), { startMs: 530, endMs: 3000 });
    assert.deepEqual(longestPause(ends, 15, 25), { startMs: 20, endMs: 520 });
    assert.equal(longestPause(new Float64Array(), 0, 10), undefined);
  });

  it("times of a clock count from its earliest file", () => {
    const header = (clock: string, t: number, wall: number) => ({ clock, t, wall: new Date(wall).toISOString() });
    const headers = [header("x", 500, 2_000), header("x", 100, 1_600), header("y", 7, 1_000)];
    assert.deepEqual(
      clockOffsets(headers, 1_500),
      new Map([
        ["x", 100],
        ["y", -500],
      ]),
    );
  });

  it("recovery ends with the first look that sees all healthy, unless another fault came in between", () => {
    const fault = (number: number, startedAt: number, endedAt: number) => ({ number, startedAt, endedAt });
    const views = [view(90, true), view(150, false), view(700, true)];
    assert.equal(recoveryOf(fault(1, 50, 100), [fault(1, 50, 100)], views), 700);
    assert.equal(recoveryOf(fault(1, 50, 100), [fault(1, 50, 100), fault(2, 600, 650)], views), undefined);
    assert.equal(recoveryOf(fault(1, 50, 100), [fault(1, 50, 100), fault(2, 800, 900)], views), 700);
  });
});

describe("the bound on the time without an acknowledged request", () => {
  const fault = (target: string, startedAt: number, endedAt: number) => ({
    ...{ planned: { kind: "kill", target, startMs: 0, lastsMs: 0 }, startedAt, endedAt },
  });
  const timing = { electionMs: 1_000, deadlineMs: 2_000 };
  const boundOf = (faults: ReturnType<typeof fault>[], views: ReturnType<typeof view>[]): number | undefined => {
    const last = faults.at(-1);
    assert.ok(last !== undefined);
    return gapBound(last, faults, views, timing).ms;
  };

  it("is an election's for a fault of a minority, by itself", () => {
    assert.equal(boundOf([fault("1", 100, 200)], [view(50, true)]), 3_000);
    assert.equal(boundOf([fault("0", 100, 200), fault("1", 900, 950)], [view(50, true), view(500, true)]), 3_000);
  });

  it("is none where a majority is gone, where faults overlap, and where the members were not well again before", () => {
    assert.equal(boundOf([fault("all", 100, 200)], [view(50, true)]), undefined);
    assert.equal(boundOf([fault("0", 100, 300), fault("1", 200, 250)], [view(50, true)]), undefined);
    const unwell = [view(50, true), view(500, false), view(1_000, true)];
    assert.equal(boundOf([fault("all", 100, 200), fault("1", 900, 950)], unwell), undefined);
  });
});

describe("two faults at once", () => {
  const exclusive = (one: string, other: string) => excludeEachOther(faultKind(one), faultKind(other));
  for (const [one, other, expected] of [
    ["kill", "partition", false],
    ["kill", "kill", false],
    ["pause", "delete", false],
    ["delete", "force-delete", false],
    // The rules go with the pod's network, and its successor has another address.
    ["delete", "partition", true],
    ["slow-link", "force-delete", true],
    ["partition", "lossy-link", true],
    ["pause", "pause", true],
    ["wipe", "kill", true],
  ] as const) {
    it(`${one} and ${other} ${expected ? "exclude each other" : "may overlap"}`, () => {
      assert.equal(exclusive(one, other), expected);
      assert.equal(exclusive(other, one), expected);
    });
  }
});
