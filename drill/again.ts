import { type DrillOptions } from "./options.ts";

/**
 * The options that are no part of what a run is: where its report goes, and what else to do instead of, or around, one run.
 * Everything else is repeated by `argumentsAgain`; a test holds that for every option there is.
 */
export const notRepeated = [
  "planned",
  "heal",
  "seeds",
  "table",
  "out",
  "aim",
  "limitMs",
] as const satisfies (keyof DrillOptions)[];

/** The arguments that ask for exactly this run again. */
export function argumentsAgain(options: DrillOptions): string[] {
  const { aim, plan, seed, durationMs, onlyFaults, keepGoing, rate, stack, configFile, reach } = options;
  // Everything else of it is of the defect it is aimed at.
  if (aim !== undefined) return ["--known-bad", aim.version, "--seed", String(seed)];
  return [
    ...["--stack", stack],
    ...(configFile === undefined ? [] : ["--config-file", configFile]),
    ...["--plan", plan, "--seed", String(seed), "--duration", `${durationMs / 1000}s`, "--rate", String(rate)],
    ...(onlyFaults.length === 0 ? [] : ["--faults", onlyFaults.join(",")]),
    ...(keepGoing ? ["--keep-going"] : []),
    ...(reach === undefined ? [] : ["--reach", reach === "node" ? "node" : "api"]),
  ];
}

/** The arguments as a command to be pasted into a shell. */
export function commandAgain(args: readonly string[]): string {
  return ["npm run drill --", ...args.map(quoted)].join(" ");
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
