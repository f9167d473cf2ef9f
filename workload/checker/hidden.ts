import { type Operation } from "../history/operation.ts";
import { isFree, putsKey, takeOne, type OpenWrite, type OpenWrites } from "./open-writes.ts";
import { countBelow } from "./sorting.ts";

/**
 * Explains by open writes what nobody saw happen but what must have happened between two revisions, both excluded: a key whose
 * version counts one put more, or a key that is gone.
 */
export class Hidden {
  readonly #open: OpenWrites;
  readonly #acknowledged: readonly Operation[];
  readonly #since: number;
  /** By key: how many puts nobody saw have happened, without saying which. */
  readonly #anonymous = new Map<number, number>();

  /**
   * @param acknowledged the acknowledged writes in order of their revisions
   * @param since the store's revision before the history
   */
  constructor(open: OpenWrites, acknowledged: readonly Operation[], since: number) {
    this.#open = open;
    this.#acknowledged = acknowledged;
    // An empty store has revision 1.
    this.#since = Math.max(since, 1);
  }

  /**
   * Lets so many puts of whatever value have happened to this key; false when there are not as many. Which ones is left open,
   * as one of them may be needed for its value: only their number is kept.
   */
  takePuts(key: number, wanted: number, after: number, before: number): boolean {
    if (wanted === 0) return true;
    if (wanted > this.#room(after, before)) return false;
    const fitting = this.#fitting(this.#open.puttingAnything(key), key, after, before);
    if (this.#left(key, fitting) < wanted) return false;
    this.#anonymous.set(key, (this.#anonymous.get(key) ?? 0) + wanted);
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
    const fitting = this.#fitting(this.#open.puttingAnything(key), key, after, before);
    if (this.#left(key, fitting) <= 0) return [];
    return fitting.filter((write) => putsKey(write, key, accepts));
  }

  /** Those that could have removed this key in between. */
  removing(key: number, lease: number, after: number, before: number): OpenWrite[] {
    return this.#fitting(this.#open.deleting(key, lease), key, after, before);
  }

  /** Those that could have done anything to this key by then. */
  touching(key: number, lease: number, revision: number): OpenWrite[] {
    const candidates = [...this.#open.puttingAnything(key), ...this.#open.deleting(key, lease)];
    return candidates.filter((write) => isFree(write, key) && write.after < revision);
  }

  /** How many of these puts are left, if those that were taken by number alone were others as far as there are others. */
  #left(key: number, fitting: readonly OpenWrite[]): number {
    const taken = this.#anonymous.get(key) ?? 0;
    if (taken === 0) return fitting.length;
    const all = this.#open.puttingAnything(key).filter((write) => isFree(write, key)).length;
    return fitting.length - Math.max(0, taken - (all - fitting.length));
  }

  /** How many revisions there are in between that no acknowledged write has: each write has one of its own. None: 0 or less. */
  #room(after: number, before: number): number {
    const first = Math.max(after, this.#since) + 1;
    const below = (limit: number) => countBelow(this.#acknowledged, ({ revision }) => revision, limit);
    return before - first - (below(before) - below(first));
  }

  /** Those that may have done something to the key in between. */
  #fitting(writes: readonly OpenWrite[], key: number, after: number, before: number): OpenWrite[] {
    if (this.#room(after, before) <= 0) return [];
    return writes.filter((write) => {
      if (!isFree(write, key)) return false;
      if (write.revision !== undefined) return write.revision > after && write.revision < before;
      return write.after <= after || this.#room(write.after, before) > 0;
    });
  }
}
