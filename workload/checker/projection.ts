import {
  absent,
  type Comparison,
  type History,
  type KeyRange,
  type Operation,
  type Part,
} from "../history/operation.ts";
import { type PartResult, type TransactionDetail } from "../history/operation.ts";
import { type KeyOrder } from "./key-order.ts";
import { type OpenWrite } from "./open-writes.ts";
import { type Step } from "./possibilities.ts";
import { type SearchOperation } from "./search.ts";
import { isRangeAnswer } from "./sightings.ts";
import { partsDone } from "./store-order.ts";

export type KeyOperation = SearchOperation<OpenWrite | Operation>;

/**
 * What the operations of a history say about each single key, in values alone: what was read, set and removed. Left out are
 * serializable reads and reads of the past, which need not agree with the present, and counts, which name no key.
 */
export class Projection {
  readonly byKey: ReadonlyMap<number, KeyOperation[]>;
  readonly #order: KeyOrder;

  /** @param keys those to project to */
  constructor(history: History, keys: ReadonlySet<number>, open: readonly OpenWrite[], order: KeyOrder) {
    this.#order = order;
    this.byKey = new Map(Array.from(keys, (key) => [key, []]));
    for (const operation of history.operations) {
      if (operation.outcome === "ok") this.#acknowledged(operation);
      else if (operation.outcome === "unknown" && operation.detail?.kind === "txn")
        this.#open(operation, operation.detail);
    }
    const values = leasedValues(history.operations);
    for (const write of open) this.#openWrite(write, values);
  }

  #acknowledged(operation: Operation): void {
    const { kind, key, value, detail, serializable } = operation;
    if (serializable || (detail === undefined && !this.byKey.has(key))) return;
    if (kind === "put") this.#add(key, operation, [[set(value)]]);
    else if (kind === "get") this.#add(key, operation, [[is(value)]]);
    else if (detail?.kind === "range") {
      if (detail.answer === undefined || detail.part.revision > 0) return;
      for (const [each, steps] of this.#steps([{ part: detail.part, result: detail.answer }]))
        this.#add(each, operation, [steps]);
    } else if (detail?.kind === "delete") {
      const done = [{ part: detail.part, result: { deleted: detail.deleted ?? 0 } }];
      for (const [each, steps] of this.#steps(done)) this.#add(each, operation, [steps]);
    } else if (detail?.kind === "txn") this.#transaction(operation, detail);
  }

  #transaction(operation: Operation, detail: TransactionDetail): void {
    const steps = this.#steps(partsDone(operation));
    const conditions = conditionsOf(detail.compares, detail.answer?.succeeded ?? false);
    for (const key of new Set([...steps.keys(), ...conditions.keys()])) {
      const ways = conditions.get(key) ?? [[]];
      this.#add(
        key,
        operation,
        ways.map((way) => [...way, ...(steps.get(key) ?? [])]),
      );
    }
  }

  /** A transaction of unknown outcome: either branch may have happened. */
  #open(operation: Operation, { compares, then, else: otherwise }: TransactionDetail): void {
    const branches = [
      { steps: this.#steps(then.map(unanswered)), conditions: conditionsOf(compares, true) },
      { steps: this.#steps(otherwise.map(unanswered)), conditions: conditionsOf(compares, false) },
    ];
    for (const key of new Set(branches.flatMap(({ steps }) => [...steps.keys()]))) {
      const ways = branches.flatMap(({ steps, conditions }) => {
        const effect = steps.get(key) ?? [];
        return (conditions.get(key) ?? [[]]).map((way) => [...way, ...effect]);
      });
      this.#add(
        key,
        operation,
        ways.filter((way) => way.some(({ type }) => type === "set")),
      );
    }
  }

  #openWrite(write: OpenWrite, leased: ReadonlyMap<number, Map<number, Set<number>>>): void {
    if (write.operation?.detail?.kind === "txn") return;
    const place = { start: write.start, end: Infinity, source: write };
    for (const [key, steps] of this.#steps((write.branches[0] ?? []).map(unanswered))) {
      this.byKey.get(key)?.push({ ...place, ways: [steps] });
    }
    for (const [key, values] of leased.get(write.lease) ?? []) {
      this.byKey.get(key)?.push({ ...place, ways: Array.from(values, (value) => [is(value), set(absent)]) });
    }
  }

  /** What parts that were carried out one after the other say about each key. */
  #steps(done: readonly { readonly part: Part; readonly result: PartResult | undefined }[]): Map<number, Step[]> {
    const steps = new Map<number, Step[]>();
    const add = (key: number, more: readonly Step[]): void => {
      steps.set(key, [...(steps.get(key) ?? []), ...more]);
    };
    for (const { part, result } of done) {
      if (part.op === "put") add(part.key, [set(part.value)]);
      else if (part.op === "delete") {
        const deleted = typeof result === "object" && "deleted" in result ? result.deleted : undefined;
        for (const key of this.#keys(part)) add(key, removal(part, deleted));
      } else if (isRangeAnswer(result) && !part.countOnly) {
        const values = new Map(result.kvs.map(({ key, value }) => [key, value]));
        const complete = part.limit === 0 || result.kvs.length === result.count;
        for (const key of complete ? this.#keys(part) : values.keys()) add(key, [is(values.get(key) ?? absent)]);
      }
    }
    return steps;
  }

  #keys(range: KeyRange): number[] {
    const { low, high } = this.#order.ranks(range);
    return Array.from({ length: high - low }, (_, offset) => this.#order.key(low + offset));
  }

  #add(key: number, operation: Operation, ways: readonly (readonly Step[])[]): void {
    if (ways.length === 0) return;
    this.byKey.get(key)?.push({ start: operation.start, end: operation.end, ways, source: operation });
  }
}

