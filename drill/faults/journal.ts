import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { type Place } from "../../desk/connection.ts";
import { type UndoStep } from "./fault.ts";

/**
 * What is to be undone, on disk before it is done: a drill that is killed leaves it behind, and `--heal`, or the next drill,
 * undoes it. One file per stack.
 */
export class Journal {
  readonly file: string;
  #open: UndoStep[] = [];

  /** @param folder default: the user's state folder */
  constructor(place: Pick<Place, "context" | "namespace">, folder = stateFolder()) {
    mkdirSync(folder, { recursive: true });
    this.file = path.join(folder, `${place.context}-${place.namespace}.json`.replaceAll(/[^\w.-]/g, "_"));
    this.#open = read(this.file);
  }

  /** What an earlier drill, or this one, has not undone yet. */
  get open(): readonly UndoStep[] {
    return this.#open;
  }

  /** Written and on disk when it returns. */
  add(steps: readonly UndoStep[]): void {
    this.#write([...this.#open, ...steps]);
  }

  /** One entry of each; the same step of another fault stays. */
  remove(steps: readonly UndoStep[]): void {
    const left = [...this.#open];
    for (const step of steps) {
      const at = left.findIndex((each) => JSON.stringify(each) === JSON.stringify(step));
      if (at >= 0) left.splice(at, 1);
    }
    this.#write(left);
  }

  #write(steps: readonly UndoStep[]): void {
    this.#open = [...steps];
    if (steps.length === 0) {
      rmSync(this.file, { force: true });
      return;
    }
    const file = openSync(`${this.file}.new`, "w", 0o600);
    writeSync(file, JSON.stringify(steps));
    fsyncSync(file);
    closeSync(file);
    renameSync(`${this.file}.new`, this.file);
  }
}

function read(file: string): UndoStep[] {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as UndoStep[];
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new Error(`${file} can't be read, which says what an earlier drill has to undo: ${String(error)}`);
  }
}

function stateFolder(): string {
  const state = process.env["XDG_STATE_HOME"] ?? path.join(homedir(), ".local", "state");
  return path.join(state, "etcd-on-kubernetes", "drill");
}
