import { type Action, type Part } from "../../../../workload/history/format.ts";
import { type Chance } from "./chance.ts";
import { holds, rangeAnswer, SimulatedStore, storedAt } from "./store.ts";

/** A line of a history, as an object. */
export type LineObject = Readonly<Record<string, unknown>>;

export interface SimulationOptions {
  readonly operations: number;
  readonly processes: number;
  readonly keys: number;
  /** Share of operations whose outcome the client does not learn. */
  readonly unknown: number;
  /** Share of puts that reuse one of a few values, so that values are not unique. Default: 0. */
  readonly repeatedValues?: number;
  readonly kinds: readonly Action["op"][];
  readonly watchers: number;
}

const second = 1_000_000;

interface Running {
  readonly process: number;
  readonly action: Action;
  readonly member: number;
  /** Taken effect; its answer, or undefined for a refused one. */
  answer: LineObject | undefined;
  done: boolean;
}

/** Clients that run operations side by side on a store that is sound, in simulated time. */
export class Simulation {
  readonly lines: LineObject[] = [];
  readonly store = new SimulatedStore();
  readonly #chance: Chance;
  readonly #options: SimulationOptions;
  readonly #running = new Map<number, Running>();
  /** Unknown to their clients, but not yet decided. */
  readonly #late: Running[] = [];
  /** How far each member has come. */
  readonly #members = [1, 1, 1];
  readonly #leases = new Map<string, { ttl: number; until: number }>();
  readonly #watches = new Map<number, { readonly key: string; readonly end: string; next: number }>();
  #t = 0;
  #begun = 0;
  #names = 0;

  constructor(chance: Chance, options: SimulationOptions) {
    this.#chance = chance;
    this.#options = options;
  }

  run(): LineObject[] {
    const { processes, operations, watchers } = this.#options;
    for (let watcher = 0; watcher < watchers; watcher++) this.#watch(processes + watcher);
    while (this.#begun < operations || this.#running.size > 0) {
      this.#t += this.#chance.between(0, 3) * (this.#chance.happens(0.05) ? second / 4 : 1);
      this.#expire();
      const process = this.#chance.between(0, processes + watchers - 1);
      if (process >= processes) this.#deliver(process, false);
      else this.#step(process);
    }
    this.#t += 1;
    this.#readAll(processes + watchers);
    for (let watcher = 0; watcher < watchers; watcher++) this.#deliver(processes + watcher, true);
    return this.lines;
  }

