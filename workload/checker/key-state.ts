import { absent, type Operation, type StoredKey } from "../history/operation.ts";
import { type Hidden } from "./hidden.ts";
import { putsKey, type OpenWrite } from "./open-writes.ts";

/** How what was seen of a key contradicts what is known of it. */
export type Contradiction =
  /** Seen with an older revision than that of a write which is part of the store by then. */
  | "overwritten"
  /** Seen although it had been removed. */
  | "removed"
  /** Seen with a revision at which nothing known wrote it. */
  | "unwritten"
  /** Not there, although it was written and nobody removed it. */
  | "missing"
  /** The revision is right, the value or lease is not. */
  | "value"
  /** Its version counts fewer writes than there were. */
  | "uncounted"
  /** Its version counts more writes than there were. */
  | "overcounted"
  /** It was created anew, although nobody removed it. */
  | "recreated";

/** A key in the replayed store. */
export class KeyState {
  readonly key: number;
  /** False while nothing is known of it: it may have been there before the history. */
  known: boolean;
  alive = false;
  value = absent;
  lease = absent;
  /** Revision of the last put. */
  mod = 0;
  /** Revision of the last put or removal; of a removal nobody saw, a revision it came after. */
  changed = 0;
  /** Who wrote or removed it last; undefined when that is not in the history. */
  writer: Operation | undefined;
  /** The last revision at which it is known to have existed, and who saw it then; undefined: its writer. */
  aliveAt = 0;
  seenBy: Operation | undefined;
  /** See doubt; none: nothing is doubtful. */
  reasons: readonly OpenWrite[] = [];
  /** After its first contradiction a key is not looked at any more: all that follows would be the same contradiction. */
  broken = false;
  /** Where counting the version starts from: the last time it was seen, or was known because the key was not there. */
  readonly #base = { known: false, alive: false, create: 0, version: 0, at: 0, lease: absent };
  /** Revisions of the puts since then. */
  #puts: number[] = [];
  /** The lease each of them attached: it may have removed the key unseen. */
  #leases: number[] = [];

  constructor(key: number, known: boolean) {
    this.key = key;
    this.known = known;
    this.#base.known = known;
  }

  put(revision: number, value: number, lease: number, writer: Operation | undefined): void {
    this.known = true;
    this.reasons = [];
    this.alive = true;
    this.value = value;
    this.lease = lease;
    this.mod = revision;
    this.changed = revision;
    this.writer = writer;
    this.aliveAt = revision;
    this.seenBy = undefined;
    this.#puts.push(revision);
    this.#leases.push(lease);
  }

  /** @param revision of the removal or, when nobody saw it, one it came after */
  remove(revision: number, writer: Operation | undefined): void {
    this.known = true;
    this.reasons = [];
    this.alive = false;
    this.changed = revision;
    this.writer = writer;
    this.#setBase(false, 0, 0, revision);
  }

  /** Takes what was seen for given, where nothing is known. */
  adopt({ value, lease, mod, create, version }: StoredKey): void {
    this.put(mod, value, lease, undefined);
    this.#setBase(true, create, version, mod);
  }

  /**
   * One of these, which nobody saw, has happened to it since its last known change: it was removed, or has a value nobody will
   * see. For had anybody seen that value, it would be known by now whose it is.
   */
  doubt(reasons: readonly OpenWrite[]): void {
    this.alive = false;
    this.reasons = [...this.reasons, ...reasons];
    this.#base.known = false;
    this.#forgetPuts();
  }

  /** Compares what was seen of an existing key, in a state of the store that includes all writes up to now. */
  see(stored: StoredKey, hidden: Hidden): Contradiction | undefined {
    if (!this.alive)
      return stored.mod <= this.changed ? (this.reasons.length > 0 ? "overwritten" : "removed") : "unwritten";
    if (stored.mod !== this.mod) return stored.mod < this.mod ? "overwritten" : "unwritten";
    if (stored.value !== this.value || stored.lease !== this.lease) return "value";
    const base = this.#base;
    if (base.at === this.mod && base.create === stored.create && base.version === stored.version) return undefined;
    const contradiction = base.known ? this.#count(stored, hidden) : undefined;
    if (contradiction === undefined) this.#setBase(true, stored.create, stored.version, this.mod);
    return contradiction;
  }

  /** Somebody saw it, as it is known, at this revision. */
  shown(revision: number, by: Operation): void {
    if (!this.alive || revision <= this.aliveAt) return;
    this.aliveAt = revision;
    this.seenBy = by;
  }

  /** Compares that it was not there at this revision. */
  seeAbsent(revision: number, hidden: Hidden): Contradiction | undefined {
    if (!this.known) this.remove(revision, undefined);
    if (!this.alive && (this.reasons.length === 0 || this.reasons.some((write) => !putsKey(write, this.key))))
      return undefined;
    if (!hidden.takeRemoval(this.key, this.lease, this.aliveAt, revision + 1)) return "missing";
    this.remove(this.mod, undefined);
    return undefined;
  }

  /** What its version or creation revision must be if nothing unseen happened to it; undefined when that can't be told. */
  counted(target: "create" | "version", hidden: Hidden, revision: number): number | undefined {
    const base = this.#base;
    if (!base.known) return undefined;
    const leases = new Set([base.lease, ...this.#leases]);
    if ([...leases].some((lease) => hidden.touching(this.key, lease, revision).length > 0)) return undefined;
    if (!this.alive) return 0;
    if (target === "version") return base.version + this.#puts.length;
    return base.alive ? base.create : this.#puts[0];
  }

  /** The version counts the puts since the key was created: those known, and those nobody saw. */
  #count({ create, version }: StoredKey, hidden: Hidden): Contradiction | undefined {
    const base = this.#base;
    if (base.alive && create === base.create) {
      const unseen = version - base.version - this.#puts.length;
      if (unseen < 0) return "uncounted";
      return hidden.takePuts(this.key, unseen, base.at, this.mod) ? undefined : "overcounted";
    }
    if (create <= base.at || create > this.mod) return "recreated";
    const earlier = this.#puts.filter((revision) => revision < create);
    const unseen = version - (this.#puts.length - earlier.length);
    const creator = this.#puts.includes(create) ? 0 : 1;
    if (unseen < creator) return "uncounted";
    if (!hidden.takePuts(this.key, unseen, create - creator, this.mod)) return "overcounted";
    const lastBefore = earlier.at(-1) ?? (base.alive ? base.at : undefined);
    if (lastBefore === undefined) return undefined;
    const lease = this.#leases[earlier.length - 1] ?? base.lease;
    return hidden.takeRemoval(this.key, lease, lastBefore, create) ? undefined : "recreated";
  }

  #setBase(alive: boolean, create: number, version: number, at: number): void {
    const base = this.#base;
    base.known = true;
    base.alive = alive;
    base.create = create;
    base.version = version;
    base.at = at;
    base.lease = this.lease;
    this.#forgetPuts();
  }

  #forgetPuts(): void {
    if (this.#puts.length === 0) return;
    this.#puts = [];
    this.#leases = [];
  }
}
