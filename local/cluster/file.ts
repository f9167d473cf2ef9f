import { readFileSync, renameSync, writeFileSync } from "node:fs";
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

/** Writes a file for the owner alone (0600, its folder 0700), whole or not at all. */
export function writePrivately(file: string, text: string): void {
  ensureDir(path.dirname(file));
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
