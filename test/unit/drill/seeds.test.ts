import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type Report } from "../../../drill/report-format.ts";
import { rowsOf, seedRow, seedsTable, withRow, type SeedRow } from "../../../drill/seeds/table.ts";

const row = seedRow(JSON.parse(readFileSync("test/fixtures/drill-report.json", "utf8")) as Report);

describe("the table of seeds", () => {
  it("has what a report says of its seed", () => {
    const { faultsPerMinute, longestWriteGapMs, ...rest } = row;
    assert.deepEqual(rest, {
      ...{ plan: "smoke", seed: 4711, seconds: 90, members: 3, faults: 6 },
      ...{ operations: 108_655, verdict: "failed: no-stale-read recovered-in-time", commit: "0f3c2d81aa07" },
    });
    assert.equal(faultsPerMinute, "4.0");
    // The longest of all is that of a majority that was paused.
    assert.equal(longestWriteGapMs, 1392);
  });

  it("is read as it was written", () => {
    const rows: SeedRow[] = [row, { ...row, seed: 4712, verdict: "passed", longestWriteGapMs: 0 }];
    assert.deepEqual(rowsOf(seedsTable(rows)), rows);
  });

  it("has one row for a seed of a plan, the latest, in the order of the seeds", () => {
    const rows = [row, { ...row, seed: 2 }, { ...row, plan: "hell", seed: 9 }, { ...row, seconds: 30 }];
    const table = rows.reduce((sofar: SeedRow[], each) => withRow(sofar, each), []);
    const later = withRow(table, { ...row, commit: "later" });
    assert.deepEqual(
      later.map(({ plan, seed, seconds, commit }) => [plan, seed, seconds, commit]),
      [
        ["hell", 9, 90, row.commit],
        ["smoke", 2, 90, row.commit],
        ["smoke", 4711, 30, row.commit],
        ["smoke", 4711, 90, "later"],
      ],
    );
  });
});
