import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureDir } from "../paths.ts";
import { componentCgroups, signal } from "./cgroup.ts";
import { readIfThere } from "./file.ts";
import { folders } from "./folders.ts";

/** A process started earlier, as its record describes it. */
export interface StartedProcess {
  pid: number;
  /** Clock ticks from boot to its start: with the boot ID, tells it from a later process of the same pid. */
  startTicks: string;
  bootId: string;
  /** What it was started with (component.ts): another value means it has to be started anew. */
  fingerprint: string;
  since: Date;
}

/** A log that grows beyond this is emptied at the next `up` (bytes). */
const maxLogSize = 64 * 1024 * 1024;

const bootIdFile = "/proc/sys/kernel/random/boot_id";

/** Names this run of the machine: another one after each reboot. */
export function bootId(): string {
  return readFileSync(bootIdFile, "utf8").trim();
}

/** Fields of proc_pid_stat(5) from the third (the state) on: the second, a name, may hold blanks and brackets. */
function statFields(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** Field 22 of proc_pid_stat(5), the start in clock ticks since boot; undefined without a process, or for a zombie. */
function startTicks(pid: number): string | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  const fields = stat === undefined ? [] : statFields(stat);
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

function recordPath(name: string): string {
  return path.join(folders.processes, name);
}

/** The record of a component's last start, whether it still runs or not; undefined without a (whole) record. */
export function recordedProcess(name: string): StartedProcess | undefined {
  const [stat, bootId, fingerprint] = readIfThere(recordPath(name))?.split("\n") ?? [];
  const ticks = stat === undefined ? undefined : statFields(stat)[19];
  if (stat === undefined || ticks === undefined || bootId === undefined || !fingerprint) {
    return undefined; // never written, or cut off while it was
  }
  return { pid: parseInt(stat, 10), startTicks: ticks, bootId, fingerprint, since: statSync(recordPath(name)).mtime };
}

/** Names of all components that have a record. */
export function recordedNames(): string[] {
  return statSync(folders.processes, { throwIfNoEntry: false }) === undefined ? [] : readdirSync(folders.processes);
}

/** Whether this very process is alive (not another one that got its pid). */
export function isRunning(record: StartedProcess): boolean {
  return record.bootId === bootId() && startTicks(record.pid) === record.startTicks;
}

export function logFile(name: string): string {
  return path.join(folders.logs, `${name}.log`);
}

/** The log before the last start of the component. */
export function previousLogFile(name: string): string {
  return path.join(folders.logs, `${name}.previous.log`);
}

/** Empties logs that grew too large; their writers append, so they go on at the new end. */
export function boundLogs(names: readonly string[]): void {
  for (const name of names) {
    const size = statSync(logFile(name), { throwIfNoEntry: false })?.size ?? 0;
    if (size > maxLogSize) {
      truncateSync(logFile(name));
    }
  }
}

/** How to start one process. */
export interface Launch {
  name: string;
  command: readonly [string, ...string[]];
  environment: Readonly<Record<string, string>>;
  fingerprint: string;
}

// The shell enters the cluster's control groups, so that `down` finds every child, writes its own record, so that there
// is no moment at which a process runs unrecorded, and becomes the program under the same pid.
const becomeComponent = `
for group in $CGROUPS; do echo $$ >"$group/cgroup.procs" || exit 125; done
read -r stat </proc/$$/stat
printf '%s\\n%s\\n%s\\n' "$stat" "$BOOT_ID" "$FINGERPRINT" >"$RECORD" || exit 125
unset CGROUPS BOOT_ID FINGERPRINT RECORD stat
exec "$@"`;

/** Starts a process that outlives this one, with its output in its log. */
export function launch({ name, command, environment, fingerprint }: Launch): ChildProcess {
  ensureDir(folders.logs);
  ensureDir(folders.processes);
  if (statSync(logFile(name), { throwIfNoEntry: false }) !== undefined) {
    renameSync(logFile(name), previousLogFile(name));
  }
  const log = openSync(logFile(name), "a", 0o600);
  try {
    const child = spawn("/bin/sh", ["-c", becomeComponent, name, ...command], {
      detached: true,
      cwd: "/",
      stdio: ["ignore", log, log],
      env: {
        ...environment,
        CGROUPS: componentCgroups().join(" "),
        BOOT_ID: bootId(),
        FINGERPRINT: fingerprint,
        RECORD: recordPath(name),
      },
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

/**
 * Ends a component's process and forgets it: SIGTERM, and SIGKILL when it takes longer than `grace` ms.
 * Nothing happens to a process that merely has the same pid.
 */
export async function stopProcess(name: string, grace: number): Promise<void> {
  const record = recordedProcess(name);
  if (record !== undefined && isRunning(record)) {
    signal(record.pid, grace > 0 ? "SIGTERM" : "SIGKILL");
    if (!(await hasEnded(record, grace))) {
      signal(record.pid, "SIGKILL");
      if (!(await hasEnded(record, 10_000))) {
        throw new Error(`${name} (process ${record.pid}) is still there 10 s after SIGKILL`);
      }
    }
  }
  rmSync(recordPath(name), { force: true });
}

async function hasEnded(record: StartedProcess, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (isRunning(record)) {
    if (performance.now() >= deadline) {
      return false;
    }
    await sleep(10);
  }
  return true;
}
