import path from "node:path";
import { UserError } from "../../local/errors.ts";
import { World } from "../cluster/world.ts";
import { type DrillOptions, DrillError } from "../options.ts";
import { type Report } from "../report-format.ts";
import { runDrill, writeReport } from "../run/drill.ts";
import { Screen } from "../run/screen.ts";
import { type KnownBug } from "./bugs.ts";
import { bringUp } from "./stack.ts";

/** A defect that was not seen in this time counts as not caught, in milliseconds. */
const defaultLimitMs = 30 * 60_000;

/**
 * Round after round against a cluster of a known-bad etcd, until the property fails that the defect breaks. Round n has the
 * seed given plus n.
 * @returns exit code: 0 caught, 1 not caught in the time given
 * @throws DrillError where it could not run
 */
export async function drillKnownBad(options: DrillOptions, bug: KnownBug, stop: AbortController): Promise<number> {
  console.log(`etcd ${bug.version}: ${bug.about}\n(${bug.issue}, fixed in ${bug.fixedIn})`);
  const stack = await bringUp(bug).catch((error: unknown) => {
    if (error instanceof UserError) throw new DrillError(error.message);
    throw error;
  });
  try {
    const world = await World.open(stack.place, stack.name, options.reach);
    return await rounds(options, bug, world, stop);
  } finally {
    await stack.remove();
  }
}

async function rounds(options: DrillOptions, bug: KnownBug, world: World, stop: AbortController): Promise<number> {
  const began = Date.now();
  const limitMs = options.limitMs ?? defaultLimitMs;
  const folder = options.out ?? path.join("drill-reports", `known-bad-${bug.version}-${began.toString(36)}`);
  for (let round = 0; !stop.signal.aborted && Date.now() - began < limitMs; round++) {
    const here = path.join(folder, `round-${round}`);
    const screen = new Screen();
    const seed = options.seed + round;
    const report = await runDrill({ ...options, seed, rate: bug.rate }, world, screen, stop, here);
    screen.end();
    await writeReport(report, here);
    const found = evidence(report, bug);
    const took = `${((Date.now() - began) / 1000).toFixed(0)} s`;
    if (found.length > 0) {
      console.log(`\n✔ etcd ${bug.version} is caught after ${took} (round ${round + 1}, seed ${seed})`);
      for (const line of found) console.log(`    ${line}`);
      console.log(path.join(here, "report.html"));
      return 0;
    }
    console.log(`- round ${round + 1} (seed ${seed}) did not show it; ${took} so far. ${report.summary}`);
  }
  if (stop.signal.aborted) throw new DrillError("the drill was ended before its time");
  console.log(`\n✘ etcd ${bug.version} is not caught in ${(limitMs / 60_000).toFixed(1)} min: ${bug.about}`);
  return 1;
}

/** What in a report shows the defect, and not some other failure; empty: nothing does. */
export function evidence(report: Pick<Report, "properties">, bug: KnownBug): string[] {
  return report.properties
    .filter(({ id, status }) => bug.properties.includes(id) && status === "failed")
    .flatMap(({ name, examples }) => examples.filter(({ holds }) => !holds).map(({ words }) => `${name}: ${words}`))
    .filter((line) => bug.says.some((sentence) => sentence.test(line)))
    .slice(0, 5);
}
