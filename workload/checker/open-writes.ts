import { absent, type Operation, type Part } from "../history/operation.ts";
import { type KeyOrder } from "./key-order.ts";
import { type LeaseLife } from "./leases.ts";
import { type Survey } from "./survey.ts";
import { type Told } from "./told.ts";

/**
 * A write nobody knows the revision of: one whose outcome is unknown, which may have happened or not, or what the end of a
 * lease does. When something is seen that it explains, it has happened.
 */
export interface OpenWrite {
  /** Undefined for a lease that runs out by itself. */
  readonly operation: Operation | undefined;
  /** Its revision is a later one: this was known before it can have begun. */
  readonly after: number;
  /** It can't have happened before this, in microseconds; of a lease that more than one clock tells about, by one of them. */
  readonly start: number;
  /** The lease whose keys it removes, or `absent`. */
  readonly lease: number;
  /** The alternatives it may have done: one for a put or delete, two for a transaction. */
  readonly branches: readonly (readonly Part[])[];
  /** The keys on which something seen is already explained by it: it happens only once. */
  readonly explains: Set<number>;
  /** Its revision, once that is known. */
  revision: number | undefined;
}

/** Whether it could have done something to this key, at this revision if that is known, beyond what it already explains. */
export function isFree(write: OpenWrite, key: number, revision?: number): boolean {
  const sameRevision = revision === undefined || write.revision === undefined || write.revision === revision;
  return sameRevision && !write.explains.has(key);
}

/** Lets it explain what happened to a key. */
export function take(write: OpenWrite, key: number, revision?: number): void {
  write.explains.add(key);
  write.revision ??= revision;
}

/**
 * Lets one of these explain a removal; false when there is none. Where several could, which one it was is a guess, and a guess
 * must not leave another removal without an explanation: then none of them is used up.
 */
export function takeOne(candidates: readonly OpenWrite[], key: number, revision?: number): boolean {
  const [write, ...others] = candidates;
  if (write === undefined) return false;
  if (others.length === 0) take(write, key, revision);
  return true;
}

/** Whether it could have put a value to this key, of those that are accepted. */
export function putsKey(write: OpenWrite, key: number, accepts: (value: number) => boolean = () => true): boolean {
  return write.branches.flat().some((part) => part.op === "put" && part.key === key && accepts(part.value));
}

/** All open writes of a history, found by what they could have done. */
export class OpenWrites {
  readonly all: readonly OpenWrite[];
  readonly #order: KeyOrder;
  readonly #puts = new Map<number, OpenWrite[]>();
  readonly #putsOfValue = new Map<number, OpenWrite[]>();
  readonly #deletes = new Map<number, OpenWrite[]>();
  readonly #rangeDeletes: OpenWrite[] = [];
  readonly #byLease = new Map<number, OpenWrite[]>();
  /** By key: the leases that open writes may have attached to it. */
  readonly #leases = new Map<number, Set<number>>();

  constructor({ open, leases }: Survey, lives: ReadonlyMap<number, readonly LeaseLife[]>, told: Told, order: KeyOrder) {
    this.#order = order;
    const expiries = Array.from(leases, (lease) => expiry(lease, lives.get(lease) ?? [], told));
    this.all = [...open.map((operation) => openWrite(operation, told)), ...expiries].sort((a, b) => a.start - b.start);
    for (const write of this.all) {
      if (write.lease !== absent) addTo(this.#byLease, write.lease, write);
      for (const part of write.branches.flat()) this.#addPart(write, part);
    }
  }

  /** Those that could have written this value to this key, by their start. */
  putting(key: number, value: number): readonly OpenWrite[] {
    return this.#putsOfValue.get(keyAndValue(key, value)) ?? [];
  }

  /** Those that could have written anything to this key, by their start. */
  puttingAnything(key: number): readonly OpenWrite[] {
    const writes = this.#puts.get(key);
    if (writes === undefined) return [];
    // Long histories have many; those that are used up are not looked at again and again.
    if (writes[0]?.explains.has(key) !== true) return writes;
    const unused = writes.filter((write) => !write.explains.has(key));
    this.#puts.set(key, unused);
    return unused;
  }

  /** Those that could have removed this key while it had this lease, or one that an open write gave it. */
  deleting(key: number, lease: number): readonly OpenWrite[] {
    const leases = new Set(this.#leases.get(key)).add(lease);
    const ranged = this.#rangeDeletes.filter((write) =>
      write.branches.flat().some((part) => part.op === "delete" && this.#order.holds(part, key)),
    );
    return [
      ...(this.#deletes.get(key) ?? []),
      ...ranged,
      ...[...leases].flatMap((each) => this.#byLease.get(each) ?? []),
    ];
  }

  #addPart(write: OpenWrite, part: Part): void {
    if (part.op === "put") {
      addTo(this.#puts, part.key, write);
      addTo(this.#putsOfValue, keyAndValue(part.key, part.value), write);
      const leases = this.#leases.get(part.key) ?? new Set();
      this.#leases.set(part.key, leases.add(part.lease));
    } else if (part.op === "delete") {
      if (part.end === undefined) addTo(this.#deletes, part.key, write);
      else if (this.#rangeDeletes.at(-1) !== write) this.#rangeDeletes.push(write);
    }
  }
}

function keyAndValue(key: number, value: number): number {
  return key * 2 ** 28 + value;
}

function openWrite(operation: Operation, told: Told): OpenWrite {
  const { kind, start, detail, key, value, lease, process } = operation;
  const write = {
    operation,
    after: told.before([{ clock: process.clock, at: start }]),
    start,
    lease: kind === "revoke" ? lease : absent,
    explains: new Set<number>(),
    revision: undefined,
  };
  if (kind === "put") return { ...write, branches: [[{ op: "put", key, value, lease }]] };
  if (detail?.kind === "delete") return { ...write, branches: [[detail.part]] };
  if (detail?.kind === "txn") return { ...write, branches: [detail.then, detail.else] };
  return { ...write, branches: [] };
}

/** Any lease may run out, from when it is no longer known to live. */
function expiry(lease: number, lives: readonly LeaseLife[], told: Told): OpenWrite {
  const ends = lives.map(({ until }) => until);
  const start = Math.max(...ends.map(({ at }) => at));
  const after = told.before(ends);
  return { operation: undefined, after, start, lease, branches: [], explains: new Set<number>(), revision: undefined };
}

/** Once, though both branches of a transaction may do the same: those of one write come one after the other. */
function addTo<K>(map: Map<K, OpenWrite[]>, key: K, write: OpenWrite): void {
  const writes = map.get(key);
  if (writes === undefined) map.set(key, [write]);
  else if (writes.at(-1) !== write) writes.push(write);
}
