import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ensureDir } from "../paths.ts";

/** Whether a failed system call failed with one of these codes. */
export function failedWith(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

/** A file's text; undefined when it is not there (or its process went while it was read, in /proc). */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (failedWith(error, "ENOENT", "ESRCH", "ENOTDIR")) {
      return undefined;
    }
    throw error;
  }
}

/** Writes a file for the owner alone (0600, its folder 0700), whole or not at all, even if the power fails. */
export function writePrivately(file: string, text: string): void {
  ensureDir(path.dirname(file));
  const descriptor = openSync(`${file}.new`, "w", 0o600);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(`${file}.new`, file);
}
