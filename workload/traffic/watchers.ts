import { type MemberClient } from "../etcd/member-client.ts";
import { type Watching } from "../etcd/watching.ts";
import { RecordedClient } from "../history/recorder.ts";
import { type HistoryWriter } from "../history/writer.ts";
import { randomBetween, type RandomSource } from "../random.ts";
import { type KeySpace } from "./key-space.ts";

export interface WatchersContext {
  readonly writer: HistoryWriter;
  readonly keys: KeySpace;
  readonly random: RandomSource;
  readonly since: bigint;
}

/** How long a watch lasts, in milliseconds, and how many revisions before the last known one it may begin. */
const lifetime = { low: 500, high: 5000 };
const lookBack = 200;

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
    const { keys, random } = this.#context;
    const from = this.#from();
    const watching = watcher.watch(client, { key: keys.prefix, end: keys.end, from });
    this.#open.add(watching);
    const timer = setTimeout(() => watching.stop(), randomBetween(random, lifetime.low, lifetime.high));
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

  /** Half of the watches see what is to come, the other half begins in the past of this run. */
  #from(): string {
    const { random, since } = this.#context;
    const back = BigInt(randomBetween(random, -lookBack, lookBack));
    if (back <= 0n) return "0";
    const from = this.#revision - back;
    return String(from > since ? from : since + 1n);
  }
}
