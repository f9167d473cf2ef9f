import { existsSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import lockfile from "proper-lockfile";
import { UserError } from "../errors.ts";
import { ensureDir } from "../paths.ts";

/** A lock whose holder was killed is free after this long (ms); a living holder renews it twice in that time. */
const staleLock = 10_000;

const secondsToWait = 45 * 60;

function isLocked(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ELOCKED";
}

async function lock(directory: string, report: (line: string) => void): Promise<() => Promise<void>> {
  const options = {
    realpath: false,
    stale: staleLock,
    // Harmless: the folder appears whole by one rename, whoever makes it; the other one's work is wasted.
    onCompromised: () => report("another run has taken over"),
  };
  try {
    return await lockfile.lock(directory, options);
  } catch (error) {
    if (!isLocked(error)) {
      throw error;
    }
  }
  report("another run is making it: waiting for that one");
  try {
    return await lockfile.lock(directory, {
      ...options,
      retries: { retries: secondsToWait, factor: 1, minTimeout: 1000, maxTimeout: 1000 },
    });
  } catch (error) {
    if (isLocked(error)) {
      throw new UserError(
        `${directory} is still being made by another run after ${secondsToWait / 60} minutes: end it`,
      );
    }
    throw error;
  }
}

async function removeLeftovers(directory: string): Promise<void> {
  const parent = path.dirname(directory);
  const prefix = `${path.basename(directory)}.partial-`;
  for (const name of await readdir(parent)) {
    if (name.startsWith(prefix)) {
      await rm(path.join(parent, name), { recursive: true, force: true });
    }
  }
}

/**
 * Makes a folder that is either whole or not there: in a folder beside it, moved into place when done, by one run at
 * a time.
 * @param directory the folder wanted
 * @param report says so when another run is waited for
 * @param make fills the empty folder it is given
 * @returns whether this call made it (false: it was there, or another run made it meanwhile)
 * @throws UserError when another run is at it for more than 45 minutes; and what `make` throws
 */
export async function makeOnce(
  directory: string,
  report: (line: string) => void,
  make: (partial: string) => Promise<void>,
): Promise<boolean> {
  if (existsSync(directory)) {
    return false;
  }
  ensureDir(path.dirname(directory));
  const unlock = await lock(directory, report);
  try {
    if (existsSync(directory)) {
      return false;
    }
    await removeLeftovers(directory);
    const partial = ensureDir(`${directory}.partial-${process.pid}`);
    try {
      await make(partial);
    } catch (error) {
      await rm(partial, { recursive: true, force: true });
      throw error;
    }
    // Or a power cut soon after the rename could leave a folder of empty files that counts as whole.
    const { execa } = await import("execa");
    await execa("sync", ["--file-system", partial]);
    await rename(partial, directory);
    return true;
  } finally {
    await unlock();
  }
}
