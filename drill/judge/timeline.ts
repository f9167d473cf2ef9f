import { closeSync, openSync, readSync } from "node:fs";
import { type History, type Operation } from "../../workload/history/operation.ts";
import { mostBuckets, type Series } from "../report-format.ts";

/** From which length on a pause is told as a gap, in milliseconds. */
export const gapMs = 1_000;

/** The name under which the drill itself reads everything at the end: no client of the cluster's. */
export const finalDump = "final-dump";

/** One kind of operation, those that ended ok, in the order of their ends: milliseconds since the run's start. */
export interface Ended {
  readonly ends: Float64Array;
  /** How long each took, in milliseconds, by the same index. */
  readonly took: Float64Array;
}

export interface Timeline {
  /** Everything that changes the store. */
  readonly writes: Ended;
  /** Linearizable gets and ranges. */
  readonly reads: Ended;
  /** Ends of what failed; starts of what is unknown. */
  readonly errors: Float64Array;
  /** Milliseconds since the run's start of a moment of an operation. */
  readonly at: (operation: Operation, microseconds: number) => number;
}

/**
 * Brings operations onto the drill's clock. The clocks of the clients count from anywhere; the first line of each file tells
 * what the wall clock said.
 * @param began wall time of moment 0, in milliseconds
 */
export function timelineOf(history: History, files: readonly string[], began: number): Timeline {
  const offsets = clockOffsets(files.map(firstLine), began);
  const at = ({ process }: Operation, microseconds: number): number =>
    (offsets.get(process.clock) ?? 0) + microseconds / 1000;
  const traffic = history.operations.filter(({ process }) => !process.name.startsWith(finalDump));
  const ok = traffic.filter(({ outcome }) => outcome === "ok");
  const errors = traffic.filter(({ outcome }) => outcome !== "ok");
  return {
    writes: ended(ok.filter(isWrite), at),
    reads: ended(ok.filter(isLinearizableRead), at),
    errors: Float64Array.from(errors, (each) => at(each, each.end === Infinity ? each.start : each.end)).sort(),
    at,
  };
}

export function isWrite({ kind }: Operation): boolean {
  return kind === "put" || kind === "delete" || kind === "txn";
}

export function isLinearizableRead({ kind, serializable, detail }: Operation): boolean {
  if (kind !== "get" && kind !== "range") return false;
  return !serializable && !(detail?.kind === "range" && detail.part.revision > 0);
}

/** What the first line of a history file says about its clock. */
export interface ClockHeader {
  readonly clock: string;
  readonly t: number;
  readonly wall: string;
}

/** By clock: what is to be added to its milliseconds, which count from the earliest file's begin (History). */
export function clockOffsets(headers: readonly ClockHeader[], began: number): Map<string, number> {
  const first = new Map<string, ClockHeader>();
  for (const header of headers) {
    const known = first.get(header.clock);
    if (known === undefined || header.t < known.t) first.set(header.clock, header);
  }
  return new Map([...first].map(([clock, { wall }]) => [clock, Date.parse(wall) - began]));
}

function firstLine(file: string): ClockHeader {
  const opened = openSync(file, "r");
  try {
    const buffer = Buffer.alloc(4096);
    const text = buffer.toString("utf8", 0, readSync(opened, buffer, 0, buffer.length, 0));
    return JSON.parse(text.split("\n")[0] ?? "") as ClockHeader;
  } finally {
    closeSync(opened);
  }
}

function ended(operations: readonly Operation[], at: Timeline["at"]): Ended {
  const rows = operations.map((each) => ({ end: at(each, each.end), took: (each.end - each.start) / 1000 }));
  rows.sort((a, b) => a.end - b.end);
  return { ends: Float64Array.from(rows, ({ end }) => end), took: Float64Array.from(rows, ({ took }) => took) };
}

/** A time in which nothing ended. */
export interface Pause {
  readonly startMs: number;
  readonly endMs: number;
}

/** The longest pause that touches a time, the whole of it even where it reaches beyond; undefined without any operation. */
export function longestPause(ends: Float64Array, fromMs: number, untilMs: number): Pause | undefined {
  let longest: Pause | undefined;
  for (let at = firstAfter(ends, fromMs); at <= ends.length; at++) {
    const startMs = ends[at - 1] ?? fromMs;
    const endMs = ends[at] ?? untilMs;
    if (startMs > untilMs) break;
    if (longest === undefined || endMs - startMs > longest.endMs - longest.startMs) longest = { startMs, endMs };
  }
  return ends.length === 0 ? undefined : longest;
}

/** All pauses longer than `gapMs` between the first and the last operation. */
export function pausesOf(ends: Float64Array): Pause[] {
  const pauses: Pause[] = [];
  for (let at = 1; at < ends.length; at++) {
    const startMs = ends[at - 1] ?? 0;
    const endMs = ends[at] ?? 0;
    if (endMs - startMs > gapMs) pauses.push({ startMs, endMs });
  }
  return pauses;
}

/** The series of a report: as many buckets as the run takes, wider ones for a long run. */
export function seriesOf({ writes, reads, errors }: Timeline, durationMs: number): Series {
  const bucketMs = [250, 500, 1000, 2000, 5000, 10_000].find((width) => durationMs / width < mostBuckets / 2) ?? 60_000;
  const count = Math.max(1, Math.ceil(durationMs / bucketMs));
  const counted = (ends: Float64Array): number[] => {
    const counts = new Array<number>(count).fill(0);
    for (const end of ends) {
      const bucket = Math.floor(end / bucketMs);
      if (bucket >= 0 && bucket < count) counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    return counts;
  };
  return {
    bucketMs,
    writes: counted(writes.ends),
    reads: counted(reads.ends),
    errors: counted(errors),
    writeP50: quantiles(writes, bucketMs, count, 0.5),
    writeP99: quantiles(writes, bucketMs, count, 0.99),
    readP50: quantiles(reads, bucketMs, count, 0.5),
    readP99: quantiles(reads, bucketMs, count, 0.99),
    gapMs,
  };
}

function quantiles({ ends, took }: Ended, bucketMs: number, count: number, share: number): (number | null)[] {
  return Array.from({ length: count }, (_, bucket) => {
    const inside = took.slice(firstAfter(ends, bucket * bucketMs), firstAfter(ends, (bucket + 1) * bucketMs)).sort();
    const value = inside[Math.min(inside.length - 1, Math.floor(inside.length * share))];
    return value === undefined ? null : Math.round(value * 10) / 10;
  });
}

/** Index of the first end that is not before a moment. */
function firstAfter(ends: Float64Array, ms: number): number {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] ?? Infinity) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
