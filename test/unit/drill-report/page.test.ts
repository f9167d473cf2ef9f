import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { page } from "../../../drill/report/page.ts";
import { grouped, placeOperation } from "../../../drill/report/properties.ts";
import { writeReportHtml } from "../../../drill/report/write.ts";
import type { Property, Report } from "../../../drill/report-format.ts";
import { exampleReport, withEveryString } from "./example-report.ts";

const assets = { style: "body{}", script: "1" };

function passedReport(): Report {
  const report = exampleReport();
  const properties = report.properties.map((property) => ({ ...property, status: "passed" as const, failing: 0 }));
  return { ...report, verdict: "passed", summary: "All 14 properties held.", properties, faults: [], gaps: [] };
}

describe("the page of a drill", () => {
  it("begins with the verdict, its reason and the properties that failed", () => {
    const text = page(exampleReport(), assets);
    assert.match(text, /<title>Drill failed: smoke, seed 4711<\/title>/);
    assert.match(text, /<h1><span aria-hidden="true">✘<\/span> Failed<\/h1>/);
    const [head = ""] = text.split("</header>");
    assert.match(head, /2 of 14 properties failed/);
    assert.match(head, /href="#property-no-stale-read"/);
  });

  it("says of a drill without failures and faults that it passed", () => {
    const text = page(passedReport(), assets);
    assert.match(text, /✔<\/span> Passed/);
    assert.match(text, /No fault was done/);
    assert.doesNotMatch(text, /class="failures"/);
  });

  it("marks a time over its bound, a pause nothing explains, and a fault that was not seen", () => {
    const report = exampleReport();
    const [first] = report.faults;
    assert(first);
    const faults = [{ ...first, visible: false, effect: "", problem: "could not be undone", writeGapMs: 2601 }];
    const gaps = [{ of: "writes" as const, startMs: 30000, endMs: 31500, faults: [] }];
    const text = page({ ...report, faults, gaps }, assets);
    for (const words of ["no effect was seen", "could not be undone", "no fault explains it", "2.60 s ✘"]) {
      assert(text.includes(`class="bad">${words}`), words);
    }
  });

  it("lets nothing that comes from outside become markup, whatever it holds", () => {
    const attack = `"'><script>alert(1)</script></script><img src=x onerror=alert(1)><!-- &`;
    const text = page(
      withEveryString(exampleReport(), (words) => words + attack),
      assets,
    );
    assert.equal(text.match(/<script/g)?.length, 2);
    assert.equal(text.match(/<\/script/g)?.length, 2);
    assert.doesNotMatch(text, /<img|<!--/);
    const [, json = ""] = /<script type="application\/json" id="report">([^]*?)<\/script>/.exec(text) ?? [];
    assert.equal((JSON.parse(json) as Report).summary, exampleReport().summary + attack);
  });

  it("allows its own script alone to run, and nothing to be fetched", () => {
    const text = page(exampleReport(), assets);
    assert.match(text, /Content-Security-Policy" content="default-src &#39;none&#39;; script-src &#39;sha256-/);
  });
});

describe("writing a report as HTML", () => {
  const folder = mkdtempSync(join(tmpdir(), "drill-report-"));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("gives one file that names nothing to be fetched, and leaves no other", async () => {
    const file = join(folder, "report.html");
    await writeReportHtml(exampleReport(), file);
    const text = readFileSync(file, "utf8");
    assert.doesNotMatch(text, /(src|href)="(?!#|data:)/);
    assert.doesNotMatch(text, /@import|url\((?!data:)/);
    assert(statSync(file).size < 500_000);
    assert.deepEqual(readdirSync(folder), ["report.html"]);
  });

  it("keeps the file that was there when it can't write", async () => {
    await assert.rejects(writeReportHtml(exampleReport(), join(folder, "no-such-folder/report.html")), /ENOENT/);
  });
});

describe("the order of properties", () => {
  const property = (group: string, id: string, status: Property["status"]): Property => ({
    ...{ id, group, status, name: id, passing: 1, failing: 0, unit: "", detail: "", examples: [] },
  });

  it("is the order given, but what failed comes first, among the groups and in each", () => {
    const all = [
      property("A", "a1", "passed"),
      property("B", "b1", "passed"),
      property("B", "b2", "failed"),
      property("C", "c1", "passed"),
      property("B", "b3", "passed"),
    ];
    assert.deepEqual(
      grouped(all).map(({ name, properties }) => [name, ...properties.map(({ id }) => id)]),
      [
        ["B", "b2", "b1", "b3"],
        ["A", "a1"],
        ["C", "c1"],
      ],
    );
  });
});

describe("the place of an operation among those it is shown with", () => {
  const operation = (startMs: number, endMs?: number): Parameters<typeof placeOperation>[1] => ({
    ...{ client: "c", member: "m", startMs, outcome: "ok", words: "", file: "", line: 1 },
    ...(endMs === undefined ? {} : { endMs }),
  });

  it("is in proportion to the time; without an end it goes on to the right", () => {
    const all = [operation(100, 120), operation(150), operation(180, 200)];
    assert.deepEqual(
      all.map((one) => placeOperation(all, one)),
      [
        { left: 0, width: 20 },
        { left: 50, width: 50 },
        { left: 80, width: 20 },
      ],
    );
  });

  it("is a number for a single operation that took no time", () => {
    assert.deepEqual(placeOperation([operation(5, 5)], operation(5, 5)), { left: 0, width: 0 });
  });
});
