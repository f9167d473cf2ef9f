import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "puppeteer-core";
import {
  mostBuckets,
  mostExamples,
  mostOperations,
  type FaultRecord,
  type Property,
  type Report,
} from "../drill/report-format.ts";
import { seriesOf, timelineOf } from "../drill/judge/timeline.ts";
import { writeReport } from "../drill/run/drill.ts";
import { openFile, startBrowser } from "../test/e2e/web-page.ts";
import { check } from "../workload/checker/check.ts";
import { readHistory } from "../workload/history/reader.ts";
import { writeHistory } from "./checker-history.ts";
import type { Figure } from "./result.ts";

const operations = 500_000;

/** Faults of an hour at ten a minute. */
const faults = 600;

/** What writeHistory gives as the wall time of its start. */
const began = "2026-01-01T00:00:00.000Z";

/** Of the report that is written: with the most buckets there may be, an hour. */
const bucketMs = 1000;

/**
 * A report in which everything is as long as the format allows: an hour in the smallest buckets there may be, faults all the
 * time, and every property failed with as many examples of as many operations as there may be.
 */
function largestReport(example: Report): Report {
  const repeated = <T>(list: readonly T[], length: number): T[] =>
    Array.from({ length }, (_, index) => list[index % list.length]).filter((each) => each !== undefined);
  const { series } = example;
  const lists = Object.entries(series).filter((entry): entry is [string, readonly number[]] => Array.isArray(entry[1]));
  const step = (mostBuckets * bucketMs) / faults;
  return {
    ...example,
    durationMs: mostBuckets * bucketMs,
    properties: example.properties.map((property) => failedThroughout(property, example)),
    faults: repeated(example.faults, faults).map((fault, index) => moved(fault, index, step)),
    gaps: repeated(example.gaps, faults).map((gap, index) => ({
      ...gap,
      startMs: index * step,
      endMs: index * step + 1500,
      faults: [index + 1],
    })),
    series: {
      ...series,
      ...Object.fromEntries(lists.map(([name, list]) => [name, repeated(list, mostBuckets)])),
      bucketMs,
    },
  };
}

function moved(fault: FaultRecord, index: number, step: number): FaultRecord {
  const startMs = index * step;
  return { ...fault, number: index + 1, startMs, endMs: startMs + Math.min(fault.endMs - fault.startMs, 2 * step) };
}

function failedThroughout(property: Property, { properties }: Report): Property {
  const witness = properties.flatMap(({ examples }) => examples).find((each) => each.operations.length > 0);
  if (witness === undefined) throw new Error("the example has no operations that contradict each other");
  const many = Array.from({ length: mostOperations }, () => witness.operations).flat();
  const example = { ...witness, operations: many.slice(0, mostOperations) };
  return { ...property, status: "failed", failing: 1, examples: Array.from({ length: mostExamples }, () => example) };
}

/** Seconds from asking for the page until it is drawn. */
async function secondsToOpen(browser: Browser, file: string): Promise<number> {
  const started = performance.now();
  const { page, complaints } = await openFile(browser, file);
  await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
  const seconds = (performance.now() - started) / 1000;
  if (complaints.length > 0) throw new Error(`the page complains: ${complaints.join("; ")}`);
  await page.close();
  return seconds;
}

/** Seconds from the history of a run to both files. The history holds as many operations as the figure is about. */
async function secondsToReport(history: string, report: Report, folder: string): Promise<number> {
  const started = performance.now();
  const read = readHistory([history]);
  if (read.operations.length !== operations) throw new Error(`the history holds ${read.operations.length} operations`);
  const { violations } = check(read);
  if (violations.length > 0) throw new Error(`${violations.length} violations in a sound history`);
  // What is drawn is the example's traffic all the same: the written history has neither faults nor pauses.
  const { writes } = seriesOf(timelineOf(read, [history], Date.parse(began)), report.durationMs);
  if (writes.length > mostBuckets) throw new Error(`the series has ${writes.length} buckets`);
  await writeReport(report, folder);
  return (performance.now() - started) / 1000;
}

/** The report of a long drill: how long it takes from half a million operations, how large it is, how soon it is seen. */
export async function run(rounds: number): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "bench-report-"));
  const [history, file] = [join(folder, "history.jsonl"), join(folder, "report.html")];
  const report = largestReport(JSON.parse(readFileSync("test/fixtures/drill-report.json", "utf8")) as Report);
  const browser = await startBrowser((line) => process.stderr.write(`${line}\n`));
  try {
    writeHistory(history, undefined, { operations, keys: 100, clients: 8, unknown: 0.001 });
    const written: number[] = [];
    const opened: number[] = [];
    for (let round = 0; round < rounds; round++) written.push(await secondsToReport(history, report, folder));
    for (let round = 0; round < rounds; round++) opened.push(await secondsToOpen(browser, file));
    const name = `report of ${operations} operations, ${faults} faults, all properties failed`;
    return [
      { name: `${name}: from the history to both files`, unit: "s", samples: written, judged: "max", bound: 15 },
      { name: `${name}: size`, unit: "MB", samples: [statSync(file).size / 1e6], judged: "max", bound: 5 },
      { name: `${name}: open`, unit: "s", samples: opened, judged: "max", bound: 2 },
    ];
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
}
