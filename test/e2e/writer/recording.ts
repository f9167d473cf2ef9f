import { readFileSync } from "node:fs";

/** A put that was acknowledged, as the history has it. */
export interface AcknowledgedWrite {
  readonly key: string;
  readonly value: string;
  readonly revision: string;
  /** When the answer came, in milliseconds of the writer's monotonic clock. */
  readonly atMs: number;
}

interface HistoryLine {
  readonly t: number;
  readonly p?: number;
  readonly op?: string;
  readonly key?: string;
  readonly value?: string;
  readonly ok?: { readonly revision?: string };
}

/** The acknowledged puts of a history file, in the order of their answers. */
export function acknowledgedWrites(file: string): AcknowledgedWrite[] {
  const running = new Map<number, HistoryLine>();
  const writes: AcknowledgedWrite[] = [];
  for (const text of readFileSync(file, "utf8").trimEnd().split("\n")) {
    const line = JSON.parse(text) as HistoryLine;
    if (line.p === undefined) continue;
    if (line.op !== undefined) running.set(line.p, line);
    else {
      const { op, key = "", value = "" } = running.get(line.p) ?? {};
      if (op === "put" && line.ok !== undefined) {
        writes.push({ key, value, revision: line.ok.revision ?? "", atMs: line.t / 1000 });
      }
    }
  }
  return writes;
}

/** The longest time between two acknowledged writes, in milliseconds. */
export function longestGapMs(writes: readonly AcknowledgedWrite[]): number {
  return Math.max(...writes.slice(1).map(({ atMs }, index) => atMs - (writes[index]?.atMs ?? atMs)));
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
