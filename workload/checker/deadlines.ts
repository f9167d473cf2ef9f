import { countBelow, sortedBy } from "./sorting.ts";
import { type Survey } from "./survey.ts";

interface Moment {
  readonly revision: number;
  /** When somebody was told of this revision. */
  readonly at: number;
}

/**
 * By when a revision must have existed: the earliest moment at which any client was told of it or of a later one. A write can
 * only be the one of a revision if it began by then.
 */
export class Deadlines {
  readonly #moments: readonly Moment[];
  readonly #earliest: Float64Array;

  constructor({ telling, watches }: Pick<Survey, "telling" | "watches">) {
    const moments: Moment[] = telling.map(({ revision, end }) => ({ revision, at: end }));
    for (const { detail } of watches) if (detail?.kind === "watch") moments.push(...detail.answers);
    this.#moments = sortedBy(moments, ({ revision }) => revision);
    this.#earliest = Float64Array.from(this.#moments, ({ at }) => at);
    for (let place = this.#earliest.length - 2; place >= 0; place--) {
      this.#earliest[place] = Math.min(this.#earliest[place] ?? Infinity, this.#earliest[place + 1] ?? Infinity);
    }
  }

  /** In microseconds; Infinity for a revision nobody was told of. */
  of(revision: number): number {
    return this.#earliest[countBelow(this.#moments, (moment) => moment.revision, revision)] ?? Infinity;
  }
}
