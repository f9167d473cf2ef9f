import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { failedWith, readIfThere } from "./file.ts";

// All processes of the cluster, components and pods, live below one control group: what is found there is ours.

/** The cluster's control group, below the root of each hierarchy. */
export const clusterCgroup = "/etcd-local";
const components = "components";

const mountPoint = "/sys/fs/cgroup";

/** Folders of our control group: one with cgroups v2, one per hierarchy with v1 (or both). */
function clusterCgroups(): string[] {
  const roots = existsSync(path.join(mountPoint, "cgroup.controllers"))
    ? [mountPoint]
    : readdirSync(mountPoint, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && existsSync(path.join(mountPoint, entry.name, "cgroup.procs")))
        .map((entry) => path.join(mountPoint, entry.name));
  return roots.map((root) => path.join(root, clusterCgroup));
}

/** The control groups the host processes of the cluster enter. */
export function componentCgroups(): string[] {
  return clusterCgroups().map((group) => path.join(group, components));
}

/**
 * So many times as much of a busy CPU as one process outside gets: without it every kubectl, beside Pulumi and the tests, would get
 * as much as all of the cluster, and hold up members in the middle of a write. Of a node of one's own, all is the cluster's.
 */
const WEIGHT = 8;
/** What a group has by default, with cgroups v1 (kernel: scheduler/sched-design-CFS.rst) and v2 (kernel: cgroup-v2.rst). */
const usualWeights = { "cpu.shares": 1_024, "cpu.weight": 100 } as const;

/** Makes the control groups; those that are there stay. */
export function makeCgroups(): void {
  for (const group of clusterCgroups()) {
    for (const folder of [group, path.join(group, components)]) {
      mkdirSync(folder, { recursive: true });
      inheritCpuset(folder);
    }
    for (const [file, usual] of Object.entries(usualWeights)) {
      const own = path.join(group, file);
      if (existsSync(own)) writeFileSync(own, String(usual * WEIGHT));
    }
  }
}

/** A v1 cpuset takes no process before it has CPUs and memory nodes (cpuset(7)); here: all of its parent's. */
function inheritCpuset(folder: string): void {
  for (const file of ["cpuset.cpus", "cpuset.mems"]) {
    const own = path.join(folder, file);
    if (!existsSync(path.join(mountPoint, "cgroup.controllers")) && readIfThere(own)?.trim() === "") {
      writeFileSync(own, readFileSync(path.join(path.dirname(folder), file)));
    }
  }
}

/** The folder and all below it, the deepest first. */
function withChildren(folder: string): string[] {
  if (!existsSync(folder)) {
    return [];
  }
  const children = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...children.flatMap((child) => withChildren(path.join(folder, child.name))), folder];
}

/** Every process in the cluster's control groups, components and pods. */
export function clusterProcesses(): number[] {
  return processesIn(clusterCgroups().flatMap(withChildren));
}

/** Every process of a pod. */
export function podProcesses(): number[] {
  const groups = clusterCgroups().flatMap(withChildren);
  return processesIn(groups.filter((group) => path.basename(group) !== components));
}

function processesIn(groups: readonly string[]): number[] {
  const pids = groups
    .flatMap((folder) => (readIfThere(path.join(folder, "cgroup.procs")) ?? "").split("\n"))
    .filter((line) => line !== "" && line !== "0"); // 0: a process of another pid namespace
  return [...new Set(pids.map(Number))];
}

/** Kills every process in the cluster's control groups and removes the groups; waits until they are gone. */
export async function removeCgroups(deadline = performance.now() + 15_000): Promise<void> {
  for (;;) {
    clusterProcesses().forEach((pid) => signal(pid, "SIGKILL"));
    const left = clusterCgroups()
      .flatMap(withChildren)
      .filter((folder) => !remove(folder));
    if (left.length === 0) {
      return;
    }
    if (performance.now() > deadline) {
      const names = clusterProcesses().map((pid) => `${pid} (${readIfThere(`/proc/${pid}/comm`)?.trim() ?? "gone"})`);
      throw new Error(`control groups ${left.join(", ")} could not be removed; processes in them: ${names.join(", ")}`);
    }
    await sleep(20);
  }
}

/** Sends a signal to a process that may have ended meanwhile. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!failedWith(error, "ESRCH")) {
      throw error;
    }
  }
}

/** Whether the control group is gone; one that still has processes can't be removed yet. */
function remove(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    if (failedWith(error, "ENOENT")) {
      return true;
    }
    if (failedWith(error, "EBUSY", "ENOTEMPTY")) {
      return false;
    }
    throw error;
  }
}
