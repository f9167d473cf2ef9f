import { type Step } from "../../../../workload/checker/possibilities.ts";
import { type SearchOperation } from "../../../../workload/checker/search.ts";
import { type Chance } from "./chance.ts";
import { type LineObject } from "./simulate.ts";

/** An operation on the one key of a history without revisions. -1: no such key. */
export interface RegisterAct {
  readonly process: number;
  readonly start: number;
  readonly end: number;
  readonly kind: "put" | "get" | "delete" | "cas";
  /** What a put or cas writes. */
  readonly value: number;
  /** What a get saw, or a cas compares with. */
  readonly seen: number;
  /** Of a cas: whether the condition was met; of a delete: whether there was something to remove. */
  readonly done: boolean;
  readonly known: boolean;
}

export interface RegisterShape {
  readonly operations: number;
  readonly processes: number;
  /** How many different values there are; none: each put has its own. */
  readonly values: number | undefined;
  /** Share of puts and deletes whose outcome is unknown. */
  readonly unknown: number;
  /** The same for compare-and-set. */
  readonly unknownConditional: number;
}

const kinds = ["put", "put", "get", "get", "get", "delete", "cas"] as const;

/** Operations whose answers are made up: some histories of them have an explanation, some have none. */
export function randomRegisterHistory(chance: Chance, shape: RegisterShape): RegisterAct[] {
  const free = Array.from({ length: shape.processes }, () => 0);
  return Array.from({ length: shape.operations }, (_, index): RegisterAct => {
    const process = chance.between(0, shape.processes - 1);
    const start = (free[process] ?? 0) + chance.between(1, 6);
    const end = start + chance.between(1, 10);
    free[process] = end;
    const value = shape.values === undefined ? index : chance.between(0, shape.values - 1);
    const seen = chance.between(-1, (shape.values ?? index + 1) - 1);
    const kind = chance.one(kinds);
    const known = kind === "get" || !chance.happens(kind === "cas" ? shape.unknownConditional : shape.unknown);
    // A value that is compared with exists: nothing is equal to no value.
    const compared = kind === "cas" ? Math.max(0, seen) : seen;
    return { process, start, end, kind, value, seen: compared, done: chance.happens(0.6), known };
  });
}

export function asSearchOperation(act: RegisterAct): SearchOperation<RegisterAct> {
  return { start: act.start, end: act.known ? act.end : Infinity, ways: [stepsOf(act)], source: act };
}

function stepsOf({ kind, value, seen, done, known }: RegisterAct): Step[] {
  const set = (to: number): Step => ({ type: "set", value: to });
  if (kind === "put") return [set(value)];
  if (kind === "get") return [{ type: "is", value: seen }];
  if (kind === "delete") {
    if (!known) return [set(-1)];
    return done ? [{ type: "isNot", value: -1 }, set(-1)] : [{ type: "is", value: -1 }];
  }
  const met = !known || done;
  return met ? [{ type: "is", value: seen }, set(value)] : [{ type: "isNot", value: seen }];
}

/**
 * Gives the operations the revisions they would have if they happened in this order, and their answers what etcd would add
 * to the values. An answer that contradicts the order keeps its value, with the most plausible revision for it.
 * @param order every operation whose outcome is known, and of the others those that happened
 */
export function stamped(acts: readonly RegisterAct[], order: readonly RegisterAct[]): LineObject[] {
  const answers = new Map<RegisterAct, LineObject>();
  let [revision, create, version, now] = [1, 0, 0, -1];
  const last = new Map<number, LineObject>();
  const put = (value: number): void => {
    revision += 1;
    if (now === -1) [create, version] = [revision, 0];
    version += 1;
    now = value;
    last.set(value, stored(value, revision, create, version));
  };
  for (const act of order) {
    const { kind, value, seen, done, known } = act;
    if (kind === "put") put(value);
    else if (kind === "cas" && (known ? done : now === seen)) put(value);
    else if (kind === "delete" && (known ? done : now !== -1)) [revision, now] = [revision + 1, -1];
    const answer = { revision: String(revision) };
    if (kind === "get")
      answers.set(act, { ...answer, kv: seen === -1 ? null : (last.get(seen) ?? stored(seen, revision, revision, 1)) });
    else if (kind === "delete") answers.set(act, { ...answer, deleted: Number(done) });
    else if (kind === "cas") answers.set(act, { ...answer, succeeded: done, results: done ? [{ put: true }] : [] });
    else answers.set(act, answer);
  }
  return lines(acts, answers);
}

function stored(value: number, mod: number, create: number, version: number): LineObject {
  return { value: `v${value}`, mod: String(mod), create: String(create), version: String(version) };
}

function lines(acts: readonly RegisterAct[], answers: ReadonlyMap<RegisterAct, LineObject>): LineObject[] {
  const all = acts.flatMap((act) => {
    const { process: p, start, end, known } = act;
    const begin = { t: start, p, member: "m", ...actionOf(act) };
    return [begin, { t: end, p, ...(known ? { ok: answers.get(act) ?? {} } : { unknown: "gave up" }) }];
  });
  return all.sort((a, b) => a.t - b.t);
}

function actionOf({ kind, value, seen }: RegisterAct): LineObject {
  const put = { op: "put", key: "k", value: `v${value}` };
  if (kind === "put") return put;
  if (kind !== "cas") return { op: kind, key: "k" };
  return { op: "txn", if: [{ key: "k", target: "value", is: "=", to: `v${seen}` }], then: [put], else: [] };
}
