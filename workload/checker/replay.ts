import { type Operation, type TransactionDetail } from "../history/operation.ts";
import { make } from "./contradictions.ts";
import { isFree, take, takeOne, type OpenWrites } from "./open-writes.ts";
import { includesAll, type ResolvedWrite, type SeenRemoval } from "./resolve.ts";
import { isRangeAnswer, sightingsOf, type Sighting } from "./sightings.ts";
import { sortedBy } from "./sorting.ts";
import { type Store, type StoreContext } from "./store.ts";
import { changesStore, inStoreOrder, partsDone, readRevision } from "./store-order.ts";
import { decideForSure, judgeBranch, needsKey } from "./transactions.ts";

export interface ReplayInput {
  readonly resolved: readonly ResolvedWrite[];
  readonly removals: readonly SeenRemoval[];
  readonly open: OpenWrites;
  readonly telling: readonly Operation[];
  readonly watches: readonly Operation[];
}

/** Goes through the history in the order of revisions, lets each write change the store and compares each answer with it. */
export function replay(store: Store, context: StoreContext, input: ReplayInput): void {
  const run = new Replay(store, context, input);
  let lastWrite: Operation | undefined;
  for (const operation of inStoreOrder(input.telling)) {
    const writes = changesStore(operation);
    run.catchUp(writes ? operation.revision - 1 : readRevision(operation));
    if (writes) {
      if (lastWrite?.revision === operation.revision) {
        const words = `Two writes were acknowledged at revision ${operation.revision}.`;
        context.report(make("shared revision", words, [lastWrite, operation]));
      }
      lastWrite = operation;
    }
    run.operation(operation);
  }
  run.catchUp(Infinity);
}

class Replay {
  readonly #store: Store;
  readonly #context: StoreContext;
  readonly #input: ReplayInput;
  readonly #delivered: readonly Sighting[];
  #nextResolved = 0;
  #nextRemoval = 0;
  #nextDelivered = 0;

  constructor(store: Store, context: StoreContext, input: ReplayInput) {
    this.#store = store;
    this.#context = context;
    this.#input = input;
    this.#delivered = deliveredPuts(input.watches);
  }

  /** Lets happen what open writes are known to have done up to this revision, and compares what watches delivered. */
  catchUp(revision: number): void {
    const { resolved, removals } = this.#input;
    for (;;) {
      const write = resolved[this.#nextResolved];
      const removal = removals[this.#nextRemoval];
      const delivered = this.#delivered[this.#nextDelivered];
      const next = Math.min(
        write?.revision ?? Infinity,
        removal?.revision ?? Infinity,
        delivered?.stored.mod ?? Infinity,
      );
      if (next > revision || next === Infinity) return;
      if (write?.revision === next) {
        this.#nextResolved += 1;
        this.#resolved(write);
      } else if (removal?.revision === next) {
        this.#nextRemoval += 1;
        this.#removal(removal);
      } else if (delivered !== undefined) {
        this.#nextDelivered += 1;
        this.#store.see(delivered.stored, delivered.by);
      }
    }
  }

  operation(operation: Operation): void {
    const { kind, key, value, lease, revision, detail } = operation;
    if (kind === "put") this.#store.put(key, revision, value, lease, operation);
    else if (kind === "get") {
      if (operation.mod > 0) this.#store.see(operation, operation);
      else this.#store.seeAbsent(key, revision, operation);
    } else if (detail?.kind === "range") {
      if (detail.answer) this.#store.range(detail.part, detail.answer, readRevision(operation), operation);
    } else if (detail?.kind === "delete") this.#store.delete(detail.part, detail.deleted ?? 0, revision, operation);
    else if (detail?.kind === "txn") this.#transaction(operation, detail);
  }

  #transaction(operation: Operation, detail: TransactionDetail): void {
    const before = changesStore(operation) ? operation.revision : operation.revision + 1;
    const succeeded = detail.answer?.succeeded ?? false;
    judgeBranch({ operation, detail, succeeded, before }, this.#store, this.#context);
    if (succeeded) {
      // Nothing else happens between a transaction's conditions and what it does.
      for (const compare of detail.compares) {
        if (needsKey(compare)) this.#store.state(compare.key).shown(operation.revision, operation);
      }
    }
    for (const { part, result } of partsDone(operation)) {
      if (part.op === "put") this.#store.put(part.key, operation.revision, part.value, part.lease, operation);
      else if (part.op === "delete" && result !== "put" && "deleted" in result) {
        this.#store.delete(part, result.deleted, operation.revision, operation);
      } else if (part.op === "range" && isRangeAnswer(result)) {
        this.#store.range(part, result, operation.revision, operation);
      }
    }
  }

  /** An open write that was seen: where it is certain what it did, all of it happened, also what nobody saw. */
  #resolved({ write, revision, seen, certain }: ResolvedWrite): void {
    const { operation, branches } = write;
    const possible = branches.filter((parts) => includesAll(parts, seen));
    let [branch] = possible;
    if (possible.length > 1 && operation?.detail?.kind === "txn") {
      const decided = decideForSure(operation.detail, this.#store, this.#context.hidden, revision);
      branch = decided === undefined ? undefined : possible[decided ? 0 : 1];
    }
    if (certain && branch !== undefined && operation?.detail?.kind === "txn") {
      const taken = { operation, detail: operation.detail, succeeded: branch === branches[0], before: revision };
      judgeBranch(taken, this.#store, this.#context);
    }
    for (const part of (certain ? branch : undefined) ?? seen) {
      if (part.op === "put") {
        if (certain) take(write, part.key, revision);
        this.#store.put(part.key, revision, part.value, part.lease, operation);
      } else if (part.op === "delete") {
        for (const key of this.#store.existing(part)) this.#store.remove(key, revision, operation);
      }
    }
  }

  /** A watch saw a key removed: by whom, its lease or a write of unknown outcome? */
  #removal({ key, revision, isOthers, by }: SeenRemoval): void {
    const state = this.#store.state(key);
    if (!state.alive && state.changed === revision) return;
    if (revision <= this.#context.history.since) {
      this.#store.remove(key, revision, undefined);
      return;
    }
    const candidates = this.#input.open
      .deleting(key, state.lease)
      .filter((each) => !isOthers && isFree(each, key, revision) && each.after < revision);
    if ((state.alive || !state.known) && takeOne(candidates, key, revision)) {
      this.#store.remove(key, revision, candidates.length === 1 ? candidates[0]?.operation : undefined);
    } else if (!state.broken) this.#context.report(this.#context.contradictions.removal(state, revision, by));
  }
}

function deliveredPuts(watches: readonly Operation[]): readonly Sighting[] {
  const delivered: Sighting[] = [];
  const see = (stored: Sighting["stored"], by: Operation): void => {
    delivered.push({ stored, by });
  };
  for (const watch of watches) sightingsOf(watch, see);
  return sortedBy(delivered, ({ stored }) => stored.mod);
}
