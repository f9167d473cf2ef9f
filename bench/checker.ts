import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { ChildFigures } from "./checker-child.ts";
import { writeHistory, type HistoryShape } from "./checker-history.ts";
import { median, type Figure } from "./result.ts";

/** What bench/porcupine prints. */
interface PorcupineFigures {
  readonly readSeconds: number;
  readonly checkSeconds: number;
  readonly linearizable: number;
  readonly maxMegabytes: number;
}

const million = 1_000_000;
const sizes = [10_000, 100_000, million];
const wide: Omit<HistoryShape, "operations" | "unknown"> = { keys: 100, clients: 8 };

/**
 * The checker beside Porcupine on the same histories, which are written for it: a million operations over a hundred keys, a
 * hundred thousand on one, the growth with the length, and the register logs. Porcupine is not asked about the hot key, on
 * which it runs out of memory, nor about unknown outcomes, each of which doubles its work.
 */
export async function run(rounds: number): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "bench-checker-"));
  const times = Math.min(rounds, 3);
  try {
    const porcupine = await buildPorcupine(folder);
    return [
      ...(await wideHistory(folder, porcupine, times)),
      ...(await hotKey(folder, times)),
      ...(await growth(folder, times)),
      ...(await registerLogs(porcupine, times)),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const sourceFolder = join(import.meta.dirname, "porcupine");

async function buildPorcupine(folder: string): Promise<string> {
  const program = join(folder, "porcupine-bench");
  await execa("go", ["build", "-o", program, "."], { cwd: sourceFolder });
  return program;
}

async function askPorcupine(program: string, what: string, path: string): Promise<PorcupineFigures> {
  const { stdout } = await execa(program, [what, path]);
  return JSON.parse(stdout) as PorcupineFigures;
}

async function ask(...args: string[]): Promise<ChildFigures> {
  const child = join(import.meta.dirname, "checker-child.ts");
  const { stdout } = await execa(process.execPath, [child, ...args]);
  return JSON.parse(stdout) as ChildFigures;
}

async function repeated<T>(times: number, measure: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let time = 0; time < times; time++) results.push(await measure());
  return results;
}

async function wideHistory(folder: string, porcupine: string, times: number): Promise<Figure[]> {
  const [file, rows] = [join(folder, "wide.jsonl"), join(folder, "wide.tsv")];
  writeHistory(file, rows, { ...wide, operations: million, unknown: 0 });
  // In turn, so that whatever else the machine does falls on both.
  const pairs = await repeated(times, async () => ({
    ours: await ask("history", file),
    theirs: await askPorcupine(porcupine, "puts", rows),
  }));
  const ours = pairs.map((pair) => pair.ours.checkSeconds[0] ?? Infinity);
  const theirs = pairs.map((pair) => pair.theirs.checkSeconds);
  const name = "10^6 operations, 100 keys, 8 clients";
  return [
    shown(`${name}: check`, "s", ours),
    shown(`${name}: Porcupine's check`, "s", theirs),
    bound(`${name}: check, of Porcupine's`, "×", [median(ours) / median(theirs)], 1),
    bound(
      `${name}: memory at most`,
      "MB",
      pairs.map((pair) => pair.ours.maxMegabytes),
      1000,
    ),
    shown(
      `${name}: Porcupine's memory`,
      "MB",
      pairs.map((pair) => pair.theirs.maxMegabytes),
    ),
    // Two lines an operation: half the time of the whole file is that of a million lines.
    bound(
      "reading 10^6 lines",
      "s",
      pairs.map((pair) => pair.ours.readSeconds / 2),
      5,
    ),
  ];
}

async function hotKey(folder: string, times: number): Promise<Figure[]> {
  const file = join(folder, "hot.jsonl");
  writeHistory(file, undefined, { operations: 100_000, keys: 1, clients: 8, unknown: 0 });
  const all = await repeated(times, () => ask("history", file));
  const seconds = all.map(({ checkSeconds }) => checkSeconds[0] ?? Infinity);
  return [bound("10^5 operations on one key: check", "s", seconds, 0.5)];
}

async function growth(folder: string, times: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  let before: { readonly size: number; readonly seconds: number } | undefined;
  for (const operations of sizes) {
    const file = join(folder, `growth-${operations}.jsonl`);
    writeHistory(file, undefined, { ...wide, operations, unknown: 0.01 });
    // The later runs in one process: the time of the engine's first look at the code does not grow with the history.
    const { checkSeconds } = await ask("history", file, String(times + 2));
    const warm = checkSeconds.slice(2);
    const name = `10^${Math.log10(operations)} operations, 1 % of unknown outcome`;
    figures.push(shown(`${name}: check`, "s", warm));
    const seconds = median(warm);
    if (before !== undefined) {
      const expected = (operations * Math.log(operations)) / (before.size * Math.log(before.size));
      figures.push(bound(`${name}: growth, of n log n`, "×", [seconds / before.seconds / expected], 1));
    }
    before = { size: operations, seconds };
  }
  return figures;
}

async function registerLogs(porcupine: string, times: number): Promise<Figure[]> {
  const { stdout } = await execa("go", ["list", "-m", "-f", "{{.Dir}}", "github.com/anishathalye/porcupine"], {
    cwd: sourceFolder,
  });
  const logs = join(stdout.trim(), "test_data/jepsen");
  const pairs = await repeated(times, async () => ({
    ours: await ask("registers", logs),
    theirs: await askPorcupine(porcupine, "registers", logs),
  }));
  const ours = pairs.map((pair) => pair.ours.checkSeconds[0] ?? Infinity);
  const theirs = pairs.map((pair) => pair.theirs.readSeconds + pair.theirs.checkSeconds);
  return [
    shown("102 register logs: read and check", "s", ours),
    shown("102 register logs: Porcupine's read and check", "s", theirs),
    bound("102 register logs, of Porcupine's", "×", [median(ours) / median(theirs)], 1),
  ];
}

function shown(name: string, unit: Figure["unit"], samples: readonly number[]): Figure {
  return { name, unit, samples, judged: "median", bound: undefined };
}

function bound(name: string, unit: Figure["unit"], samples: readonly number[], limit: number): Figure {
  return { name, unit, samples, judged: "median", bound: limit };
}
