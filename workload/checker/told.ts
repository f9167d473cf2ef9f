import { type Operation } from "../history/operation.ts";
import { at, countBelow, sortedBy } from "./sorting.ts";
import { type Survey } from "./survey.ts";

/** A moment by one clock, in microseconds. Moments of different clocks can't be compared. */
export interface Moment {
  readonly clock: string;
  readonly at: number;
}

/** What clients were told of the store's revisions, and when: what begins after that has a later revision. */
export class Told {
  readonly #byClock = new Map<string, Highest>();

  constructor({ telling, watches }: Pick<Survey, "telling" | "watches">) {
    const byClock = new Map<string, Answer[]>();
    const add = ({ process: { clock } }: Operation, revision: number, when: number): void => {
      const answers = byClock.get(clock);
      if (answers === undefined) byClock.set(clock, [{ revision, when }]);
      else answers.push({ revision, when });
    };
    for (const operation of telling) add(operation, operation.revision, operation.end);
    for (const watch of watches) {
      if (watch.detail?.kind !== "watch") continue;
      for (const answer of watch.detail.answers) add(watch, answer.revision, answer.at);
    }
    for (const [clock, answers] of byClock) this.#byClock.set(clock, new Highest(answers));
  }

  /** The highest revision any client had been told of before one of these moments; 0: none. */
  before(moments: readonly Moment[]): number {
    return Math.max(0, ...moments.map(({ clock, at: moment }) => this.#byClock.get(clock)?.before(moment) ?? 0));
  }
}

interface Answer {
  readonly revision: number;
  readonly when: number;
}

/** By one clock. */
class Highest {
  readonly #answers: readonly Answer[];
  /** By place of an answer: the highest revision up to it. */
  readonly #highest: Float64Array;

  constructor(answers: readonly Answer[]) {
    this.#answers = sortedBy(answers, ({ when }) => when);
    this.#highest = new Float64Array(answers.length);
    let highest = 0;
    for (let place = 0; place < answers.length; place++) {
      highest = Math.max(highest, at(this.#answers, place).revision);
      this.#highest[place] = highest;
    }
  }

  before(moment: number): number {
    return this.#highest[countBelow(this.#answers, ({ when }) => when, moment) - 1] ?? 0;
  }
}
