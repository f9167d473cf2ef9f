/** One thing an operation does to the key at the moment it takes effect: look at its value or set it. */
export interface Step {
  readonly type: "is" | "isNot" | "set";
  /** A number that stands for a value; what means "no such key" is the caller's choice, too. */
  readonly value: number;
}

/** The state after these steps, or undefined when what one of them sees is not so. */
export function after(state: number, way: readonly Step[]): number | undefined {
  let now = state;
  for (const { type, value } of way) {
    if (type === "set") now = value;
    else if ((now === value) !== (type === "is")) return undefined;
  }
  return now;
}

/** Operations that have taken effect, the last one first. */
export interface Trail<Operation> {
  readonly operation: Operation;
  readonly before: Trail<Operation> | undefined;
}

/** A state the key could be in at some moment, with the running operations that have taken effect by then, as bits. */
export interface Possibility<Operation> {
  readonly state: number;
  /** Of those that will end. */
  readonly used: number;
  /** Of those that need not happen at all; two numbers, as a number has room for 30 bits only. */
  readonly optionalLow: number;
  readonly optionalHigh: number;
  readonly last: Trail<Operation> | undefined;
}

/** How many bits of one number are used. */
export const bitsPerNumber = 30;

/**
 * Possibilities, without those that are pointless: of two in the same state, the one that has spent fewer of the operations
 * that need not happen can do all the other can.
 */
export class Possibilities<Operation> {
  /** By state and what of the certain ones has taken effect: one possibility or, where they spend differently, several. */
  readonly #alike = new Map<number, Possibility<Operation> | Possibility<Operation>[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** False for one that is known or pointless. */
  add(one: Possibility<Operation>): boolean {
    const key = one.state * 2 ** bitsPerNumber + one.used;
    const alike = this.#alike.get(key);
    if (alike === undefined) {
      this.#alike.set(key, one);
      this.#size += 1;
      return true;
    }
    const others = Array.isArray(alike) ? alike : [alike];
    if (others.some((other) => spendsNoMore(other, one))) return false;
    const better = others.filter((other) => !spendsNoMore(one, other));
    better.push(one);
    this.#size += better.length - others.length;
    this.#alike.set(key, better);
    return true;
  }

  /** Whether a possibility that was added is still one worth following. */
  has(one: Possibility<Operation>): boolean {
    const alike = this.#alike.get(one.state * 2 ** bitsPerNumber + one.used);
    return Array.isArray(alike) ? alike.includes(one) : alike === one;
  }

  all(): Possibility<Operation>[] {
    const all: Possibility<Operation>[] = [];
    for (const alike of this.#alike.values()) {
      if (Array.isArray(alike)) all.push(...alike);
      else all.push(alike);
    }
    return all;
  }
}

function spendsNoMore(one: Possibility<unknown>, other: Possibility<unknown>): boolean {
  return (
    (one.optionalLow & other.optionalLow) === one.optionalLow &&
    (one.optionalHigh & other.optionalHigh) === one.optionalHigh
  );
}