function unanswered(part: Part) {
  return { part, result: undefined };
}

function is(value: number): Step {
  return { type: "is", value };
}

function isNot(value: number): Step {
  return { type: "isNot", value };
}

function set(value: number): Step {
  return { type: "set", value };
}

function removal({ end }: KeyRange, deleted: number | undefined): Step[] {
  if (deleted === 0) return [is(absent)];
  return end === undefined && deleted !== undefined ? [isNot(absent), set(absent)] : [set(absent)];
}

/**
 * What the conditions say about each key, as alternatives. Of several that were not met as a whole nothing is known about any
 * one, and of revisions only that a key with none does not exist.
 */
function conditionsOf(compares: readonly Comparison[], met: boolean): Map<number, Step[][]> {
  const conditions = new Map<number, Step[][]>();
  if (!met && compares.length !== 1) return conditions;
  for (const compare of compares) {
    const ways = conditionWays(compare, met);
    if (ways === undefined) continue;
    const before = conditions.get(compare.key) ?? [[]];
    conditions.set(
      compare.key,
      before.flatMap((way) => ways.map((more) => [...way, ...more])),
    );
  }
  return conditions;
}

function conditionWays({ target, is: relation, to }: Comparison, met: boolean): Step[][] | undefined {
  if (target === "value") {
    // A key that does not exist has no value: neither equal nor different.
    if (relation === "=") return met ? [[is(to)]] : [[isNot(to)]];
    return met ? [[isNot(to), isNot(absent)]] : [[is(to)], [is(absent)]];
  }
  if (target === "lease" || to !== 0) return undefined;
  if (relation === "=") return met ? [[is(absent)]] : [[isNot(absent)]];
  return relation === "<" ? undefined : met ? [[isNot(absent)]] : [[is(absent)]];
}

/** By lease and key: the values that were put with it. */
function leasedValues(operations: readonly Operation[]): Map<number, Map<number, Set<number>>> {
  const leased = new Map<number, Map<number, Set<number>>>();
  const note = (key: number, value: number, lease: number): void => {
    if (lease === absent) return;
    const keys = leased.get(lease) ?? new Map<number, Set<number>>();
    leased.set(lease, keys);
    keys.set(key, (keys.get(key) ?? new Set()).add(value));
  };
  for (const { kind, key, value, lease, detail } of operations) {
    if (kind === "put") note(key, value, lease);
    if (detail?.kind !== "txn") continue;
    for (const part of [...detail.then, ...detail.else]) if (part.op === "put") note(part.key, part.value, part.lease);
  }
  return leased;
}
