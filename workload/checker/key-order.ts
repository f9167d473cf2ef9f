import { type KeyRange, type Texts } from "../history/operation.ts";

/** Keys in etcd's order, which is the order of their bytes. */
export class KeyOrder {
  /** By number of the key. */
  readonly #rank: Int32Array;
  /** By rank. */
  readonly #keys: readonly number[];
  readonly #everyEnd: number;

  constructor(keys: Texts) {
    const bytes = keys.all().map((key, number) => ({ number, bytes: Buffer.from(key) }));
    bytes.sort((a, b) => Buffer.compare(a.bytes, b.bytes));
    this.#keys = bytes.map(({ number }) => number);
    this.#rank = new Int32Array(keys.size);
    this.#keys.forEach((number, rank) => (this.#rank[number] = rank));
    // As an end, etcd reads a zero byte as "to the very last key".
    this.#everyEnd = keys.all().indexOf("\0");
  }

  get size(): number {
    return this.#keys.length;
  }

  rank(key: number): number {
    return this.#rank[key] ?? -1;
  }

  key(rank: number): number {
    return this.#keys[rank] ?? -1;
  }

  /** Ranks from `low` up to but not including `high`. */
  ranks({ key, end }: KeyRange): { readonly low: number; readonly high: number } {
    const low = this.rank(key);
    if (end === undefined) return { low, high: low + 1 };
    return { low, high: end === this.#everyEnd ? this.size : Math.max(low, this.rank(end)) };
  }

  holds(range: KeyRange, key: number): boolean {
    if (range.end === undefined) return range.key === key;
    const { low, high } = this.ranks(range);
    const rank = this.rank(key);
    return rank >= low && rank < high;
  }
}

/** Which keys exist at the moment, counted and listed by ranges: a Fenwick tree over their ranks. */
export class LiveKeys {
  readonly #sums: Int32Array;
  readonly #live: Uint8Array;

  constructor(size: number) {
    this.#sums = new Int32Array(size + 1);
    this.#live = new Uint8Array(size);
  }

  set(rank: number, live: boolean): void {
    const change = Number(live) - (this.#live[rank] ?? 0);
    if (change === 0) return;
    this.#live[rank] = Number(live);
    for (let node = rank + 1; node < this.#sums.length; node += node & -node) {
      this.#sums[node] = (this.#sums[node] ?? 0) + change;
    }
  }

  count(low: number, high: number): number {
    return this.#below(high) - this.#below(low);
  }

  /** The ranks of the live keys of a range. */
  list(low: number, high: number): number[] {
    const found: number[] = [];
    const [first, last] = [this.#below(low), this.#below(high)];
    for (let nth = first; nth < last; nth++) found.push(this.#nth(nth));
    return found;
  }

  #below(rank: number): number {
    let sum = 0;
    for (let node = rank; node > 0; node -= node & -node) sum += this.#sums[node] ?? 0;
    return sum;
  }

  /** The rank that has `below` live keys below it and is live itself. */
  #nth(below: number): number {
    let [rank, left] = [0, below];
    for (let step = 2 ** Math.floor(Math.log2(this.#sums.length)); step > 0; step = Math.floor(step / 2)) {
      const sum = this.#sums[rank + step];
      if (sum === undefined || sum > left) continue;
      rank += step;
      left -= sum;
    }
    return rank;
  }
}
