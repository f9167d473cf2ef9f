import assert from "node:assert/strict";
import { atMoment } from "../../../drill/report/at-moment.ts";
import { lanesOf, mergeGaps } from "../../../drill/report/lane-rows.ts";
import { clamp, shareOf, shift, withMargin, zoom } from "../../../drill/report/range.ts";
import type { FaultRecord } from "../../../drill/report-format.ts";
import { exampleReport } from "./example-report.ts";

describe("the stretch that is shown", () => {
  const whole = { from: 0, to: 1000 };

  it("stays inside the run and keeps its length at the ends", () => {
    assert.deepEqual(clamp({ from: -200, to: 100 }, whole, 10), { from: 0, to: 300 });
    assert.deepEqual(clamp({ from: 900, to: 1200 }, whole, 10), { from: 700, to: 1000 });
    assert.deepEqual(clamp({ from: 200, to: 300 }, whole, 10), { from: 200, to: 300 });
  });

  it("is never shorter than the least nor longer than the run", () => {
    assert.deepEqual(clamp({ from: 500, to: 500 }, whole, 100), { from: 450, to: 550 });
    assert.deepEqual(clamp({ from: -5000, to: 5000 }, whole, 100), whole);
    assert.deepEqual(clamp({ from: 0, to: 1 }, { from: 0, to: 50 }, 100), { from: 0, to: 50 });
  });

  it("zooms around a moment that stays where it is", () => {
    const before = { from: 0, to: 1000 };
    const after = zoom(before, 1 / 4, 200);
    assert.equal(after.to - after.from, 250);
    assert.equal(shareOf(after, 200), shareOf(before, 200));
    assert.deepEqual(zoom(before, 1 / 2), { from: 250, to: 750 });
  });

  it("is moved by shares of itself, and given room on both sides", () => {
    assert.deepEqual(shift({ from: 100, to: 300 }, -1 / 2), { from: 0, to: 200 });
    assert.deepEqual(withMargin({ from: 100, to: 100 }, 30), { from: 70, to: 130 });
    assert.deepEqual(withMargin({ from: 100, to: 300 }, 30), { from: 0, to: 400 });
  });
});

function fault(number: number, targets: string[], startMs: number, endMs: number, recoveryMs?: number): FaultRecord {
  const [base] = exampleReport().faults;
  assert(base);
  delete (base as { recoveryMs?: number }).recoveryMs;
  return { ...base, number, targets, startMs, endMs, ...(recoveryMs === undefined ? {} : { recoveryMs }) };
}

describe("the lanes of the faults", () => {
  it("are one per target, by name and number, and overlapping faults lie in rows of their own", () => {
    const lanes = lanesOf([
      fault(1, ["etcd-10"], 0, 10),
      fault(2, ["etcd-2", "etcd-10"], 5, 20, 30),
      fault(3, ["etcd-10"], 10, 12),
      fault(4, ["etcd-10"], 30, 40),
      fault(5, ["etcd-10"], 50, 60),
    ]);
    assert.deepEqual(
      lanes.map(({ target, rows, placed }) => [
        target,
        rows,
        placed.map(({ fault: { number }, row }) => [number, row]),
      ]),
      [
        ["etcd-2", 1, [[2, 0]]],
        [
          "etcd-10",
          2,
          [
            [1, 0],
            [2, 1],
            [3, 0],
            [4, 0],
            [5, 0],
          ],
        ],
      ],
    );
  });
});

describe("pauses as they are marked", () => {
  it("are one where writes and reads pause together, and unexplained if one of them is", () => {
    assert.deepEqual(
      mergeGaps([
        { of: "writes", startMs: 0, endMs: 10, faults: [1] },
        { of: "reads", startMs: 5, endMs: 8, faults: [1] },
        { of: "writes", startMs: 20, endMs: 30, faults: [1] },
        { of: "reads", startMs: 25, endMs: 35, faults: [] },
      ]),
      [
        { from: 0, to: 10, explained: true },
        { from: 20, to: 35, explained: false },
      ],
    );
  });
});

describe("what is said of a moment", () => {
  const report = exampleReport();

  it("names the faults that are on, those the cluster recovers from, and the pauses", () => {
    const at = (ms: number): [number, boolean][] =>
      atMoment(report, ms, 0).faults.map(({ fault: { number }, active }) => [number, active]);
    assert.deepEqual(at(5000), []);
    assert.deepEqual(at(55000), [
      [4, true],
      [5, true],
    ]);
    assert.deepEqual(at(62000), [[4, false]]);
    assert.deepEqual(atMoment(report, 55000, 0).gaps, ["no writes for 8.29 s", "no reads for 8.10 s"]);
  });

  it("meets a fault without length within reach, and gives rates per second", () => {
    assert.deepEqual(
      atMoment(report, 21000, 10).faults.map(({ fault: { number } }) => number),
      [2],
    );
    const [writes] = atMoment(report, 100, 0).traffic;
    assert.deepEqual(writes, ["writes", `${(report.series.writes[0] ?? 0) * 2}/s, 4.60 ms, 99 % below 17.9 ms`]);
  });
});
