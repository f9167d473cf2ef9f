import { readFileSync } from "node:fs";

/** A put that was acknowledged, as the history has it. */
export interface AcknowledgedWrite {
  readonly key: string;
  readonly value: string;
  readonly revision: string;
  /** When the answer came, in milliseconds of the writer's monotonic clock. */
  readonly atMs: number;
}

/** What a history file has of its puts. */
export interface Puts {
  /** The acknowledged ones, in the order of their answers. */
  readonly writes: readonly AcknowledgedWrite[];
  /** When each put was begun, whatever became of it, in milliseconds of the same clock. */
  readonly begunMs: readonly number[];
  /** What that clock's zero is in milliseconds since 1970, as the wall clock had it when the writer started. */
  readonly zeroMs: number;
}

interface HistoryLine {
  readonly t: number;
  readonly wall?: string;
  readonly p?: number;
  readonly op?: string;
  readonly key?: string;
  readonly value?: string;
  readonly ok?: { readonly revision?: string };
}

export function recordedPuts(file: string): Puts {
  const running = new Map<number, HistoryLine>();
  const [writes, begunMs]: [AcknowledgedWrite[], number[]] = [[], []];
  let zeroMs = 0;
  for (const text of readFileSync(file, "utf8").trimEnd().split("\n")) {
    const line = JSON.parse(text) as HistoryLine;
    if (line.p === undefined) zeroMs = Date.parse(line.wall ?? "") - line.t / 1000;
    else if (line.op !== undefined) {
      running.set(line.p, line);
      if (line.op === "put") begunMs.push(line.t / 1000);
    } else {
      const { op, key = "", value = "" } = running.get(line.p) ?? {};
      if (op === "put" && line.ok !== undefined) {
        writes.push({ key, value, revision: line.ok.revision ?? "", atMs: line.t / 1000 });
      }
    }
  }
  return { writes, begunMs, zeroMs };
}

/** A time in which no write was acknowledged, in milliseconds of the writer's clock. */
export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
  /** The longest time in it in which no put was begun either: so long the writer stood still, whatever the cluster did. */
  readonly idleMs: number;
}

/**
 * The longest time between two acknowledged writes, or none after the last one.
 *
 * @param sinceMs what ended before is not looked at
 * @param untilMs nor what comes after
 */
export function longestGap(
  { writes, begunMs }: Pick<Puts, "writes" | "begunMs">,
  sinceMs: number,
  untilMs: number,
): Gap {
  const gaps = pairs([...writes.map(({ atMs }) => atMs).filter((atMs) => atMs < untilMs), untilMs]);
  const looked = gaps.filter(([, to]) => to > sinceMs);
  const [fromMs, toMs] = looked.sort((a, b) => lengthOf(b) - lengthOf(a))[0] ?? [sinceMs, untilMs];
  const within = begunMs.filter((at) => at > fromMs && at < toMs);
  return { fromMs, toMs, idleMs: Math.max(...pairs([fromMs, ...within, toMs]).map(lengthOf)) };
}

function pairs(times: readonly number[]): (readonly [number, number])[] {
  return times.slice(1).map((time, index) => [times[index] ?? time, time]);
}

function lengthOf([from, to]: readonly [number, number]): number {
  return to - from;
}

/** What is not as it was acknowledged, in a dump of the store: `etcdctl get … -w json`. Nothing where all is well. */
export function missingFrom(dump: string, writes: readonly AcknowledgedWrite[]): string[] {
  const { kvs = [] } = JSON.parse(dump) as { kvs?: { key: string; value: string; mod_revision: number }[] };
  const stored = new Map(
    kvs.map((kv) => [decoded(kv.key), { value: decoded(kv.value), mod: String(kv.mod_revision) }]),
  );
  return writes.flatMap(({ key, value, revision }) => {
    const found = stored.get(key);
    if (found === undefined) return [`${key} (acknowledged with revision ${revision}) is missing`];
    if (found.value === value && found.mod === revision) return [];
    return [`${key} is "${found.value}" of revision ${found.mod}, acknowledged as "${value}" of ${revision}`];
  });
}

/** What is there of these writes, in a dump of the store, though a recovery has given them up: a line each. */
export function presentOf(dump: string, writes: readonly AcknowledgedWrite[]): string[] {
  const { kvs = [] } = JSON.parse(dump) as { kvs?: { key: string }[] };
  const stored = new Set(kvs.map(({ key }) => decoded(key)));
  return writes
    .filter(({ key }) => stored.has(key))
    .map(({ key, revision }) => `${key} (acknowledged with revision ${revision}) is there again`);
}

function decoded(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}
