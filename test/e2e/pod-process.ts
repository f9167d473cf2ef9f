import { readdirSync, readFileSync } from "node:fs";

/** The member program as podProcess finds it, once it is more than begun: what Node calls its main thread. */
export const MEMBER_PROGRAM = "MainThread";

/**
 * A process of a pod on this very machine, by its name and its control group, which names the pod: what can be done to it
 * without the API server, or to a container's first process, which can't be killed -9 from inside.
 *
 * @param podUid `metadata.uid`
 * @param name as in /proc/PID/comm
 */
export function podProcess(podUid: string, name: string): number {
  const pid = readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .find((entry) => read(`/proc/${entry}/comm`).trim() === name && read(`/proc/${entry}/cgroup`).includes(podUid));
  if (pid === undefined) throw new Error(`no ${name} of pod ${podUid} runs on this machine`);
  return Number(pid);
}

/** "" for a process that is gone by now. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error) return "";
    throw error;
  }
}
