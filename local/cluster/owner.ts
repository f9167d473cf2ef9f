import { UserError } from "../errors.ts";
import { stateDir } from "../paths.ts";
import { clusterProcesses } from "./cgroup.ts";
import { readIfThere, writePrivately } from "./file.ts";
import { ownerFile } from "./folders.ts";

/** @throws UserError when the local cluster on this machine is one of another state folder, and runs */
export function requireOwnership(): void {
  const owner = readIfThere(ownerFile);
  if (owner !== undefined && owner !== stateDir && clusterProcesses().length > 0) {
    throw new UserError(
      `a local cluster with its state in ${owner} runs on this machine, where there can be one: use that one, or take it ` +
        "down first, with HOME or XDG_STATE_HOME set as when it was started",
    );
  }
}

/** From now on the local cluster of this machine is ours. */
export function takeOwnership(): void {
  writePrivately(ownerFile, stateDir);
}
