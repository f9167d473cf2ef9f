import { absent, type History, type Operation, type StoredKey } from "../history/operation.ts";
import { type KeyState, type Contradiction } from "./key-state.ts";
import { type LeaseLife } from "./leases.ts";
import { sightingsOf } from "./sightings.ts";
import { partsDone, readRevision } from "./store-order.ts";
import { type Violation, type ViolationKind } from "./violation.ts";
import { type Words } from "./words.ts";

/** Puts a contradiction between the replayed store and what was seen of it into words, with the operations that make it. */
export class Contradictions {
  readonly #history: History;
  readonly #words: Words;
  readonly #lives: ReadonlyMap<number, readonly LeaseLife[]>;

  constructor(history: History, words: Words, lives: ReadonlyMap<number, readonly LeaseLife[]>) {
    this.#history = history;
    this.#words = words;
    this.#lives = lives;
  }

  /** @param stored what was seen; undefined when the key was not there */
  violation(what: Contradiction, state: KeyState, stored: StoredKey | undefined, by: Operation): Violation {
    const { key, writer } = state;
    const name = this.#words.key(key);
    const shown = this.#shown(by);
    const written = `${name} was written at revision ${state.mod}`;
    switch (what) {
      case "overwritten":
        return make(
          this.#isHalf(state) ? "half-applied transaction" : "lost write",
          `${written}, yet ${shown} still has what was written at revision ${stored?.mod ?? 0}.`,
          [this.#putAt(key, stored?.mod), writer, by],
        );
      case "removed":
        return make(
          "lost write",
          `${name} was removed, yet ${shown} still has it, written at revision ${stored?.mod ?? 0}.`,
          [this.#putAt(key, stored?.mod), writer, by],
        );
      case "missing":
        return this.#missing(state, by);
      case "value":
        return make(
          "wrong value",
          `${written} with ${this.#words.value(state.value)} and ${this.#words.lease(state.lease)}, yet ${shown} has ` +
            `${this.#words.value(stored?.value ?? absent)} with ${this.#words.lease(stored?.lease ?? absent)}.`,
          [writer, by],
        );
      case "uncounted":
      case "overcounted":
      case "recreated":
        return this.#miscounted(what, state, stored, by);
      case "unwritten":
        return this.#unwritten(stored, by);
    }
  }

  #shown(by: Operation): string {
    if (by.kind === "watch") return "a watch's event";
    const member = this.#words.member(by.member);
    return `the answer${member === "?" ? "" : ` of ${member}`} at revision ${readRevision(by)}`;
  }

  /** A watch saw a removal that nothing in the history explains. */
  removal(state: KeyState, revision: number, by: Operation): Violation {
    const name = this.#words.key(state.key);
    const seen = `A watch saw ${name} removed at revision ${revision}`;
    const early = state.alive ? this.#earlyExpiry(state, seen, by, seenAt(by, revision)) : undefined;
    if (early !== undefined) return early;
    const why = state.alive ? "but nobody removed it then" : "when it did not exist";
    return make("watch event from nowhere", `${seen}, ${why}.`, [state.writer, by]);
  }

  #missing(state: KeyState, by: Operation): Violation {
    const name = this.#words.key(state.key);
    const gone = `${name} was written at revision ${state.mod}, yet ${this.#shown(by)} has no such key`;
    const early = this.#earlyExpiry(state, gone, by, by.end);
    if (early !== undefined) return early;
    const kind = this.#isHalf(state) ? "half-applied transaction" : "missing key";
    const since = state.seenBy === undefined ? "" : ` after revision ${state.aliveAt}, at which it was still there,`;
    const words = `${gone}, and nothing that may have removed it${since} is in the history.`;
    return make(kind, words, [state.writer, state.seenBy, by]);
  }