  #step(process: number): void {
    const running = this.#running.get(process);
    if (running === undefined) {
      if (this.#begun < this.#options.operations) this.#begin(process);
    } else if (!running.done) {
      if (this.#chance.happens(this.#options.unknown)) this.#lose(running);
      else this.#takeEffect(running);
    } else this.#end(running);
    const [late] = this.#late;
    if (late !== undefined && this.#chance.happens(0.2)) {
      this.#late.shift();
      if (this.#chance.happens(0.7)) this.#takeEffect(late);
    }
  }

  #begin(process: number): void {
    this.#begun += 1;
    const action = this.#action();
    const member = this.#chance.between(0, 2);
    this.#running.set(process, { process, action, member, answer: undefined, done: false });
    this.lines.push({ t: this.#t, p: process, member: `m${member}`, ...action });
  }

  /** The client gives up; what it asked for may have happened, may happen later, or not at all. */
  #lose(running: Running): void {
    this.#running.delete(running.process);
    if (running.action.op === "get" || running.action.op === "range") {
      this.lines.push({ t: this.#t, p: running.process, failed: "gave up" });
      return;
    }
    this.lines.push({ t: this.#t, p: running.process, unknown: "gave up" });
    if (this.#chance.happens(0.3)) this.#takeEffect(running);
    else this.#late.push(running);
  }

  #end({ process, answer }: Running): void {
    this.#running.delete(process);
    this.lines.push({ t: this.#t, p: process, ...(answer === undefined ? { failed: "refused" } : { ok: answer }) });
  }

  #takeEffect(running: Running): void {
    running.done = true;
    running.answer = this.#answer(running);
    const revision = Number(running.answer?.["revision"] ?? 0);
    const { member } = running;
    if (revision > (this.#members[member] ?? 0)) this.#members[member] = revision;
  }

  #answer({ action, member }: Running): LineObject | undefined {
    const { store } = this;
    switch (action.op) {
      case "put": {
        if (action.lease !== undefined && !this.#leases.has(action.lease)) return undefined;
        return { revision: String(store.apply([action]).revision) };
      }
      case "delete": {
        const { revision, results } = store.apply([action]);
        return { revision: String(revision), ...results[0] };
      }
      case "get":
      case "range":
        return this.#read(action, member);
      case "txn": {
        const succeeded = store.holds(action.if);
        const { revision, results } = store.apply(succeeded ? action.then : action.else);
        return { revision: String(revision), succeeded, results };
      }
      case "grant": {
        const lease = String(1000 + this.#names++);
        this.#leases.set(lease, { ttl: action.ttl, until: this.#t + action.ttl * second });
        return { lease, ttl: action.ttl };
      }
      case "keepalive": {
        const lease = this.#leases.get(action.lease);
        if (lease !== undefined) lease.until = this.#t + lease.ttl * second;
        return { ttl: lease?.ttl ?? 0 };
      }
      case "revoke":
        this.#endLease(action.lease);
        return {};
      case "watch":
        return {};
    }
  }

  #read(action: Extract<Action, { op: "get" | "range" }>, member: number): LineObject {
    const now = this.store.revision;
    const own = this.#chance.between(this.#members[member] ?? now, now);
    const revision = action.serializable === true ? own : now;
    this.#members[member] = Math.max(revision, this.#members[member] ?? 0);
    const asOf = action.op === "range" && action.revision !== undefined ? Number(action.revision) : revision;
    const found = [...this.store.at(asOf).values()].filter(({ key }) => holds(action, key));
    found.sort((a, b) => (a.key < b.key ? -1 : 1));
    if (action.op === "range") {
      const answer = rangeAnswer(action.limit, found);
      return { revision: String(revision), ...answer, ...(action.countOnly === true ? { kvs: [] } : {}) };
    }
    return { revision: String(revision), kv: found[0] === undefined ? null : storedAt(found[0]) };
  }

  #expire(): void {
    for (const [lease, { until }] of this.#leases) {
      if (this.#t > until && this.#chance.happens(0.5)) this.#endLease(lease);
    }
  }

  #endLease(lease: string): void {
    this.#leases.delete(lease);
    const keys = [...this.store.now.values()].filter((kv) => kv.lease === lease);
    this.store.apply(keys.map(({ key }): Part => ({ op: "delete", key })));
  }

  #watch(process: number): void {
    const key = this.#chance.happens(0.5) ? "k" : this.#key();
    const end = key === "k" ? "l" : `${key}\0`;
    this.#watches.set(process, { key, end, next: 2 });
    this.lines.push({ t: this.#t, p: process, member: "m0", op: "watch", key, end, from: "2" });
  }

  #deliver(process: number, all: boolean): void {
    const watch = this.#watches.get(process);
    if (watch === undefined) return;
    const until = all ? this.store.revision : Math.min(this.store.revision, watch.next + this.#chance.between(0, 3));
    const events = [];
    for (; watch.next <= until; watch.next++) {
      events.push(...(this.store.events[watch.next] ?? []).filter(({ key }) => holds(watch, key)));
    }
    const caughtUp = watch.next > this.store.revision;
    if (events.length === 0 && !caughtUp) return;
    this.lines.push({ t: this.#t, p: process, seen: { revision: String(this.store.revision), events } });
  }

  /** What a test does in the end, too: every key once more. */
  #readAll(process: number): void {
    for (let key = 0; key < this.#options.keys; key++) {
      const action: Action = { op: "get", key: `k${key}` };
      this.lines.push({ t: this.#t, p: process, member: "m0", ...action });
      const answer = this.#read(action, 0);
      this.#t += 1;
      this.lines.push({ t: this.#t, p: process, ok: answer });
      this.#t += 1;
    }
  }

  #key(): string {
    return `k${this.#chance.between(0, this.#options.keys - 1)}`;
  }

  #value(): string {
    if (this.#chance.happens(this.#options.repeatedValues ?? 0)) return `v${this.#chance.between(0, 2)}`;
    return `u${this.#names++}`;
  }

  #lease(): string {
    const leases = [...this.#leases.keys()];
    return leases.length === 0 ? "999" : this.#chance.one(leases);
  }

  #action(): Action {
    const key = this.#key();
    const op = this.#chance.one(this.#options.kinds);
    switch (op) {
      case "put":
        return this.#put(key);
      case "get":
        return { op, key, ...(this.#chance.happens(0.3) ? { serializable: true } : {}) };
      case "range":
        return this.#range();
      case "delete":
        return { op, key, ...(this.#chance.happens(0.3) ? { end: "k2" } : {}) };
      case "txn":
        return this.#transaction(key);
      case "grant":
        return { op, ttl: this.#chance.between(1, 3) };
      case "keepalive":
      case "revoke":
        return { op, lease: this.#lease() };
      case "watch":
        throw new RangeError("watches are asked for by their number");
    }
  }

  #put(key: string): Extract<Action, { op: "put" }> {
    const leased = this.#options.kinds.includes("grant") && this.#chance.happens(0.4);
    return { op: "put", key, value: this.#value(), ...(leased ? { lease: this.#lease() } : {}) };
  }

  #range(): Action {
    const past = this.#chance.happens(0.2) ? { revision: String(this.#chance.between(1, this.store.revision)) } : {};
    const some = this.#chance.happens(0.3) ? { limit: this.#chance.between(1, 3) } : {};
    const count = this.#chance.happens(0.2) ? ({ countOnly: true } as const) : {};
    return { op: "range", key: "k", end: "l", ...past, ...some, ...count };
  }

  #transaction(key: string): Action {
    const kv = this.store.now.get(key);
    const other = this.#key();
    const parts = (): Part[] => {
      const second: Part = other === key ? { op: "get", key: other } : this.#put(other);
      return this.#chance.happens(0.5) ? [this.#put(key), second] : [{ op: "get", key }, second];
    };
    const condition = this.#chance.one([
      { key, target: "value", is: "=", to: kv?.value ?? "v0" },
      { key, target: "value", is: "!=", to: kv?.value ?? "v0" },
      { key, target: "mod", is: "=", to: String(kv?.mod ?? 0) },
      { key, target: "version", is: "=", to: String(kv?.version ?? 0) },
      { key, target: "version", is: ">", to: "0" },
      { key, target: "create", is: "=", to: "0" },
    ] as const);
    return { op: "txn", if: [condition], then: parts(), else: this.#chance.happens(0.5) ? [] : parts() };
  }
}
