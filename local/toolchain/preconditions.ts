import { existsSync, statfsSync, statSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { UserError } from "../errors.ts";

const gigabyte = 1e9;

/** What is about to be written below a folder, in bytes. */
export interface SpaceNeeded {
  directory: string;
  bytes: number;
}

/** A file system as far as space goes. */
export interface FileSystem {
  device: number;
  free: number;
}

function nearestExisting(directory: string): string {
  return existsSync(directory) ? directory : nearestExisting(path.dirname(directory));
}

function fileSystemOf(directory: string): FileSystem {
  const existing = nearestExisting(directory);
  const { bavail, bsize } = statfsSync(existing);
  return { device: statSync(existing).dev, free: bavail * bsize };
}

/**
 * Checks that everything fits, folders on one file system counted together.
 * @throws UserError that names the folders, what is needed and what is free
 */
export function checkSpace(
  needs: readonly SpaceNeeded[],
  look: (directory: string) => FileSystem = fileSystemOf,
): void {
  const byDevice = new Map<number, { directories: string[]; bytes: number; free: number }>();
  for (const { directory, bytes } of needs) {
    const { device, free } = look(directory);
    const sum = byDevice.get(device) ?? { directories: [], bytes: 0, free };
    byDevice.set(device, { directories: [...sum.directories, directory], bytes: sum.bytes + bytes, free });
  }
  for (const { directories, bytes, free } of byDevice.values()) {
    if (free < bytes) {
      throw new UserError(
        `${directories.join(" and ")} need ${(bytes / gigabyte).toFixed(1)} GB of free space to build the toolchain ` +
          `and have ${(free / gigabyte).toFixed(1)} GB: free some, or point XDG_CACHE_HOME (and GOMODCACHE, GOCACHE) elsewhere`,
      );
    }
  }
}

/** The machine as far as the local cluster is concerned. */
export interface Machine {
  platform: string;
  arch: string;
  uid: number;
}

function thisMachine(): Machine {
  return { platform: process.platform, arch: process.arch, uid: process.getuid?.() ?? -1 };
}

/**
 * Why the local cluster can't run on this machine: one sentence with what to do, or undefined when it can.
 */
export function whyNotLocal(machine: Machine = thisMachine()): string | undefined {
  const instead = "use a cluster of your own instead (set etcd:context to its kubeconfig context)";
  if (machine.platform !== "linux" || machine.arch !== "x64") {
    return `the local cluster needs Linux on x86-64 and this is ${machine.platform} on ${machine.arch}: ${instead}`;
  }
  if (machine.uid !== 0) {
    return `the local cluster needs root (it makes mounts, bridges and containers) and this is user ${machine.uid}: run as root, or ${instead}`;
  }
  return undefined;
}

/** @throws UserError when the local cluster can't run on this machine */
export function checkMachine(): void {
  const reason = whyNotLocal();
  if (reason !== undefined) {
    throw new UserError(reason);
  }
}
