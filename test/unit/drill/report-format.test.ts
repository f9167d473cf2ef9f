import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mostBuckets, mostExamples, mostOperations, reportVersion, type Report } from "../../../drill/report-format.ts";

describe("the example of a drill's report", () => {
  const report = JSON.parse(readFileSync("test/fixtures/drill-report.json", "utf8")) as Report;

  it("keeps to the format: one number per bucket, counts that fit the status, no more examples than allowed", () => {
    assert.equal(report.report, reportVersion);
    const { bucketMs, gapMs, ...lists } = report.series;
    assert(bucketMs > 0 && gapMs > 0);
    const lengths = new Set(Object.values(lists).map(({ length }) => length));
    assert.equal(lengths.size, 1);
    assert([...lengths].every((length) => length <= mostBuckets));
    for (const { id, status, failing, examples } of report.properties) {
      assert.equal(status, failing > 0 ? "failed" : "passed", id);
      assert(examples.length <= mostExamples, id);
      assert(
        examples.every(({ operations }) => operations.length <= mostOperations),
        id,
      );
    }
    assert.equal(report.verdict, report.properties.some(({ status }) => status === "failed") ? "failed" : "passed");
    const numbers = report.faults.map(({ number }) => number);
    assert(report.gaps.every(({ faults }) => faults.every((fault) => numbers.includes(fault))));
  });
});
