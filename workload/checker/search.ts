import { after, bitsPerNumber, Possibilities, type Possibility, type Step, type Trail } from "./possibilities.ts";
import { isSpent, Running, withSpent, type Entry } from "./running.ts";

/**
 * The second opinion: whether there is any order at all in which the operations on one key could have happened one at a time,
 * each somewhere between its begin and its end. It knows values only and believes no revision.
 *
 * Such an order is looked for exhaustively, but just in time (G. Lowe, "Testing for linearizability", 2017): going through
 * begins and ends in order of time, it keeps every state the key could be in together with the running operations that have
 * taken effect by then. The work grows with the operations that run at the same time, not with the length of the history.
 */
export interface SearchOperation<T> {
  readonly start: number;
  /** Infinity: it may take effect at any time after its start, or never. */
  readonly end: number;
  /** The ways it may go; each is tried. */
  readonly ways: readonly (readonly Step[])[];
  readonly source: T;
}

export type SearchResult<T> =
  | { readonly verdict: "possible"; readonly order: readonly SearchOperation<T>[] }
  /** Wherever `operation` is put between its begin and its end, it contradicts each state that was possible then. */
  | {
      readonly verdict: "impossible";
      readonly operation: SearchOperation<T>;
      readonly possibilities: readonly Possibility<SearchOperation<T>>[];
    }
  /** More operations ran at once, in more possible states, than are searched. */
  | { readonly verdict: "undecided"; readonly operation: SearchOperation<T> };

/** More states at once than these are not searched. */
const mostPossibilities = 100_000;

/** @param initial the states the key may have been in before the first operation */
export function search<T>(operations: readonly SearchOperation<T>[], initial: readonly number[]): SearchResult<T> {
  const worth = operations.filter(canMatter(operations));
  const calls = worth.toSorted((a, b) => a.start - b.start);
  const returns = worth.filter(({ end }) => end !== Infinity).sort((a, b) => a.end - b.end);
  const run = new Search<T>(initial);
  let called = 0;
  for (const operation of returns) {
    for (let call = calls[called]; call !== undefined && call.start <= operation.end; call = calls[called]) {
      if (!run.call(call)) return { verdict: "undecided", operation: call };
      called += 1;
    }
    const possibilities = run.possible;
    if (!run.return(operation)) return { verdict: "undecided", operation };
    if (run.possible.length === 0) return { verdict: "impossible", operation, possibilities };
  }
  return { verdict: "possible", order: order(run.possible[0]?.last) };
}

/** A write of unknown outcome whose value nobody ever sees may as well not have happened. */
function canMatter<T>(operations: readonly SearchOperation<T>[]): (operation: SearchOperation<T>) => boolean {
  const steps = operations.flatMap(({ ways }) => ways.flat());
  const seen = new Set(steps.filter(({ type }) => type === "is").map(({ value }) => value));
  // Any other value does where a value must not be.
  if (steps.some(({ type }) => type === "isNot")) return () => true;
  return ({ end, ways }) =>
    end !== Infinity || ways.flat().some(({ type, value }) => type === "set" && seen.has(value));
}

class Search<T> {
  /** Of those that will end, the ones that change the key and the ones that only look at it; each has its own bits. */
  readonly #writes = new Running<SearchOperation<T>>(bitsPerNumber / 2);
  readonly #reads = new Running<SearchOperation<T>>(bitsPerNumber / 2);
  /** Those that need not happen at all. */
  readonly #optional = new Running<SearchOperation<T>>(2 * bitsPerNumber);
  readonly #signatures = new Map<SearchOperation<T>, string>();
  possible: Possibility<SearchOperation<T>>[];

  constructor(initial: readonly number[]) {
    this.possible = initial.map((state) => ({ state, used: 0, optionalLow: 0, optionalHigh: 0, last: undefined }));
  }

