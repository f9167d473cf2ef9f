import { statfsSync } from "node:fs";
import process from "node:process";
import { ensureDir, stateDir } from "../paths.ts";
import { UserError } from "../errors.ts";

/** Free space a cluster with this project's images needs (bytes); the images themselves are about 1 GB. */
const neededSpace = 2 * 1024 ** 3;

/** Why this machine can't run the local cluster, in one clause; undefined when it can. */
export function reasonAgainstCluster(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") {
    return `it needs Linux on x86-64, and this is ${process.platform} on ${process.arch}`;
  }
  return process.getuid?.() === 0 ? undefined : "it needs root: it makes network interfaces, mounts and control groups";
}

/** @throws UserError when this machine can't run the local cluster */
export function requireMachine(): void {
  const reason = reasonAgainstCluster();
  if (reason !== undefined) {
    throw new UserError(`the local cluster can't run here: ${reason}; use a stack with a cluster of your own instead`);
  }
}

/** @throws UserError when the disk is too full to start a cluster */
export function requireSpace(): void {
  const { bavail, bsize } = statfsSync(ensureDir(stateDir));
  if (bavail * bsize < neededSpace) {
    const free = ((bavail * bsize) / 1024 ** 3).toFixed(1);
    throw new UserError(
      `only ${free} GiB are free where ${stateDir} lies, and the local cluster needs ${neededSpace / 1024 ** 3} GiB: ` +
        "free some space, or set XDG_STATE_HOME to a folder on another disk",
    );
  }
}
