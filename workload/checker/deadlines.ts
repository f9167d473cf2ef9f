import { type Operation } from "../history/operation.ts";
import { countBelow, sortedBy } from "./sorting.ts";
import { type Survey } from "./survey.ts";

/** A moment by one clock, in microseconds. Moments of different clocks can't be compared. */
export interface Moment {
  readonly clock: string;
  readonly at: number;
}

/** When somebody was told of a revision. */
interface Told {
  readonly revision: number;
  readonly at: number;
}

/**
 * By when a revision must have existed: the earliest moment at which any client was told of it or of a later one, by the clock
 * of that client. A write can only be the one of a revision if it did not begin later.
 */
export class Deadlines {
  readonly #byClock: ReadonlyMap<string, Earliest>;

  constructor({ telling, watches }: Pick<Survey, "telling" | "watches">) {
    const byClock = new Map<string, Told[]>();
    const add = ({ process: { clock } }: Operation, revision: number, at: number): void => {
      const told = byClock.get(clock);
      if (told === undefined) byClock.set(clock, [{ revision, at }]);
      else told.push({ revision, at });
    };
    for (const operation of telling) add(operation, operation.revision, operation.end);
    for (const watch of watches) {
      if (watch.detail?.kind !== "watch") continue;
      for (const { revision, at } of watch.detail.answers) add(watch, revision, at);
    }
    this.#byClock = new Map(Array.from(byClock, ([clock, told]) => [clock, new Earliest(told)]));
  }

  /** Tells whether what came after all these moments may have come before anybody was told of this revision. */
  of(revision: number): (moments: readonly Moment[]) => boolean {
    const deadlines = new Map<string, number>();
    for (const [clock, earliest] of this.#byClock) deadlines.set(clock, earliest.of(revision));
    return (moments) => moments.every(({ clock, at }) => at <= (deadlines.get(clock) ?? Infinity));
  }
}

/** By one clock. */
class Earliest {
  readonly #told: readonly Told[];
  readonly #earliest: Float64Array;

  constructor(told: readonly Told[]) {
    this.#told = sortedBy(told, ({ revision }) => revision);
    this.#earliest = Float64Array.from(this.#told, ({ at }) => at);
    for (let place = this.#earliest.length - 2; place >= 0; place--) {
      this.#earliest[place] = Math.min(this.#earliest[place] ?? Infinity, this.#earliest[place + 1] ?? Infinity);
    }
  }

  /** Infinity for a revision nobody was told of. */
  of(revision: number): number {
    return this.#earliest[countBelow(this.#told, (told) => told.revision, revision)] ?? Infinity;
  }
}