  /** Undefined when its lease may have run out by then, as far as the two can be compared. */
  #earlyExpiry({ lease, writer }: KeyState, seen: string, by: Operation, at: number): Violation | undefined {
    const lives = this.#lives.get(lease) ?? [];
    const life = lives.find(({ until }) => until.clock === by.process.clock && at < until.at);
    if (life === undefined) return undefined;
    const words = `${seen}; its ${this.#words.lease(lease)} could not run out before ${this.#words.time(life.until.at)}.`;
    return make("early expiry", words, [writer, life.operation, by]);
  }

  #miscounted(what: Contradiction, state: KeyState, stored: StoredKey | undefined, by: Operation): Violation {
    const { create = 0, version = 0 } = stored ?? {};
    const seen = `${this.#words.key(state.key)} as written at revision ${state.mod} has version ${version} since it was created at revision ${create}`;
    const others = this.#history.operations.filter(
      (each) => each.kind === "put" && each.key === state.key && each.revision >= create && each.revision < state.mod,
    );
    const operations = [...others.slice(-3), state.writer, by];
    if (what === "uncounted") {
      return make("lost write", `${seen}: fewer than the writes acknowledged in between.`, operations);
    }
    if (what === "overcounted") {
      return make(
        "doubled write",
        `${seen}: more than there are writes in the history, so one was applied twice.`,
        operations,
      );
    }
    return make("missing key", `${seen}, but it existed before and nobody removed it.`, operations);
  }

  #unwritten(stored: StoredKey | undefined, by: Operation): Violation {
    if (stored === undefined) throw new RangeError("nothing was seen");
    const { key, value, mod } = stored;
    const where = by.kind === "watch" ? "was delivered by a watch" : `is in ${this.#shown(by)}`;
    const seen = `${this.#words.key(key)} = ${this.#words.value(value)}, written at revision ${mod}, ${where}`;
    const writers = this.#history.operations.filter((each) => writes(each, key, value));
    const acknowledged = writers.find(({ outcome }) => outcome === "ok");
    if (acknowledged?.revision === mod)
      return make("wrong value", `${seen}: that is from a later revision.`, [acknowledged, by]);
    if (acknowledged !== undefined) {
      const words = `${seen}, but its write was acknowledged at revision ${acknowledged.revision}.`;
      return make("doubled write", words, [acknowledged, by]);
    }
    const [unknown] = writers.filter(({ outcome }) => outcome === "unknown");
    if (unknown !== undefined) {
      if (unknown.process.clock === by.process.clock && unknown.start > by.end)
        return make("value from nowhere", `${seen}, before its write began.`, [unknown, by]);
      return make("doubled write", `${seen}, but the only write of it is seen at another revision.`, [unknown, by]);
    }
    const [failed] = writers;
    if (failed !== undefined) return make("failed write seen", `${seen}, but its write was refused.`, [failed, by]);
    return make(
      by.kind === "watch" ? "watch event from nowhere" : "value from nowhere",
      `${seen}, but nobody wrote it.`,
      [by],
    );
  }

  /** Whether the last writer was a transaction that was seen to have had its effect on another key. */
  #isHalf({ writer, key, mod }: KeyState): boolean {
    if (writer?.kind !== "txn") return false;
    let half = false;
    const see = (stored: StoredKey): void => {
      if (stored.mod === mod && stored.key !== key) half = true;
    };
    for (const operation of this.#history.operations) sightingsOf(operation, see);
    return half;
  }

  #putAt(key: number, revision: number | undefined): Operation | undefined {
    return this.#history.operations.find(
      (each) => each.revision === revision && (each.kind === "put" ? each.key === key : each.kind === "txn"),
    );
  }
}

/** A violation, with the operations each once and in order of time. */
export function make(kind: ViolationKind, words: string, operations: readonly (Operation | undefined)[]): Violation {
  const each = new Set(operations.filter((operation) => operation !== undefined));
  return { kind, words, operations: [...each].sort((a, b) => a.start - b.start) };
}

/** When a watch delivered the events of a revision. */
function seenAt({ detail, end }: Operation, revision: number): number {
  if (detail?.kind !== "watch") return end;
  return detail.answers.find(({ events }) => events.some(({ mod }) => mod === revision))?.at ?? end;
}

function writes(operation: Operation, key: number, value: number): boolean {
  if (operation.kind === "put") return operation.key === key && operation.value === value;
  if (operation.detail?.kind !== "txn") return false;
  const { then, else: otherwise } = operation.detail;
  const parts = operation.outcome === "ok" ? partsDone(operation).map(({ part }) => part) : [...then, ...otherwise];
  return parts.some((part) => part.op === "put" && part.key === key && part.value === value);
}
