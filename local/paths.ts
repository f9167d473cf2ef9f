import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import process from "node:process";

const name = "etcd-on-kubernetes";

function baseDirectory(variable: string, fallback: string): string {
  const value = process.env[variable];
  // The XDG base directory specification: a relative value is invalid and to be ignored.
  const base = value !== undefined && path.isAbsolute(value) ? value : path.join(homedir(), fallback);
  return path.join(base, name);
}

/** What can be made again: toolchain, packages, plugins. Shared by all clones. */
export const cacheDir = baseDirectory("XDG_CACHE_HOME", ".cache");

/** What belongs to the running local cluster: its data, keys, logs, the Pulumi backend. Shared by all clones. */
export const stateDir = baseDirectory("XDG_STATE_HOME", ".local/state");

/** Root of the clone. */
export const projectDir = path.dirname(import.meta.dirname);

/** Makes a folder (and what leads to it) for the owner alone, mode 0700, unless it is there; returns its path. */
export function ensureDir(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}
