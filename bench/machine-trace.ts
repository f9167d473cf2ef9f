import { readFileSync } from "node:fs";

const SAMPLE_EVERY_MS = 20;

/** What Linux has counted since its start. */
export interface Counters {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** Time that cores had something to do, and had nothing, in hundredths of a second over all cores (proc_stat(5)). */
  readonly busy: number;
  readonly idle: number;
  /** Time in which something waited for a disk, in microseconds (/proc/pressure/io). */
  readonly diskUs: number;
}

export function parseCounters(atMs: number, stat: string, pressure: string): Counters {
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0] = (
    /^cpu +(.*)$/m.exec(stat)?.[1] ?? ""
  )
    .split(" ")
    .map(Number);
  const diskUs = Number(/^some .*total=(\d+)$/m.exec(pressure)?.[1] ?? 0);
  return { atMs, busy: user + nice + system + irq + softirq, idle: idle + iowait, diskUs };
}

/** In words, what the machine was busy with between the two samples that enclose a time. */
export function machineDuring(samples: readonly Counters[], fromMs: number, toMs: number): string {
  const before = samples.findLast(({ atMs }) => atMs <= fromMs) ?? samples[0];
  const after = samples.find(({ atMs }) => atMs >= toMs) ?? samples.at(-1);
  if (before === undefined || after === undefined || before === after) return "the machine was not looked at";
  const [busy, idle] = [after.busy - before.busy, after.idle - before.idle];
  const share = ((100 * busy) / Math.max(1, busy + idle)).toFixed(0);
  const disk = ((after.diskUs - before.diskUs) / 1_000).toFixed(0);
  const within = (after.atMs - before.atMs).toFixed(0);
  return `the cores were busy for ${share} % of ${within} ms, and something waited for the disk for ${disk} ms`;
}

/** Looks at the machine while something is measured, so that a gap of the cluster is told from one of the machine. */
export class MachineTrace {
  readonly samples: Counters[] = [];
  readonly #timer = setInterval(() => this.#look(), SAMPLE_EVERY_MS);

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const [stat, pressure] = ["/proc/stat", "/proc/pressure/io"].map(textOf);
    this.samples.push(parseCounters(Date.now(), stat ?? "", pressure ?? ""));
  }
}

/** "" where the kernel has no such file. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error) return "";
    throw error;
  }
}