  /** False when too many run at once. */
  call(operation: SearchOperation<T>): boolean {
    if (operation.end === Infinity) return this.#optional.add(operation) !== undefined;
    if (!isReading(operation)) return this.#writes.add(operation) !== undefined;
    const entry = this.#reads.add(operation);
    if (entry !== undefined) this.possible = this.possible.map((each) => this.#absorb(each, [entry]));
    return entry !== undefined;
  }

  /** Leaves the possibilities in which the operation has taken effect; false when there are too many. */
  return(operation: SearchOperation<T>): boolean {
    const reading = isReading(operation);
    const { place } = (reading ? this.#reads : this.#writes).entries.find((each) => each.operation === operation) ?? {};
    const bit = place === undefined ? 0 : reading ? readBit(place) : writeBit(place);
    const done = new Possibilities<SearchOperation<T>>();
    const seen = new Possibilities<SearchOperation<T>>();
    const open: Possibility<SearchOperation<T>>[] = [];
    const reach = (one: Possibility<SearchOperation<T>>): void => {
      if ((one.used & bit) !== 0) done.add(withUsed(one, one.used & ~bit));
      else if (seen.add(one)) open.push(one);
    };
    this.possible.forEach(reach);
    for (let next = 0; next < open.length; next++) {
      if (seen.size + done.size > mostPossibilities) return false;
      const from = open[next];
      if (from !== undefined && seen.has(from)) this.#follow(from, reach);
    }
    (reading ? this.#reads : this.#writes).remove(operation);
    this.possible = done.all();
    this.#settle();
    return true;
  }

  /** All that could happen next. */
  #follow(from: Possibility<SearchOperation<T>>, reach: (one: Possibility<SearchOperation<T>>) => void): void {
    const { optionalLow, optionalHigh } = from;
    for (const { operation, place } of this.#writes.entries) {
      if ((from.used & writeBit(place)) !== 0) continue;
      for (const way of operation.ways) {
        const state = after(from.state, way);
        if (state === undefined) continue;
        const last = { operation, before: from.last };
        const next = { state, used: from.used | writeBit(place), optionalLow, optionalHigh, last };
        reach(this.#absorb(next, this.#reads.entries));
      }
    }
    const tried = new Set<string>();
    for (const { operation, place } of this.#optional.entries) {
      if (isSpent(from, place)) continue;
      // Operations that do the same and may happen whenever they like are one as good as the other.
      const alike = this.#alike(operation);
      if (tried.has(alike)) continue;
      tried.add(alike);
      for (const way of operation.ways) {
        const state = after(from.state, way);
        if (state === undefined || state === from.state) continue;
        const last = { operation, before: from.last };
        reach(this.#absorb(withSpent({ ...from, state, last }, place, true), this.#reads.entries));
      }
    }
  }

  /** A running read that agrees with the state may as well take effect now: it changes nothing and can't do so any better later. */
  #absorb(
    one: Possibility<SearchOperation<T>>,
    reads: readonly Entry<SearchOperation<T>>[],
  ): Possibility<SearchOperation<T>> {
    let { used, last } = one;
    for (const { operation, place } of reads) {
      if ((used & readBit(place)) !== 0) continue;
      if (!operation.ways.some((way) => after(one.state, way) !== undefined)) continue;
      used |= readBit(place);
      last = { operation, before: last };
    }
    return used === one.used ? one : { ...one, used, last };
  }

  /** An optional operation that has taken effect in every possibility is known to have happened: its place is free again. */
  #settle(): void {
    for (const { operation, place } of [...this.#optional.entries]) {
      if (!this.possible.every((one) => isSpent(one, place))) continue;
      this.possible = this.possible.map((one) => withSpent(one, place, false));
      this.#optional.remove(operation);
    }
  }

  #alike(operation: SearchOperation<T>): string {
    const known = this.#signatures.get(operation);
    if (known !== undefined) return known;
    const signature = JSON.stringify(operation.ways);
    this.#signatures.set(operation, signature);
    return signature;
  }
}

/** The operation that last set the key to the state it could have been in; undefined when that was before the first one. */
export function setter<T>({ last }: Possibility<SearchOperation<T>>): SearchOperation<T> | undefined {
  for (let trail = last; trail !== undefined; trail = trail.before) {
    if (!isReading(trail.operation)) return trail.operation;
  }
  return undefined;
}

function writeBit(place: number): number {
  return 1 << place;
}

function readBit(place: number): number {
  return 1 << (place + bitsPerNumber / 2);
}

function withUsed<T>({ state, optionalLow, optionalHigh, last }: Possibility<T>, used: number): Possibility<T> {
  return { state, used, optionalLow, optionalHigh, last };
}

function isReading<T>({ ways }: SearchOperation<T>): boolean {
  return ways.every((way) => way.every(({ type }) => type !== "set"));
}

function order<T>(last: Trail<SearchOperation<T>> | undefined): SearchOperation<T>[] {
  const operations: SearchOperation<T>[] = [];
  for (let trail = last; trail !== undefined; trail = trail.before) operations.push(trail.operation);
  return operations.reverse();
}
