import { constants, copyFileSync, existsSync, renameSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { cacheDir, ensureDir } from "../paths.ts";

/** The Node.js the cluster's own programs run on: a copy in the cache, since clones come and go. */
export const nodeProgram = path.join(cacheDir, `node-${process.version}`, "node");

/** Makes the copy, unless it is there. */
export function copyNode(): void {
  if (!existsSync(nodeProgram)) {
    ensureDir(path.dirname(nodeProgram));
    const unfinished = `${nodeProgram}.${process.pid}`;
    copyFileSync(process.execPath, unfinished, constants.COPYFILE_FICLONE);
    renameSync(unfinished, nodeProgram);
  }
}
