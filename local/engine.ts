import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { UserError } from "./errors.ts";
import { ensureDir, projectDir } from "./paths.ts";

/** The Pulumi engine as this command runs it: which program, in which environment, on which stack. */
export interface Engine {
  readonly environment: Readonly<Record<string, string>>;
  readonly stack: string;
  /** A settings file elsewhere than in the project's folder. */
  readonly configFile: string | undefined;
  /** What the engine holds open for as long as it lives. */
  readonly held: Writable | undefined;
}

/**
 * Runs a Pulumi command with this terminal as its own. Ctrl-C reaches the engine by the terminal itself; this process
 * waits until the engine has put its state in order.
 *
 * @returns Pulumi's exit code
 */
export function runPulumi(engine: Engine, command: readonly string[]): Promise<number> {
  const configFile = engine.configFile === undefined ? [] : ["--config-file", engine.configFile];
  return spawnPulumi(engine, [...command, "--stack", engine.stack, ...configFile]);
}

/** Runs any Pulumi command as it was typed. */
export function spawnPulumi(
  { environment, held }: Pick<Engine, "environment" | "held">,
  args: readonly string[],
): Promise<number> {
  const ignore = (): void => undefined;
  process.on("SIGINT", ignore);
  return new Promise<number>((resolve, reject) => {
    const child = spawn("pulumi", args, {
      stdio: ["inherit", "inherit", "inherit", ...(held === undefined ? [] : [held])],
      cwd: projectDir,
      env: { ...process.env, ...environment },
    });
    child.on("error", (error) =>
      reject(
        "code" in error && error.code === "ENOENT"
          ? new UserError(
              "pulumi is not on PATH: install the Pulumi CLI, or use a stack for the local cluster, which brings its own",
            )
          : error,
      ),
    );
    child.on("exit", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 1)));
  }).finally(() => process.off("SIGINT", ignore));
}

/**
 * Runs `up` and hands back the stack's outputs too, from the engine's event log, which is where Pulumi's own Automation
 * API looks: asking with `pulumi stack output` afterwards would take another start of the engine.
 *
 * @returns outputs: the JSON text, undefined where the engine ended before it had any
 */
export async function runUp(
  engine: Engine,
  flags: readonly string[],
): Promise<{ code: number; outputs: string | undefined }> {
  const folder = mkdtempSync(join(tmpdir(), "up-"));
  try {
    const log = join(folder, "events");
    const environment = { ...engine.environment, PULUMI_DEBUG_COMMANDS: "true" };
    const code = await runPulumi({ ...engine, environment }, ["up", "--event-log", log, ...flags]);
    return { code, outputs: existsSync(log) ? outputsIn(readFileSync(log, "utf8")) : undefined };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface EngineEvent {
  readonly resOutputsEvent?: { metadata?: { type?: string; new?: { outputs?: unknown } } };
}

/** The outputs of the stack's own resource, in the last event that has them. */
function outputsIn(log: string): string | undefined {
  const stacks = log
    .split("\n")
    .filter((line) => line.includes('"resOutputsEvent"') && line.includes('"pulumi:pulumi:Stack"'))
    .map((line) => (JSON.parse(line) as EngineEvent).resOutputsEvent?.metadata)
    .filter((metadata) => metadata?.type === "pulumi:pulumi:Stack" && metadata.new?.outputs !== undefined);
  const last = stacks.at(-1)?.new?.outputs;
  return last === undefined ? undefined : JSON.stringify(last);
}

/**
 * Makes the stack in a file backend unless it is there, and removes the lock of an engine that was killed on this
 * machine: nobody has to know that there are locks.
 *
 * @param backend folder of the file backend
 * @returns the file of the stack's state
 */
export async function prepareFileBackend(engine: Engine, backend: string): Promise<string> {
  const root = join(ensureDir(backend), ".pulumi");
  const state = join(root, "stacks", "etcd", `${engine.stack}.json`);
  if (!existsSync(state)) await initStack(engine);
  removeStaleLocks(join(root, "locks", "organization", "etcd", engine.stack));
  if (wasCutOff(state)) await forgetPending(engine);
  return state;
}

/** The engine notes an operation before it begins, and takes the note back when it ended (apitype.PendingOperations). */
function wasCutOff(stateFile: string): boolean {
  const state = JSON.parse(readFileSync(stateFile, "utf8")) as {
    checkpoint?: { latest?: { pending_operations?: unknown[] } };
  };
  return (state.checkpoint?.latest?.pending_operations ?? []).length > 0;
}

/** What an operation that was cut off may have made is looked for when it is made again. */
async function forgetPending(engine: Engine): Promise<void> {
  process.stderr.write("- an earlier run was cut off: what it had begun is taken over\n");
  await runPulumi(engine, ["refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--suppress-outputs"]);
}

async function initStack(engine: Engine): Promise<void> {
  const settings = join(projectDir, `Pulumi.${engine.stack}.yaml`);
  const hadSettings = existsSync(settings);
  const options = { cwd: projectDir, env: engine.environment, reject: false, all: true } as const;
  const { execa } = await import("execa");
  const made = await execa("pulumi", ["stack", "init", engine.stack], options);
  // `stack init` knows no --config-file and leaves a settings file for a stack that has its own elsewhere.
  if (!hadSettings) rmSync(settings, { force: true });
  if (made.exitCode !== 0) throw new UserError(`the stack ${engine.stack} can't be made: ${made.all.trim()}`);
}

/** A lock names the process that holds it (pulumi pkg/backend/diy/lock.go); on this machine a dead one holds nothing. */
function removeStaleLocks(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    const lock = JSON.parse(readFileSync(file, "utf8")) as { pid?: number; hostname?: string };
    if (lock.pid !== undefined && lock.hostname === hostname() && !isPulumi(lock.pid)) rmSync(file);
  }
}

/** Whether the process lives and is an engine: its number may be another's by now, and a zombie has ended (proc_pid_stat(5)). */
function isPulumi(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return false;
  const [, name, state] = /^\d+ \((.*)\) (\S)/s.exec(readFileSync(file, "utf8")) ?? [];
  return name === "pulumi" && state !== "Z" && state !== "X";
}
