import { type Deadlines } from "./deadlines.ts";
import { isFree, putsKey, takeOne, type OpenWrite, type OpenWrites } from "./open-writes.ts";

/**
 * Explains by open writes what nobody saw happen but what must have happened between two revisions, both excluded: a key whose
 * version counts one put more, or a key that is gone.
 */
export class Hidden {
  readonly #open: OpenWrites;
  readonly #deadlines: Deadlines;

  /** By key: how many puts nobody saw have happened, without saying which. */
  readonly #anonymous = new Map<number, number>();

  constructor(open: OpenWrites, deadlines: Deadlines) {
    this.#open = open;
    this.#deadlines = deadlines;
  }

  /**
   * Lets so many puts of whatever value have happened to this key; false when there are not as many. Which ones is left open,
   * as one of them may be needed for its value: only their number is kept.
   */
  takePuts(key: number, wanted: number, after: number, before: number): boolean {
    if (wanted === 0) return true;
    if (wanted > before - after - 1) return false;
    const taken = this.#anonymous.get(key) ?? 0;
    const latest = this.#deadlines.of(before - 1);
    const fitting = this.#open.puttingAnything(key).filter((write) => fits(write, key, after, before, latest));
    if (fitting.length < taken + wanted) return false;
    this.#anonymous.set(key, taken + wanted);
    return true;
  }

  /** How many puts were taken by number alone. */
  get anonymous(): number {
    return [...this.#anonymous.values()].reduce((sum, taken) => sum + taken, 0);
  }

  /** Takes one removal of this key, which had this lease. */
  takeRemoval(key: number, lease: number, after: number, before: number): boolean {
    return takeOne(this.removing(key, lease, after, before), key);
  }

  /** Those that could have put such a value to this key in between. */
  putting(key: number, accepts: (value: number) => boolean, after: number, before: number): OpenWrite[] {
    if (before - after < 2) return [];
    const latest = this.#deadlines.of(before - 1);
    const fitting = this.#open.puttingAnything(key).filter((write) => fits(write, key, after, before, latest));
    // Those that were taken by number are some of these.
    if (fitting.length <= (this.#anonymous.get(key) ?? 0)) return [];
    return fitting.filter((write) => putsKey(write, key, accepts));
  }

  /** Those that could have removed this key in between. */
  removing(key: number, lease: number, after: number, before: number): OpenWrite[] {
    if (before - after < 2) return [];
    const latest = this.#deadlines.of(before - 1);
    return this.#open.deleting(key, lease).filter((write) => fits(write, key, after, before, latest));
  }

  /** Those that could have done anything to this key by then. */
  touching(key: number, lease: number, revision: number): OpenWrite[] {
    const latest = this.#deadlines.of(revision);
    const candidates = [...this.#open.puttingAnything(key), ...this.#open.deleting(key, lease)];
    return candidates.filter((write) => isFree(write, key) && write.start <= latest);
  }
}

/** Whether it may have done something to the key between two revisions, the last of which existed by `latest`. */
function fits(write: OpenWrite, key: number, after: number, before: number, latest: number): boolean {
  if (write.start > latest || !isFree(write, key)) return false;
  return write.revision === undefined || (write.revision > after && write.revision < before);
}
