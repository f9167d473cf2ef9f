import { bitsPerNumber, type Possibility } from "./possibilities.ts";

/** Running operations, each with a place that is a bit of a possibility. */
export class Running<Operation> {
  readonly #places: (Operation | undefined)[];
  readonly #placeOf = new Map<Operation, number>();

  constructor(size: number) {
    this.#places = new Array<Operation | undefined>(size).fill(undefined);
  }

  /** False when all places are taken. */
  add(operation: Operation): boolean {
    const place = this.#places.indexOf(undefined);
    if (place === -1) return false;
    this.#places[place] = operation;
    this.#placeOf.set(operation, place);
    return true;
  }

  remove(operation: Operation): void {
    this.#places[this.place(operation)] = undefined;
    this.#placeOf.delete(operation);
  }

  place(operation: Operation): number {
    const place = this.#placeOf.get(operation);
    if (place === undefined) throw new RangeError("the operation is not running");
    return place;
  }

  each(): ReadonlyMap<Operation, number> {
    return this.#placeOf;
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
