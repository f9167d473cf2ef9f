import { type MemberClient } from "../etcd/member-client.ts";
import { type Watching } from "../etcd/watching.ts";
import { RecordedClient } from "../history/recorder.ts";
import { type HistoryWriter } from "../history/writer.ts";
import { randomBetween, randomChoice, type RandomSource } from "../random.ts";
import { type KeySpace } from "./key-space.ts";

export interface WatchersContext {
  readonly writer: HistoryWriter;
  readonly keys: KeySpace;
  readonly random: RandomSource;
  readonly since: bigint;
}

/**
 * How long a watch lasts, in milliseconds: some are asked where they are before they have caught up, many come and go, and some
 * live through an outage of their member.
 */
const lifetimes = [
  { low: 0, high: 100 },
  { low: 500, high: 5_000 },
  { low: 5_000, high: 30_000 },
];
/** How many revisions before the last known one a watch may begin. */
const lookBack = 200;
/** How many revisions after the last known one it may begin: what comes soon, and what will not come in its lifetime. */
const lookAhead = [10, 1_000, 100_000];

/** Watches beside the other traffic: each is a logical client of its own, which is busy as long as its watch lasts. */
export class Watchers {
  readonly #context: WatchersContext;
  readonly #free: RecordedClient[];
  readonly #open = new Set<Watching>();
  #revision: bigint;

  /** @param first number of the first watching client in the history */
  constructor(first: number, count: number, context: WatchersContext) {
    this.#context = context;
    this.#free = Array.from({ length: count }, (_, index) => new RecordedClient(first + index, context.writer));
    this.#revision = context.since;
  }

  /** Tells that the store has come to this revision. */
  known(revision: bigint): void {
    if (revision > this.#revision) this.#revision = revision;
  }

  /** Opens a watch of all keys through this member; false when no watching client is free. */
  start(client: MemberClient): boolean {
    const watcher = this.#free.pop();
    if (watcher === undefined) return false;
    const { keys, random, since } = this.#context;
    const from = firstRevision(random, this.#revision, since);
    const watching = watcher.watch(client, { key: keys.prefix, end: keys.end, from });
    this.#open.add(watching);
    const timer = setTimeout(() => watching.stop(), lifetimeOf(random));
    void watching.ended.then(() => {
      clearTimeout(timer);
      this.#open.delete(watching);
      this.#free.push(watcher);
    });
    return true;
  }

  /** Ends all watches. */
  async stop(): Promise<void> {
    for (const watching of this.#open) watching.stop();
    await Promise.all([...this.#open].map(({ ended }) => ended));
  }
}

/**
 * The revision a watch begins at: a third of the watches see what is to come ("0"), a third begin in the past of this run, and
 * a third at a revision that is not there yet, until which etcd has to keep silent.
 * @param known the store's last known revision
 * @param since the store's revision before the first operation of this run
 */
export function firstRevision(random: RandomSource, known: bigint, since: bigint): string {
  switch (randomBetween(random, 0, 2)) {
    case 0:
      return "0";
    case 1: {
      const from = known - BigInt(randomBetween(random, 1, lookBack));
      return String(from > since ? from : since + 1n);
    }
    default:
      return String(known + BigInt(randomChoice(random, lookAhead)));
  }
}

function lifetimeOf(random: RandomSource): number {
  const { low, high } = randomChoice(random, lifetimes);
  return randomBetween(random, low, high);
}
