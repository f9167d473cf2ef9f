import { readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { faultKinds } from "./faults/kinds.ts";
import { knownBugs, type KnownBug } from "./known-bad/bugs.ts";
import { planFaults } from "./plan/plan.ts";
import { planShapes } from "./plan/plans.ts";
import { reportVersion, type PlannedFault, type Report } from "./report-format.ts";

const plansInWords = [...planShapes.values()].map(({ name, about }) => `    ${name.padEnd(10)}${about}`).join("\n");

export const usage = `Usage: npm run drill -- [options]
Breaks the deployed cluster on purpose while client pods use it, undoes it all, and proves from what the clients were told that
nothing was lost. Writes report.json, report.html and the clients' histories.
  --plan NAME        what is done, and how long (default: standard)
${plansInWords}
  --seed N           the same seed plans the same faults at the same times (default: by chance, and told)
  --duration TIME    of the part with faults, as 90s or 5m (default: the plan's)
  --faults LIST      only these kinds: ${[...faultKinds.keys()].join(", ")}
  --seeds N..M       a drill for each of these seeds, a line each, and a row of --table for each: those that have a row of
                     this commit are not run again, so that the same command goes on where it was ended
  --table FILE       that table (default: docs/drill-seeds.md)
  --replay FILE      the run of an earlier report.json once more, with all its options; others than of the plan may be given anew
  --keep-going       go on with the plan though a fault could not be done or undone
  --heal             only undo what an earlier drill left behind
  --known-bad VERSION  a drill on the local cluster against an etcd with a known defect, built for it: ${[...knownBugs.keys()].join(", ")};
                     --duration is how long it may take at most (default: 30m). Exit code: 0 caught, 1 not caught, 2 it could not run
  --rate N           operations per second of each client pod, 0: as fast as answers come (default: 150)
  --stack NAME       whose Pulumi.NAME.yaml says where the cluster is (default: dev)
  --config-file FILE that file, where it is elsewhere
  --reach HOW        node or api: how pods are reached (default: node where this is the node, else api)
  --out FOLDER       for the report and the histories (default: drill-reports/<time>)
Exit code: 0 every property held, 1 one did not, 2 the drill itself could not run.`;

/** The drill was used wrongly, or can't run: one sentence for the one who asked. */
export class DrillError extends Error {}

export interface DrillOptions {
  readonly plan: string;
  readonly seed: number;
  /** One drill for each instead of one for `seed`; undefined: that one. */
  readonly seeds: readonly number[] | undefined;
  /** Of what came of `seeds`. */
  readonly table: string;
  readonly durationMs: number;
  readonly onlyFaults: readonly string[];
  /** Of a replayed report; undefined: to be planned. */
  readonly planned: readonly PlannedFault[] | undefined;
  readonly keepGoing: boolean;
  readonly heal: boolean;
  /** The defect this drill is to show; undefined: none, it is about the stack. */
  readonly aim: KnownBug | undefined;
  /** How long it may take to show that defect, in milliseconds; undefined: half an hour. */
  readonly limitMs: number | undefined;
  readonly rate: number;
  readonly stack: string;
  readonly configFile: string | undefined;
  readonly reach: "node" | "kubernetes api" | undefined;
  readonly out: string | undefined;
}

const mostSeeds = 1_000;

/** Where the seeds that were run stand, beside the other documents. */
const seedsTable = path.join(import.meta.dirname, "..", "docs", "drill-seeds.md");

const flags = {
  help: { type: "boolean", short: "h" },
  plan: { type: "string" },
  seed: { type: "string" },
  seeds: { type: "string" },
  table: { type: "string" },
  duration: { type: "string" },
  faults: { type: "string" },
  replay: { type: "string" },
  "known-bad": { type: "string" },
  "keep-going": { type: "boolean" },
  heal: { type: "boolean" },
  rate: { type: "string" },
  stack: { type: "string", short: "s" },
  "config-file": { type: "string" },
  reach: { type: "string" },
  out: { type: "string" },
} as const;

/** What decides the plan: a replayed run brings it. */
const ofThePlan = ["plan", "seed", "seeds", "duration", "faults"] as const;

/** @throws DrillError naming the flag and what was expected */
export function parseOptions(args: readonly string[]): DrillOptions | "help" {
  const given = parsed(args);
  if (given.help === true) return "help";
  if (given.replay === undefined) return optionsOf(given, undefined);
  const { replay } = given;
  const decided = ofThePlan.find((flag) => given[flag] !== undefined);
  if (decided !== undefined) throw new DrillError(`--${decided} can't be given with --replay, which brings its own`);
  const { run } = readReport(replay);
  return optionsOf({ ...parsed(run.arguments), ...given }, run.planned);
}

type Given = ReturnType<typeof parsed>;

function optionsOf(given: Given, planned: readonly PlannedFault[] | undefined): DrillOptions {
  const { plan = "standard", reach, seed, seeds } = given;
  const aim = aimAt(given["known-bad"]);
  const shape = aim?.shape ?? planShapes.get(plan);
  if (shape === undefined) {
    throw new DrillError(`--plan is "${plan}": expected one of ${[...planShapes.keys()].join(", ")}`);
  }
  if (reach !== undefined && reach !== "node" && reach !== "api") {
    throw new DrillError(`--reach is "${reach}": expected node or api`);
  }
  if (seed !== undefined && seeds !== undefined) throw new DrillError("--seed and --seeds can't be given together");
  return {
    plan: shape.name,
    aim,
    limitMs: aim === undefined || given.duration === undefined ? undefined : durationOf(given.duration),
    seed: seedOf(seed),
    seeds: seeds === undefined ? undefined : seedsOf(seeds),
    table: given.table ?? seedsTable,
    durationMs: given.duration === undefined || aim !== undefined ? shape.durationMs : durationOf(given.duration),
    onlyFaults: kindsOf(given.faults),
    planned,
    keepGoing: given["keep-going"] ?? false,
    heal: given.heal ?? false,
    rate: wholeNumber("rate", given.rate ?? "150"),
    stack: given.stack ?? "dev",
    configFile: given["config-file"],
    reach: reach === "api" ? "kubernetes api" : reach,
    out: given.out,
  };
}

/** What the options ask for on a cluster of so many members. @throws DrillError where that is nothing */
export function plannedFaults(options: DrillOptions, members: number): readonly PlannedFault[] {
  const shape = options.aim?.shape ?? planShapes.get(options.plan);
  if (shape === undefined) throw new DrillError(`there is no plan "${options.plan}"`);
  const { seed, durationMs, onlyFaults } = options;
  const planned = options.planned ?? planFaults(shape, { seed, durationMs, onlyFaults, members });
  if (planned.length === 0)
    throw new DrillError(`no fault fits into --duration ${durationMs / 1000}s: it takes 4 s or more`);
  return planned;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags }).values;
  } catch (error) {
    throw new DrillError(error instanceof Error ? error.message : String(error));
  }
}

