import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type World } from "../cluster/world.ts";
import { commit } from "../commit.ts";
import { type DrillOptions } from "../options.ts";
import { runDrill, writeReport } from "../run/drill.ts";
import { Screen } from "../run/screen.ts";
import { isOfSameRun, rowsOf, seedRow, seedRowInWords, seedsTable, withRow, type SeedRow } from "./table.ts";

/**
 * A drill for each of the seeds, one after the other. What came of one is in the table before the next begins, so that the same
 * call goes on where an earlier one was ended; only rows of the commit that runs now count as done.
 * @param say told of each seed, in one line
 * @param folder of the reports: one below it for each seed
 * @returns whether every seed passed, those of earlier calls included; undefined: it was ended before the last
 * @throws DrillError where a drill could not run; the rows before it are in the table
 */
export async function runSeeds(
  options: DrillOptions,
  world: World,
  stop: AbortController,
  folder: string,
  say: (line: string) => void,
): Promise<boolean | undefined> {
  const seeds = options.seeds ?? [options.seed];
  const now = await commit(options.table);
  const rows: SeedRow[] = [];
  for (const seed of seeds) {
    const asked = { plan: options.plan, seed, seconds: options.durationMs / 1000, members: world.replicas };
    const known = rowsIn(options.table).find((row) => isOfSameRun(row, asked) && row.commit === now);
    if (known !== undefined) say(`${seedRowInWords(known)} (ran before)`);
    const row = known ?? (await runSeed({ ...options, seed }, world, stop, path.join(folder, `seed-${seed}`)));
    if (row === undefined) return undefined;
    if (known === undefined) {
      writeTable(options.table, withRow(rowsIn(options.table), row));
      say(seedRowInWords(row));
    }
    rows.push(row);
  }
  return rows.every(({ verdict }) => verdict === "passed");
}

/** @returns undefined: it was ended before its time, which proves nothing */
async function runSeed(
  options: DrillOptions,
  world: World,
  stop: AbortController,
  folder: string,
): Promise<SeedRow | undefined> {
  // Of a run that was ended before its time.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const lines = path.join(folder, "drill.log");
  const screen = new Screen({ isTTY: false, columns: 0, rows: 0, write: (text) => appendFileSync(lines, text) });
  const report = await runDrill(options, world, screen, stop, folder);
  await writeReport(report, folder);
  return stop.signal.aborted ? undefined : seedRow(report);
}

function rowsIn(file: string): SeedRow[] {
  return existsSync(file) ? rowsOf(readFileSync(file, "utf8")) : [];
}

/** Whole or not at all. */
function writeTable(file: string, rows: readonly SeedRow[]): void {
  writeFileSync(`${file}.new`, seedsTable(rows));
  renameSync(`${file}.new`, file);
}
