import { bitsPerNumber, type Possibility } from "./possibilities.ts";

/** A running operation and its place, which is a bit of every possibility. */
export interface Entry<Operation> {
  readonly operation: Operation;
  readonly place: number;
}

/** The operations that run at some moment. */
export class Running<Operation> {
  readonly #size: number;
  readonly #entries: Entry<Operation>[] = [];

  /** @param size how many can run at once */
  constructor(size: number) {
    this.#size = size;
  }

  get entries(): readonly Entry<Operation>[] {
    return this.#entries;
  }

  /** Undefined when all places are taken. */
  add(operation: Operation): Entry<Operation> | undefined {
    for (let place = 0; place < this.#size; place++) {
      if (this.#entries.some((entry) => entry.place === place)) continue;
      const entry = { operation, place };
      this.#entries.push(entry);
      return entry;
    }
    return undefined;
  }

  remove(operation: Operation): Entry<Operation> {
    const [entry] = this.#entries.splice(
      this.#entries.findIndex((each) => each.operation === operation),
      1,
    );
    if (entry?.operation !== operation) throw new RangeError("the operation is not running");
    return entry;
  }
}

export function isSpent(possibility: Possibility<unknown>, place: number): boolean {
  return place < bitsPerNumber
    ? (possibility.optionalLow & (1 << place)) !== 0
    : (possibility.optionalHigh & (1 << (place - bitsPerNumber))) !== 0;
}

/** The same possibility with an optional operation spent, or not. */
export function withSpent<T>(possibility: Possibility<T>, place: number, spent: boolean): Possibility<T> {
  const { optionalLow: low, optionalHigh: high } = possibility;
  if (place < bitsPerNumber) return { ...possibility, optionalLow: spent ? low | (1 << place) : low & ~(1 << place) };
  const bit = 1 << (place - bitsPerNumber);
  return { ...possibility, optionalHigh: spent ? high | bit : high & ~bit };
}
