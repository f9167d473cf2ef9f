import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { cacheDir } from "../paths.ts";

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The program of that name which a shell would find in PATH, or undefined; this project's own programs don't count. */
export function findOnPath(name: string, searchPath = process.env["PATH"] ?? ""): string | undefined {
  return searchPath
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder) && !folder.startsWith(cacheDir + path.sep))
    .map((folder) => path.join(folder, name))
    .find(isExecutable);
}