function aimAt(version: string | undefined): KnownBug | undefined {
  const aim = version === undefined ? undefined : knownBugs.get(version.replace(/^v/, ""));
  if (version !== undefined && aim === undefined) {
    throw new DrillError(`--known-bad is "${version}": expected one of ${[...knownBugs.keys()].join(", ")}`);
  }
  return aim;
}

function readReport(file: string): Report {
  let report: Partial<Report>;
  try {
    report = JSON.parse(readFileSync(file, "utf8")) as Partial<Report>;
  } catch (error) {
    throw new DrillError(`--replay ${file} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (report.report !== reportVersion || report.run === undefined) {
    throw new DrillError(`--replay ${file} is no report of a drill: expected a report.json of format ${reportVersion}`);
  }
  return report as Report;
}

function seedOf(text: string | undefined): number {
  return text === undefined ? Math.floor(Math.random() * 1_000_000) : wholeNumber("seed", text);
}

function seedsOf(text: string): number[] {
  const [, from, to] = /^(\d{1,9})\.\.(\d{1,9})$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (from === undefined || last < first || last - first >= mostSeeds) {
    throw new DrillError(`--seeds is "${text}": expected the first and the last, such as 1..20, ${mostSeeds} at most`);
  }
  return Array.from({ length: last - first + 1 }, (_, more) => first + more);
}

function wholeNumber(flag: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new DrillError(`--${flag} is "${text}": expected a whole number from 0`);
  return Number(text);
}

function durationOf(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text) ?? [];
  if (amount === undefined) throw new DrillError(`--duration is "${text}": expected a time such as 90s, 5m or 1h`);
  return Number(amount) * { s: 1_000, m: 60_000, h: 3_600_000 }[(unit ?? "s") as "s" | "m" | "h"];
}

function kindsOf(text: string | undefined): string[] {
  const kinds = (text ?? "").split(",").filter((kind) => kind !== "");
  const unknown = kinds.find((kind) => !faultKinds.has(kind));
  if (unknown !== undefined) {
    throw new DrillError(`--faults has "${unknown}": expected kinds of ${[...faultKinds.keys()].join(", ")}`);
  }
  return kinds;
}
