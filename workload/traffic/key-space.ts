import { type Decimal } from "../history/format.ts";
import { randomBetween, type RandomSource } from "../random.ts";

/** The keys one run of traffic uses, `<prefix><number>`, and what this process knows of them. */
export class KeySpace {
  readonly prefix: string;
  /** The key after the last with the prefix, for ranges over all. */
  readonly end: string;
  readonly #keys: readonly string[];
  readonly #seen = new Map<string, Decimal>();

  /** @throws Error when the prefix is empty or does not end in a letter, digit or one of `/-_.` */
  constructor(prefix: string, count: number) {
    if (!/[A-Za-z0-9/_.-]$/.test(prefix)) {
      throw new Error(`the prefix "${prefix}" must end in a letter, a digit or one of / - _ .`);
    }
    this.prefix = prefix;
    this.end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
    const digits = String(count - 1).length;
    this.#keys = Array.from({ length: count }, (_, number) => prefix + String(number).padStart(digits, "0"));
  }

  one(random: RandomSource): string {
    return this.#keys[randomBetween(random, 0, this.#keys.length - 1)] ?? this.prefix;
  }

  /** Neighbours, in order: as many as there are, `count` at most. */
  some(random: RandomSource, count: number): readonly string[] {
    const first = randomBetween(random, 0, Math.max(0, this.#keys.length - count));
    return this.#keys.slice(first, first + count);
  }

  /** The revision at which this process last saw the key written; undefined when it never did, or saw that it is gone. */
  lastSeen(key: string): Decimal | undefined {
    return this.#seen.get(key);
  }

  saw(key: string, mod: Decimal | undefined): void {
    if (mod === undefined) this.#seen.delete(key);
    else this.#seen.set(key, mod);
  }
}
