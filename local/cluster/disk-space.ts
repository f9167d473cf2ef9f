import { statfsSync } from "node:fs";
import { ensureDir, stateDir } from "../paths.ts";
import { UserError } from "../errors.ts";

/** Free space a cluster with this project's images needs (bytes); the images themselves are about 1 GB. */
const neededSpace = 2 * 1024 ** 3;

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
