import { type Operation, type Part, type PutPart, type StoredKey } from "../history/operation.ts";
import { type KeyOrder } from "./key-order.ts";
import { take, type OpenWrite, type OpenWrites } from "./open-writes.ts";
import { sightingsOf } from "./sightings.ts";
import { countBelow, sortedBy } from "./sorting.ts";
import { partsDone } from "./store-order.ts";

/** An open write that was seen to have happened, at this revision. */
export interface ResolvedWrite {
  readonly write: OpenWrite;
  readonly revision: number;
  /** What was seen of it. */
  readonly seen: readonly PutPart[];
  /** Whether it can only have been this one: then all else it does has happened, too. */
  readonly certain: boolean;
}

/** A watch's word that a key was removed at a revision, by no acknowledged write. */
export interface SeenRemoval {
  readonly key: number;
  readonly revision: number;
  /** Whether the revision is another write's, which was acknowledged: then nothing else happened at it. */
  readonly isOthers: boolean;
  readonly by: Operation;
}

/** What was seen at one revision that no acknowledged write did, and the open writes that could have. */
interface Demand {
  readonly revision: number;
  readonly seen: readonly PutPart[];
  readonly candidates: readonly OpenWrite[];
}

/**
 * Finds which open writes happened, by what was seen of them: keys with values that one of them writes, at a revision which is
 * no acknowledged write's. Values need not be unique: then each such revision gets a write of its own, if that is possible at
 * all (a matching by augmenting paths, Kuhn's). Those that began last are tried first: the others can explain more.
 * @param acknowledged the acknowledged writes in order of their revisions
 */
export function resolveOpenWrites(
  operations: readonly Operation[],
  acknowledged: readonly Operation[],
  open: OpenWrites,
): readonly ResolvedWrite[] {
  if (open.all.length === 0) return [];
  const demands = Array.from(putsToExplain(operations, acknowledged, open), ([revision, seen]) => {
    const [first] = seen;
    const putting = first === undefined ? [] : open.putting(first.key, first.value);
    const candidates = putting.filter((write) => write.after < revision && couldDo(write, seen)).reverse();
    return { revision, seen, candidates };
  });
  const resolved = sortedBy(demands, ({ revision }) => revision).reduce(assign, new Map<OpenWrite, Demand>());
  // Which of several it was is a guess, and a guess must not keep a write from explaining something else.
  for (const [write, { revision, seen, candidates }] of resolved) {
    if (candidates.length === 1) for (const { key } of seen) take(write, key, revision);
  }
  const writes = Array.from(resolved, ([write, { revision, seen, candidates }]) => {
    return { write, revision, seen, certain: candidates.length === 1 };
  });
  return sortedBy(writes, ({ revision }) => revision);
}

/** Gives the demand a write, and those that must make room for it another one. */
function assign(given: Map<OpenWrite, Demand>, demand: Demand): Map<OpenWrite, Demand> {
  const tried = new Set<OpenWrite>();
  const place = (each: Demand): boolean => {
    for (const write of each.candidates) {
      if (given.has(write) || tried.has(write)) continue;
      given.set(write, each);
      return true;
    }
    for (const write of each.candidates) {
      const holder = given.get(write);
      if (holder === undefined || tried.has(write)) continue;
      tried.add(write);
      if (!place(holder)) continue;
      given.set(write, each);
      return true;
    }
    return false;
  };
  place(demand);
  return given;
}

/** Whether one of its alternatives puts all of this. */
function couldDo(write: OpenWrite, seen: readonly PutPart[]): boolean {
  return write.branches.some((parts) => includesAll(parts, seen));
}

/** Whether parts of a transaction put all of this. */
export function includesAll(parts: readonly Part[], seen: readonly PutPart[]): boolean {
  return seen.every(({ key, value, lease }) =>
    parts.some((part) => part.op === "put" && part.key === key && part.value === value && part.lease === lease),
  );
}

/** By revision: what was seen at it that an open write could have written, and no acknowledged one did. */
function putsToExplain(
  operations: readonly Operation[],
  acknowledged: readonly Operation[],
  open: OpenWrites,
): Map<number, PutPart[]> {
  const seen = new Map<number, PutPart[]>();
  const see = ({ key, value, lease, mod }: StoredKey): void => {
    if (open.putting(key, value).length === 0) return;
    const put: PutPart = { op: "put", key, value, lease };
    const others = seen.get(mod);
    if (others === undefined) {
      if (!isAcknowledged(acknowledged, mod)) seen.set(mod, [put]);
    } else if (!others.some((other) => other.key === key)) others.push(put);
  };
  for (const operation of operations) sightingsOf(operation, see);
  return seen;
}

/** Removals seen by watches that no acknowledged write accounts for, in order of revisions. */
export function removalsToExplain(
  watches: readonly Operation[],
  acknowledged: readonly Operation[],
  order: KeyOrder,
): readonly SeenRemoval[] {
  const removals: SeenRemoval[] = [];
  for (const watch of watches) {
    if (watch.detail?.kind !== "watch") continue;
    for (const { type, key, mod } of watch.detail.answers.flatMap(({ events }) => events)) {
      if (type !== "delete") continue;
      const write = acknowledgedAt(acknowledged, mod);
      if (write !== undefined && removes(write, key, order)) continue;
      removals.push({ key, revision: mod, isOthers: write !== undefined, by: watch });
    }
  }
  return sortedBy(removals, ({ revision }) => revision);
}

function removes(write: Operation, key: number, order: KeyOrder): boolean {
  const { detail } = write;
  const parts = detail?.kind === "delete" ? [detail.part] : partsDone(write).map(({ part }) => part);
  return parts.some((part) => part.op === "delete" && order.holds(part, key));
}

function isAcknowledged(acknowledged: readonly Operation[], revision: number): boolean {
  return acknowledgedAt(acknowledged, revision) !== undefined;
}

function acknowledgedAt(acknowledged: readonly Operation[], revision: number): Operation | undefined {
  const write = acknowledged[countBelow(acknowledged, (each) => each.revision, revision)];
  return write?.revision === revision ? write : undefined;
}
