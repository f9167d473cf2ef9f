import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";

/** One figure: what was measured, and what it is to be. */
export interface Figure {
  readonly name: string;
  readonly unit: "s" | "ms" | "MB" | "%" | "×" | "/s";
  /** Every single measurement, in the order it was taken. */
  readonly samples: readonly number[];
  /** Which of the samples is held against the bound. */
  readonly judged: "median" | "max";
  /** The figure must not be above it; undefined where it is only shown. */
  readonly bound: number | undefined;
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  if (low === undefined || high === undefined) throw new Error("a median needs a sample");
  return (low + high) / 2;
}

function judgedValue(figure: Figure): number {
  return figure.judged === "median" ? median(figure.samples) : Math.max(...figure.samples);
}

/** Whether the figure keeps its bound. */
export function holds(figure: Figure): boolean {
  return figure.bound === undefined || judgedValue(figure) <= figure.bound;
}

/** Prints the table and writes the same as JSON to bench/results/. */
export function report(bench: string, figures: readonly Figure[]): void {
  const table = new Table({
    style: { head: [], border: [] },
    head: ["figure", "runs", "min", "median", "max", "bound", ""],
    colAligns: ["left", "right", "right", "right", "right", "right", "left"],
  });
  for (const figure of figures) {
    const { name, unit, samples, bound } = figure;
    const shown = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} ${unit}`;
    const limit = bound === undefined ? "" : `${figure.judged} ≤ ${shown(bound)}`;
    const verdict = bound === undefined ? "" : holds(figure) ? "holds" : "BROKEN";
    table.push([
      name,
      samples.length,
      shown(Math.min(...samples)),
      shown(median(samples)),
      shown(Math.max(...samples)),
      limit,
      verdict,
    ]);
  }
  process.stdout.write(`\n${table.toString()}\n`);
  const folder = join(import.meta.dirname, "results");
  mkdirSync(folder, { recursive: true });
  const machine = { cpu: cpus()[0]?.model ?? "", cores: cpus().length, memoryBytes: totalmem(), node: process.version };
  writeFileSync(join(folder, `${bench}.json`), `${JSON.stringify({ bench, machine, figures }, undefined, 2)}\n`);
}
