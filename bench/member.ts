import { readdirSync, readFileSync } from "node:fs";
import { TestStack } from "../test/e2e/world.ts";
import type { Figure } from "./result.ts";

const IDLE_SECONDS = 20;
/** Linux counts CPU time of processes in hundredths of a second (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

/** What the member program costs beside an idle etcd, read from the node's own /proc: so on the local cluster only. */
export async function run(): Promise<Figure[]> {
  const stack = new TestStack("bench-member");
  await stack.removeLeftovers();
  try {
    await stack.run("up");
    const processes = memberProcesses(stack.namespace);
    if (processes.length < 3)
      throw new Error(`expected the member programs of 3 pods on this machine, found ${processes.length}`);
    await wait(10);
    const before = processes.map(cpuTicks);
    await wait(IDLE_SECONDS);
    const used = processes.map((pid, i) => (cpuTicks(pid) - (before[i] ?? 0)) / TICKS_PER_SECOND / IDLE_SECONDS);
    return [
      {
        name: "member program: anonymous private memory",
        unit: "MB",
        samples: processes.map(anonymousMegabytes),
        judged: "max",
        bound: 25,
      },
      {
        name: "member program: CPU when idle, of one core",
        unit: "%",
        samples: used.map((share) => share * 100),
        judged: "max",
        bound: 1,
      },
    ];
  } finally {
    await stack.cleanUp();
  }
}

/** The member programs of this stack's pods: other clusters may run on the machine as well. */
function memberProcesses(namespace: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter(
      (pid) =>
        ofProcess(pid, "cmdline").includes("/usr/local/lib/etcd-member/member.cjs") &&
        ofProcess(pid, "environ").split("\0").includes(`POD_NAMESPACE=${namespace}`),
    );
}

/** "" for a process that is gone by now. */
function ofProcess(pid: number, file: "cmdline" | "environ"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch (error) {
    if (error instanceof Error) return "";
    throw error;
  }
}

function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // Fields 14 and 15, counted behind the name, which may hold spaces (proc_pid_stat(5)).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function anonymousMegabytes(pid: number): number {
  const kilobytes = /^Anonymous:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
  return Number(kilobytes) / 1024;
}

function wait(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
