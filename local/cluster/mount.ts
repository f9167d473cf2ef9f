import { readFileSync } from "node:fs";
import path from "node:path";
import { folders } from "./folders.ts";
import { runProgram } from "./program.ts";

/** Mount points below the given folders, the deepest first (proc_pid_mountinfo(5): field 5, blanks as octal). */
export function mountsBelow(roots: readonly string[], mountinfo: string): string[] {
  return mountinfo
    .split("\n")
    .flatMap((line) => line.split(" ")[4] ?? [])
    .map((field) => field.replace(/\\([0-7]{3})/g, (_match, octal: string) => String.fromCharCode(parseInt(octal, 8))))
    .filter((point) => roots.some((root) => point === root || point.startsWith(root + path.sep)))
    .reverse();
}

/** Unmounts what the cluster has mounted: pods' volumes and root folders, network namespaces. */
export async function unmountAll(): Promise<void> {
  const ours = [folders.cluster, folders.run, folders.containerd, folders.docker];
  const mounts = mountsBelow(ours, readFileSync("/proc/self/mountinfo", "utf8"));
  if (mounts.length > 0) {
    // Lazily: one that some process still looks into must not stop the others.
    await runProgram("umount", ["--lazy", ...mounts]);
  }
}
