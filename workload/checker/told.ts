import { at, countBelow, sortedBy } from "./sorting.ts";
import { type Survey } from "./survey.ts";

/** A moment by one clock, in microseconds. Moments of different clocks can't be compared. */
export interface Moment {
  readonly clock: string;
  readonly at: number;
}

/** Somebody was told of a revision when this ended; operations are that, too. */
interface Answer {
  readonly revision: number;
  readonly end: number;
}

/** What clients were told of the store's revisions, and when: what begins after that has a later revision. */
export class Told {
  readonly #byClock = new Map<string, Highest>();

  constructor({ telling, watches }: Pick<Survey, "telling" | "watches">) {
    const byClock = new Map<string, Answer[]>();
    const add = (clock: string, answer: Answer): void => {
      const answers = byClock.get(clock);
      if (answers === undefined) byClock.set(clock, [answer]);
      else answers.push(answer);
    };
    for (const operation of telling) add(operation.process.clock, operation);
    for (const { detail, process } of watches) {
      if (detail?.kind !== "watch") continue;
      for (const { revision, at: end } of detail.answers) add(process.clock, { revision, end });
    }
    for (const [clock, answers] of byClock) this.#byClock.set(clock, new Highest(answers));
  }

  /** The highest revision any client had been told of before one of these moments; 0: none. */
  before(moments: readonly Moment[]): number {
    return Math.max(0, ...moments.map(({ clock, at: moment }) => this.#byClock.get(clock)?.before(moment) ?? 0));
  }
}

/** By one clock. */
class Highest {
  readonly #answers: readonly Answer[];
  /** By place of an answer: the highest revision up to it. */
  readonly #highest: Float64Array;

  constructor(answers: readonly Answer[]) {
    this.#answers = sortedBy(answers, ({ end }) => end);
    this.#highest = new Float64Array(answers.length);
    let highest = 0;
    for (let place = 0; place < answers.length; place++) {
      highest = Math.max(highest, at(this.#answers, place).revision);
      this.#highest[place] = highest;
    }
  }

  before(moment: number): number {
    return this.#highest[countBelow(this.#answers, ({ end }) => end, moment) - 1] ?? 0;
  }
}
