import { type History, type Operation, type Part, type RangeAnswer, type RangePart } from "../history/operation.ts";
import { type StoredKey } from "../history/operation.ts";
import { make, type Contradictions } from "./contradictions.ts";
import { type StoreEvent } from "./event-log.ts";
import { type Hidden } from "./hidden.ts";
import { LiveKeys, type KeyOrder } from "./key-order.ts";
import { KeyState, type Contradiction } from "./key-state.ts";
import { putsKey, type OpenWrite } from "./open-writes.ts";
import { readRevision } from "./store-order.ts";
import { type Violation } from "./violation.ts";
import { counted, type Words } from "./words.ts";

export interface StoreContext {
  readonly history: History;
  readonly order: KeyOrder;
  readonly hidden: Hidden;
  readonly words: Words;
  readonly contradictions: Contradictions;
  /** Gets each violation as it is found. */
  readonly report: (violation: Violation) => void;
  /** Gets each change of the store, in order; undefined when nobody wants to know. */
  readonly log: ((event: StoreEvent) => void) | undefined;
}

interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** The store of the history, replayed revision by revision; everything seen of it is compared with what it must be. */
export class Store {
  readonly #context: StoreContext;
  readonly #states: (KeyState | undefined)[] = [];
  /** Keys of which something unseen was, at some time, the only explanation. */
  readonly #doubtful = new Set<number>();
  /** Kept only for histories that look at ranges: it costs a few steps at each write. */
  readonly #live: LiveKeys | undefined;

  constructor(context: StoreContext, ranges: boolean) {
    this.#context = context;
    this.#live = ranges ? new LiveKeys(context.order.size) : undefined;
  }

  state(key: number): KeyState {
    const known = this.#states[key];
    if (known !== undefined) return known;
    const made = new KeyState(key, this.#context.history.since === 0);
    this.#states[key] = made;
    return made;
  }

  doubt(key: number, reasons: readonly OpenWrite[]): void {
    this.state(key).doubt(reasons);
    this.#doubtful.add(key);
    this.#live?.set(this.#context.order.rank(key), false);
  }

  put(key: number, revision: number, value: number, lease: number, by: Operation | undefined): void {
    this.state(key).put(revision, value, lease, by);
    this.#live?.set(this.#context.order.rank(key), true);
    this.#context.log?.({ revision, type: "put", key, by });
  }

  remove(key: number, revision: number, by: Operation | undefined): void {
    this.state(key).remove(revision, by);
    this.#live?.set(this.#context.order.rank(key), false);
    this.#context.log?.({ revision, type: "delete", key, by });
  }

  see(stored: StoredKey, by: Operation): void {
    const state = this.state(stored.key);
    if (this.#isFromBefore(stored, state)) {
      state.adopt(stored);
      this.#live?.set(this.#context.order.rank(stored.key), true);
    } else if (!state.broken) this.#judge(state.see(stored, this.#context.hidden), state, stored, by);
    // An event shows its key as it was then, an answer as it is at the answer's revision.
    if (!state.broken && by.kind !== "watch") state.shown(readRevision(by), by);
  }

  /** Whether it was there before the history, and is to be believed. */
  #isFromBefore(stored: StoredKey, state: KeyState): boolean {
    return stored.mod <= this.#context.history.since && (!state.known || stored.mod > state.changed);
  }

  seeAbsent(key: number, revision: number, by: Operation): void {
    const state = this.state(key);
    if (state.broken) return;
    this.#judge(state.seeAbsent(revision, this.#context.hidden), state, undefined, by);
    this.#live?.set(this.#context.order.rank(key), state.alive);
  }

  /** @param revision the one whose state is seen */
  range(part: RangePart, { kvs, count }: RangeAnswer, revision: number, by: Operation): void {
    if (part.end === undefined) {
      const [stored] = kvs;
      if (stored === undefined) this.seeAbsent(part.key, revision, by);
      else this.see(stored, by);
      return;
    }
    const { low, high } = this.#context.order.ranks(part);
    const wrong = this.#wrongKeys(part, { kvs, count }, low, high);
    if (wrong !== undefined) {
      // What such an answer says about single keys is not worth looking at.
      this.#context.report(make("wrong range", `The answer at revision ${revision} ${wrong}.`, [by]));
      return;
    }
    for (const stored of kvs) this.see(stored, by);
    if (!part.countOnly)
      this.#complete(low, part.limit > 0 && kvs.length < count ? this.#afterLast(kvs, low) : high, kvs, revision, by);
    if (this.#live?.count(low, high) === count) return;
    const held = this.#held(low, high, revision);
    if (count >= held.least && count <= held.most) {
      if (count === 0) this.#complete(low, high, [], revision, by);
      return;
    }
    const words = `${this.#context.words.range(part)} held ${keysInWords(held)} at revision ${revision}, yet the answer counts ${count}.`;
    this.#context.report(make("wrong count", words, [by]));
  }

  /** What is wrong with the keys of an answer, whatever they hold: etcd answers them in order. */
  #wrongKeys(part: RangePart, { kvs, count }: RangeAnswer, low: number, high: number): string | undefined {
    const { order, words } = this.#context;
    const { limit, countOnly } = part;
    const expected = countOnly ? 0 : limit > 0 ? Math.min(limit, count) : count;
    if (kvs.length !== expected) {
      const asked = countOnly
        ? ", and only that was asked for"
        : limit > 0
          ? `, and ${limit} at most were asked for`
          : "";
      return `counts ${counted(count, "key")}${asked}, yet has ${kvs.length}`;
    }
    let before: StoredKey | undefined;
    for (const stored of kvs) {
      const rank = order.rank(stored.key);
      if (rank < low || rank >= high) return `has ${words.key(stored.key)}, which was not asked for`;
      if (before !== undefined && order.rank(before.key) >= rank) {
        const twice = before.key === stored.key;
        return twice
          ? `has ${words.key(stored.key)} twice`
          : `has ${words.key(stored.key)} after ${words.key(before.key)}`;
      }
      before = stored;
    }
    return undefined;
  }

