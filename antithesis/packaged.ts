import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "../local/errors.ts";
import { stateDir } from "../local/paths.ts";
import type { Value } from "./object.ts";
import { textAt } from "./object.ts";

/** What `package` brought to a registry last, from this machine. */
export interface Packaged {
  /** The config image by digest. */
  readonly configImage: string;
  /** The stack whose manifests are in it. */
  readonly stack: string;
  /** When, as ISO 8601. */
  readonly at: string;
}

/** The file in which the last package of a registry is noted. */
export function packagedFile(registry: string): string {
  return join(stateDir, "packaged", `${encodeURIComponent(registry)}.json`);
}

/** Notes a package as the registry's last; whole or not at all. */
export function notePackaged(registry: string, packaged: Packaged): void {
  const file = packagedFile(registry);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(packaged, undefined, 2)}\n`);
  renameSync(`${file}.new`, file);
}

function textIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function parsed(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return undefined;
  }
}

/**
 * A registry's last package, undefined where nothing was packaged for it from this machine.
 * @throws UserError where the note of it can't be read
 */
export function lastPackaged(registry: string): Packaged | undefined {
  const file = packagedFile(registry);
  const text = textIfThere(file);
  if (text === undefined) return undefined;
  const note = parsed(text);
  const packaged = { configImage: textAt(note, "configImage"), stack: textAt(note, "stack"), at: textAt(note, "at") };
  if (Object.values(packaged).includes("")) {
    throw new UserError(`${file} is not what package writes: delete it and package again, or give --config-image`);
  }
  return packaged;
}
