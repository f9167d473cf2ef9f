import { type SdkLines } from "../../workload/assertions/read.ts";
import { check } from "../../workload/checker/check.ts";
import { Words } from "../../workload/checker/words.ts";
import { type History } from "../../workload/history/operation.ts";
import { readHistory } from "../../workload/history/reader.ts";
import { type View } from "../cluster/world.ts";
import {
  type FaultRecord,
  type Property,
  type Report,
  type RunParameters,
  type TrafficTotals,
} from "../report-format.ts";
import { reportVersion } from "../report-format.ts";
import { type FinalLook } from "../run/final-look.ts";
import { type Injector } from "../run/injector.ts";
import { propertiesOfAssertions } from "./assertions.ts";
import { type Beginning, propertiesOfCluster } from "./cluster-properties.ts";
import { faultRecords, gapsOf, type Timing } from "./fault-records.ts";
import { propertiesOfHistory } from "./properties.ts";
import { finalDump, isLinearizableRead, isWrite, seriesOf, timelineOf } from "./timeline.ts";

/** All that a run left behind. */
export interface Evidence {
  /** Wall time of moment 0, in milliseconds. */
  readonly began: number;
  readonly endedAt: number;
  readonly run: RunParameters;
  readonly versions: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, string>>;
  readonly injected: Pick<Injector, "done" | "skipped" | "notReached" | "gaveUp">;
  readonly views: readonly View[];
  readonly beginning: Beginning;
  readonly end: FinalLook;
  /** History files of the clients. */
  readonly files: readonly string[];
  /** What test commands asserted meanwhile. */
  readonly asserted: SdkLines["events"];
  readonly timing: Timing;
  readonly warnings: readonly string[];
}

/**
 * Judges a run.
 * @throws UnreadableHistory where there is nothing to judge
 */
export function judge(evidence: Evidence): Report {
  const { began, run, injected, end } = evidence;
  const files = [...evidence.files, end.file];
  const history = readHistory(files);
  const timeline = timelineOf(history, files, began);
  const verdict = check(history);
  const faults = faultRecords(injected.done, evidence.views, timeline, began, evidence.timing);
  const properties = [
    ...propertiesOfHistory(history, verdict, new Words(history), timeline),
    ...propertiesOfCluster(history, faults, evidence.beginning, end),
    ...propertiesOfAssertions(evidence.asserted),
  ];
  const durationMs = evidence.endedAt - began;
  const failed = properties.filter(({ status }) => status === "failed");
  return {
    report: reportVersion,
    verdict: failed.length === 0 ? "passed" : "failed",
    summary: summaryOf(properties, failed, faults, history),
    began: new Date(began).toISOString(),
    durationMs,
    run,
    versions: evidence.versions,
    settings: evidence.settings,
    properties,
    faults,
    skipped: injected.skipped,
    traffic: totals(history, end),
    series: seriesOf(timeline, durationMs),
    gaps: gapsOf(timeline, faults),
    warnings: [...evidence.warnings, ...history.warnings, ...cutOff(injected)],
  };
}

function summaryOf(
  properties: readonly Property[],
  failed: readonly Property[],
  faults: readonly FaultRecord[],
  history: History,
): string {
  const over = `${history.operations.length} operations and ${faults.length} faults`;
  if (failed.length === 0) return `All ${properties.length} properties held over ${over}.`;
  return `${failed.length} of ${properties.length} properties failed over ${over}: ${failed.map(({ id }) => id).join(", ")}.`;
}

function totals(history: History, end: FinalLook): TrafficTotals {
  const operations = history.operations.filter(({ process }) => !process.name.startsWith(finalDump));
  const count = (outcome: string): number => operations.filter((each) => each.outcome === outcome).length;
  const ok = operations.filter(({ outcome }) => outcome === "ok");
  return {
    operations: operations.length,
    ok: ok.length,
    failed: count("failed"),
    unknown: count("unknown"),
    writes: ok.filter(isWrite).length,
    reads: ok.filter(isLinearizableRead).length,
    keys: history.keys.size,
    finalRevision: Number(end.members[0]?.dump?.revision ?? "0"),
  };
}

function cutOff({ notReached, gaveUp }: Evidence["injected"]): string[] {
  if (notReached === 0) return [];
  const why = gaveUp
    ? "a fault could not be done or undone, which ends a drill without --keep-going"
    : "the drill was over before";
  return [`${notReached} planned faults were not begun: ${why}`];
}
