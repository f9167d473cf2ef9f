import { readdirSync, readFileSync } from "node:fs";

/**
 * The etcd of a pod on this very machine, found by its control group, which names the pod. From inside the pod, an etcd that
 * is its container's first process can't be killed -9.
 */
export function etcdOfPod(podUid: string): number {
  const pid = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .find((name) => read(`/proc/${name}/comm`).trim() === "etcd" && read(`/proc/${name}/cgroup`).includes(podUid));
  if (pid === undefined)
    throw new Error(`no etcd of pod ${podUid} runs on this machine: this bench needs the local cluster`);
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
