import { readFileSync } from "node:fs";
import type { Report } from "../../../drill/report-format.ts";

/** The report of a drill in which two properties failed. */
export function exampleReport(): Report {
  return JSON.parse(readFileSync("test/fixtures/drill-report.json", "utf8")) as Report;
}

/** Every string replaced by what `hostile` makes of it, except those the page takes for a fixed set of words. */
export function withEveryString(report: Report, hostile: (text: string) => string): Report {
  const fixed = new Set(["verdict", "status", "intent", "outcome", "of", "reach"]);
  const replacer = (key: string, value: unknown): unknown =>
    typeof value === "string" && !fixed.has(key) ? hostile(value) : value;
  return JSON.parse(JSON.stringify(report, replacer)) as Report;
}
