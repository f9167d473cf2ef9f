import type { FaultRecord, Report } from "../report-format.ts";
import { faultEnd } from "./lane-rows.ts";
import { count, duration } from "./words.ts";

/** What is to be said of one moment of the run. */
export interface AtMoment {
  readonly traffic: readonly (readonly [name: string, value: string])[];
  /** Faults that are on or from which the cluster has not recovered, and whether they are on. */
  readonly faults: readonly { readonly fault: FaultRecord; readonly active: boolean }[];
  readonly gaps: readonly string[];
}

function latency(p50: number | null | undefined, p99: number | null | undefined): string {
  return typeof p50 === "number" && typeof p99 === "number" ? `${duration(p50)}, 99 % below ${duration(p99)}` : "none";
}

/**
 * What the report knows about a moment.
 * @param reach how near a fault or a pause must be, in ms, to be meant: a fault that takes no time is hard to hit
 */
export function atMoment({ series, faults, gaps }: Report, ms: number, reach: number): AtMoment {
  const bucket = Math.min(Math.max(Math.floor(ms / series.bucketMs), 0), series.writes.length - 1);
  const rate = (list: readonly number[]): string =>
    `${count(Math.round(((list[bucket] ?? 0) * 1000) / series.bucketMs))}/s`;
  const errors = series.errors[bucket] ?? 0;
  return {
    traffic: [
      ["writes", `${rate(series.writes)}, ${latency(series.writeP50[bucket], series.writeP99[bucket])}`],
      ["reads", `${rate(series.reads)}, ${latency(series.readP50[bucket], series.readP99[bucket])}`],
      ...(errors > 0 ? [["failed or unknown", rate(series.errors)] as const] : []),
    ],
    faults: faults
      .filter((fault) => fault.startMs - reach <= ms && ms <= faultEnd(fault) + reach)
      .map((fault) => ({ fault, active: ms <= fault.endMs + reach })),
    gaps: gaps
      .filter(({ startMs, endMs }) => startMs <= ms && ms <= endMs)
      .map(
        ({ of, startMs, endMs, faults: because }) =>
          `no ${of} for ${duration(endMs - startMs)}${because.length === 0 ? ", unexplained" : ""}`,
      ),
  };
}
