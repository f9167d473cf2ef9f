import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import type { CommandLine, ProgramAhead } from "./ahead.ts";

/** One run of a program, as the engine asks for it. */
export interface ProgramRun {
  /** Where the program's own files are. */
  directory: string;
  /** The folder that holds Pulumi.yaml. */
  rootDirectory: string;
  /** The folder the program runs in. */
  pwd: string;
  /** The program, relative to its directory: `index.ts`, or `.` for what package.json calls main. */
  entryPoint: string;
  args: readonly string[];
  organization: string;
  project: string;
  stack: string;
  dryRun: boolean;
  parallel: number;
  monitorAddress: string;
  engineAddress: string;
  config: ReadonlyMap<string, string>;
  configSecretKeys: readonly string[];
  options: RuntimeOptions;
}

/** The options of `runtime:` in Pulumi.yaml that matter for a run. */
export interface RuntimeOptions {
  /** Whether ts-node compiles the program; false: Node runs it as it is. Default true. */
  typescript: boolean;
  /** Path of the tsconfig.json ts-node takes; empty: its default. */
  tsconfig: string;
  /** Arguments for Node itself, split as a shell would. */
  nodeargs: string;
}

export type ProgramOutcome = { kind: "done" } | { kind: "bailed" } | { kind: "failed"; message: string };

/**
 * The exit code by which the SDK says that it has shown the user what is wrong: nothing is to be added
 * (@pulumi/pulumi cmd/run, nodeJSProcessExitedAfterLoggingUserActionableMessage).
 */
const exitedAfterMessage = 32;

/**
 * Starts the program.
 * @param told each line of its output, and from which of its streams: 1 or 2, as file descriptors are counted
 * @param ahead takes the program where it can
 */
export function startProgram(
  run: ProgramRun,
  told: (line: string, stream: 1 | 2) => void,
  ahead?: ProgramAhead,
): { outcome: Promise<ProgramOutcome>; stop: () => void } {
  const line = commandLine(run);
  const child = ahead?.run(run.directory, line) ?? startNode(line);
  createInterface(child.stdout).on("line", (text) => told(text, 1));
  createInterface(child.stderr).on("line", (text) => told(text, 2));
  const outcome = new Promise<ProgramOutcome>((resolve) => {
    child.on("error", (error) =>
      resolve({ kind: "failed", message: `the program could not be started: ${error.message}` }),
    );
    // Not "exit": what it wrote last may be on its way still.
    child.on("close", (code, signal) => resolve(outcomeOf(code, signal)));
  });
  return { outcome, stop: () => child.kill("SIGTERM") };
}

function startNode({ flags, launcher, args, directory, environment }: CommandLine) {
  return spawn(process.execPath, [...flags, launcher, ...args], {
    cwd: directory,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** What an exit means to the engine. */
export function outcomeOf(code: number | null, signal: string | null): ProgramOutcome {
  switch (code) {
    case 0:
      return { kind: "done" };
    case exitedAfterMessage:
      return { kind: "bailed" };
    case null:
      return { kind: "failed", message: `Program exited due to a signal: ${signal ?? "unknown"}` };
    default:
      return { kind: "failed", message: `Program exited with non-zero exit code: ${code}` };
  }
}

/** How the SDK's launcher runs the program. */
export function commandLine(run: ProgramRun): CommandLine {
  return {
    flags: splitArguments(run.options.nodeargs),
    launcher: launcher(run.directory),
    args: [
      ...["--monitor", run.monitorAddress, "--engine", run.engineAddress],
      ...(run.organization === "" ? [] : ["--organization", run.organization]),
      ...["--root-directory", run.rootDirectory, "--project", run.project, "--stack", run.stack, "--pwd", run.pwd],
      ...(run.dryRun ? ["--dry-run"] : []),
      ...["--parallel", String(run.parallel), run.entryPoint, ...run.args],
    ],
    directory: run.pwd,
    environment: programEnvironment(run),
  };
}

/** What the SDK reads from its environment. */
export function programEnvironment(run: ProgramRun): Record<string, string> {
  return {
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(run.config)),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(run.configSecretKeys),
    PULUMI_NODEJS_TYPESCRIPT: String(run.options.typescript),
    ...(run.options.tsconfig === "" ? {} : { PULUMI_NODEJS_TSCONFIG_PATH: run.options.tsconfig }),
  };
}

function launcher(directory: string): string {
  try {
    return createRequire(path.join(directory, "package.json")).resolve("@pulumi/pulumi/cmd/run");
  } catch (error) {
    throw new Error(`the package @pulumi/pulumi is not installed for ${directory}: run npm ci there`, { cause: error });
  }
}

/** Splits a command line at blanks outside quotes; quotes are taken off. */
export function splitArguments(line: string): string[] {
  const words = line.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}
