import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { DataDir, FirstStart } from "./decision.ts";
import { asText, field, parseJson } from "./json.ts";
import type { Volume } from "./ports.ts";
import { readWalIdentity, UnreadableWal } from "./wal.ts";

const NOTE = "first-start.json";
const DISCARDED = "discarded-";

/** The volume whose data dir this is. */
export function volumeOf(dataDir: string): Volume {
  return {
    lookAt: () => lookAt(dataDir),
    noteFirstStart: (note) => noteFirstStart(dataDir, note),
    forgetFirstStart: () => forgetFirstStart(dataDir),
    wipe: () => wipe(dataDir),
    sweepDiscarded: () => sweepDiscarded(dataDir),
  };
}

/** What lies in the data dir; looks, and changes nothing. */
export function lookAt(dataDir: string): DataDir {
  try {
    const identity = readWalIdentity(dataDir);
    return identity === undefined ? { kind: "empty", firstStart: readFirstStart(dataDir) } : { kind: "wal", identity };
  } catch (error) {
    if (error instanceof UnreadableWal) return { kind: "unreadable", why: error.message };
    throw error;
  }
}

function readFirstStart(dataDir: string): FirstStart | undefined {
  const file = join(dataDir, NOTE);
  if (!existsSync(file)) return undefined;
  const note = parseJson(readFileSync(file, "utf8"), file);
  const claim = asText(field(note, "claim"));
  const memberId = asText(field(note, "memberId"));
  if (claim !== undefined) return { kind: "founding", claim };
  return memberId === undefined ? undefined : { kind: "joining", memberId };
}

/**
 * Writes the note of a first start and has it on disk when it returns. It lies inside the data dir, so that whoever
 * wipes the data wipes the note as well. Only for a data dir without a WAL: what a cut-off first start left in it goes.
 */
export function noteFirstStart(dataDir: string, note: FirstStart): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  rmSync(join(dataDir, "member"), { recursive: true, force: true });
  const file = join(dataDir, NOTE);
  const handle = openSync(`${file}.new`, "w", 0o600);
  writeSync(handle, JSON.stringify(note));
  fsyncSync(handle);
  closeSync(handle);
  renameSync(`${file}.new`, file);
  syncFolder(dataDir);
  syncFolder(dirname(dataDir));
}

/** The WAL is there: from now on the volume's identity is in it, and the note must never be believed again. */
export function forgetFirstStart(dataDir: string): void {
  rmSync(join(dataDir, NOTE), { force: true });
  syncFolder(dataDir);
}

/** Empties the volume, all at once: the data dir is renamed away before anything in it is deleted. */
export function wipe(dataDir: string): void {
  if (existsSync(dataDir)) {
    renameSync(dataDir, join(dirname(dataDir), `${DISCARDED}${process.pid}-${Date.now()}`));
    syncFolder(dirname(dataDir));
  }
  sweepDiscarded(dataDir);
}

/** Deletes what an earlier, cut-off wipe left behind. */
export function sweepDiscarded(dataDir: string): void {
  const volume = dirname(dataDir);
  for (const name of existsSync(volume) ? readdirSync(volume) : []) {
    if (name.startsWith(DISCARDED)) rmSync(join(volume, name), { recursive: true, force: true });
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  fsyncSync(handle);
  closeSync(handle);
}
