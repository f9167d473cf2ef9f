import { type Deadlines } from "./deadlines.ts";
import { isFree, take, takeOne, type OpenWrite, type OpenWrites } from "./open-writes.ts";

/**
 * Explains by open writes what nobody saw happen but what must have happened between two revisions, both excluded: a key whose
 * version counts one put more, or a key that is gone.
 */
export class Hidden {
  readonly #open: OpenWrites;
  readonly #deadlines: Deadlines;

  constructor(open: OpenWrites, deadlines: Deadlines) {
    this.#open = open;
    this.#deadlines = deadlines;
  }

  /** Takes so many puts of whatever value to this key; false, and none taken, when there are not as many. */
  takePuts(key: number, wanted: number, after: number, before: number): boolean {
    if (wanted === 0) return true;
    if (wanted > before - after - 1) return false;
    const fitting: OpenWrite[] = [];
    for (const write of this.#open.puttingAnything(key)) {
      if (!this.#fits(write, key, after, before)) continue;
      fitting.push(write);
      if (fitting.length === wanted) break;
    }
    if (fitting.length < wanted) return false;
    for (const write of fitting) take(write, key);
    return true;
  }

  /** Takes one removal of this key, which had this lease. */
  takeRemoval(key: number, lease: number, after: number, before: number): boolean {
    if (before - after < 2) return false;
    const fitting = this.#open.deleting(key, lease).filter((each) => this.#fits(each, key, after, before));
    return takeOne(fitting, key);
  }

  /** Whether anything open could have touched this key by then. */
  possible(key: number, lease: number, before: number): boolean {
    const latest = this.#deadlines.of(before);
    const candidates = [...this.#open.puttingAnything(key), ...this.#open.deleting(key, lease)];
    return candidates.some((write) => isFree(write, key) && write.start <= latest);
  }

  #fits(write: OpenWrite, key: number, after: number, before: number): boolean {
    if (!isFree(write, key) || write.start > this.#deadlines.of(before - 1)) return false;
    return write.revision === undefined || (write.revision > after && write.revision < before);
  }
}
