import path from "node:path";
import pc from "picocolors";
import { Unreachable } from "../desk/connection.ts";
import { UnreadableHistory } from "../workload/history/lines.ts";
import { World } from "./cluster/world.ts";
import { Journal } from "./faults/journal.ts";
import { DrillError, parseOptions, usage, type DrillOptions } from "./options.ts";
import { type Report } from "./report-format.ts";
import { heal, runDrill, writeReport } from "./run/drill.ts";
import { Screen } from "./run/screen.ts";
import { runSeeds } from "./seeds/run.ts";
import { faultsPerMinute } from "./seeds/table.ts";
import { findStack } from "./stack.ts";

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options === "help") {
      console.log(usage);
      return 0;
    }
    return await run(options);
  } catch (error) {
    if (error instanceof DrillError || error instanceof Unreachable || error instanceof UnreadableHistory) {
      console.error(`error: ${error.message}`);
    } else {
      console.error(error);
    }
    return 2;
  }
}

async function run(options: DrillOptions): Promise<number> {
  if (options.aim !== undefined) {
    // Loaded only here: it brings the local cluster, which nothing else needs.
    const { drillKnownBad } = await import("./known-bad/drill.ts");
    return await drillKnownBad(options, options.aim, stopOnSignals(console.log));
  }
  const { place, name } = await findStack(options.stack, options.configFile);
  const world = await World.open(place, name, options.reach);
  const screen = new Screen();
  if (options.heal) {
    await heal(world, new Journal(place), screen.say);
    console.log("nothing of a drill is left");
    return 0;
  }
  const folder = options.out ?? path.join("drill-reports", new Date().toISOString().replaceAll(/[:.]/g, "-"));
  if (options.seeds !== undefined) {
    const passed = await runSeeds(options, world, stopOnSignals(console.log), folder, console.log);
    console.log(`${options.table}\n${folder}`);
    return passed === undefined ? 2 : passed ? 0 : 1;
  }
  const stop = stopOnSignals(screen.say);
  const report = await runDrill(options, world, screen, stop, folder);
  screen.end();
  tell(report, await writeReport(report, folder));
  if (stop.signal.aborted) return 2;
  return report.verdict === "passed" ? 0 : 1;
}

/** Once: ends in order, everything undone. Twice: at once; the journal keeps what is to be undone. */
function stopOnSignals(say: (line: string) => void): AbortController {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) {
        console.error("ended at once: `npm run drill -- --heal` undoes what is left");
        process.exit(2);
      }
      say("ending: what is on is undone first (once more to end at once)");
      stop.abort();
    });
  }
  return stop;
}

function tell(report: Report, files: readonly string[]): void {
  const { properties, faults, skipped, warnings } = report;
  console.log("");
  for (const { status, name, passing, failing, unit, detail, examples } of properties) {
    const mark = status === "passed" ? pc.green("✔") : pc.red("✘");
    const counts = failing === 0 ? `${passing} ${unit}` : `${failing} of ${passing + failing} ${unit} failed`;
    console.log(`${mark} ${name}: ${counts}${detail === "" ? "" : ` (${detail})`}`);
    for (const { holds, words } of examples) if (!holds) console.log(`    ${words}`);
  }
  for (const { kind, times, why } of skipped) console.log(`- ${kind} skipped (${times} planned): ${why}`);
  for (const warning of warnings) console.log(`- ${warning}`);
  const perMinute = faultsPerMinute(faults.length, report.run.durationMs);
  console.log(
    `\n${report.summary} ${perMinute} faults a minute.\n${files.join("\n")}\nonce more: ${report.run.command}`,
  );
}