  /** @param deleted how many keys it says it removed */
  delete(part: Extract<Part, { op: "delete" }>, deleted: number, revision: number, by: Operation): void {
    const keys = this.existing(part);
    if (part.end === undefined && deleted === 0) {
      this.seeAbsent(part.key, revision, by);
      return;
    }
    if (keys.length !== deleted) this.#explainDeleted(part, deleted, revision, by);
    for (const key of part.end === undefined ? [part.key] : keys) this.remove(key, revision, by);
    for (const key of this.#doubtful) if (this.#context.order.holds(part, key)) this.state(key).remove(revision, by);
  }

  /** The existing keys of a range. */
  existing(range: { readonly key: number; readonly end: number | undefined }): number[] {
    if (range.end === undefined) return this.state(range.key).alive ? [range.key] : [];
    const { low, high } = this.#context.order.ranks(range);
    return (this.#live?.list(low, high) ?? []).map((rank) => this.#context.order.key(rank));
  }

  #explainDeleted(part: Part, deleted: number, revision: number, by: Operation): void {
    const { order, hidden, words, report } = this.#context;
    if (part.op !== "delete") return;
    const state = this.state(part.key);
    if (part.end === undefined) {
      if (!state.known || state.broken || state.reasons.some((write) => putsKey(write, part.key))) return;
      if (hidden.takePuts(part.key, 1, state.changed, revision)) return;
      state.broken = true;
      const gone = `${words.key(part.key)} did not exist at revision ${revision}, yet a delete says it removed it.`;
      report(make("wrong delete", gone, [state.writer, by]));
      return;
    }
    const { low, high } = order.ranks(part);
    const held = this.#held(low, high, revision);
    if (deleted >= held.least && deleted <= held.most) {
      // What removed them unseen has happened, and can't do so again.
      if (deleted === 0) this.#complete(low, high, [], revision, by);
      return;
    }
    const range = `${words.range(part)} held ${keysInWords(held)} at revision ${revision}`;
    report(make("wrong delete", `${range}, yet a delete of it says it removed ${deleted}.`, [by]));
  }

  /** Every existing key of these ranks must be among those that were answered. */
  #complete(low: number, high: number, kvs: readonly StoredKey[], revision: number, by: Operation): void {
    if (this.#live === undefined || this.#live.count(low, high) === kvs.length) return;
    const answered = new Set(kvs.map(({ key }) => key));
    for (const rank of this.#live.list(low, high)) {
      const key = this.#context.order.key(rank);
      if (!answered.has(key)) this.seeAbsent(key, revision, by);
    }
  }

  #afterLast(kvs: readonly StoredKey[], low: number): number {
    return kvs.reduce((high, { key }) => Math.max(high, this.#context.order.rank(key) + 1), low);
  }

  /** How many keys of these ranks there are: some could exist, or not, without anybody having seen it. */
  #held(low: number, high: number, revision: number): Bounds {
    const { order, hidden } = this.#context;
    const held = { least: 0, most: 0 };
    for (let rank = low; rank < high; rank++) {
      const { key, lease, known, reasons, broken, alive, aliveAt } = this.state(order.key(rank));
      const doubtful = !known || reasons.length > 0 || broken;
      if (alive || doubtful || hidden.touching(key, lease, revision).length > 0) held.most += 1;
      if (alive && !doubtful && hidden.removing(key, lease, aliveAt, revision + 1).length === 0) held.least += 1;
    }
    return held;
  }

  #judge(what: Contradiction | undefined, state: KeyState, stored: StoredKey | undefined, by: Operation): void {
    if (what === undefined) return;
    state.broken = true;
    this.#context.report(this.#context.contradictions.violation(what, state, stored, by));
  }
}

function keysInWords({ least, most }: Bounds): string {
  return least === most ? counted(least, "key") : `${least} to ${most} keys`;
}
