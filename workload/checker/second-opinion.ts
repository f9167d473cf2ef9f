import { absent, type History, type Operation } from "../history/operation.ts";
import { make } from "./contradictions.ts";
import { type KeyOrder } from "./key-order.ts";
import { type OpenWrite } from "./open-writes.ts";
import { Projection, type KeyOperation } from "./projection.ts";
import { isExplainedByRevisions } from "./proposed-order.ts";
import { search, setter } from "./search.ts";
import { sightingsOf } from "./sightings.ts";
import { at, sortedBy } from "./sorting.ts";
import { type Survey } from "./survey.ts";
import { type Violation } from "./violation.ts";
import { counted, type Words } from "./words.ts";

export interface SecondOpinion {
  readonly violations: readonly Violation[];
  /** What it looked at, for people. */
  readonly covered: string;
}

const explained = { verdict: "possible" } as const;

/** @param most how many operations are searched: some keys' when there are more, or one key's first ones */
export function secondOpinion(
  history: History,
  { clocks }: Survey,
  open: readonly OpenWrite[],
  order: KeyOrder,
  words: Words,
  most: number,
): SecondOpinion {
  if (clocks.size > 1) return { violations: [], covered: "nothing, as times of different clocks can't be compared" };
  const keys = someKeys(history, most);
  const before = statesBefore(history);
  const violations: Violation[] = [];
  let [searched, undecided] = [0, 0];
  for (const [key, operations] of new Projection(history, keys, open, order).byKey) {
    const part = beginning(operations, most);
    const initial = [absent, ...(before.get(key) ?? [])];
    const result = isExplainedByRevisions(part, initial) ? explained : search(part, initial);
    if (result.verdict === "undecided") undecided += 1;
    else searched += part.length;
    if (result.verdict === "impossible") violations.push(violation(key, result, words));
  }
  const left = undecided === 0 ? "" : `; on ${undecided} keys too many ran at once`;
  const where = keys.size === history.keys.size ? "" : ` of ${history.keys.size}`;
  return {
    violations,
    covered: `${counted(searched, "operation")} on ${keys.size}${where} ${history.keys.size === 1 ? "key" : "keys"}${left}`,
  };
}

/** Keys with together about that many operations, at least one. */
function someKeys(history: History, most: number): Set<number> {
  const counts = new Uint32Array(history.keys.size);
  for (const { key } of history.operations) if (key !== absent) counts[key] = (counts[key] ?? 0) + 1;
  const keys = new Set<number>();
  let sum = 0;
  for (let key = 0; key < counts.length; key++) {
    sum += counts[key] ?? 0;
    if (sum > most && keys.size > 0) break;
    keys.add(key);
  }
  return keys;
}

/** The first operations of a key, as if the history ended there: what was still running then has no outcome. */
function beginning(operations: readonly KeyOperation[], most: number): readonly KeyOperation[] {
  if (operations.length <= most) return operations;
  const sorted = sortedBy(operations, ({ start }) => Math.max(0, start));
  const cut = at(sorted, most).start;
  return sorted.slice(0, most).map((each) => (each.end < cut ? each : { ...each, end: Infinity }));
}

/** By key: what it may have held before the history. */
function statesBefore(history: History): Map<number, Set<number>> {
  const states = new Map<number, Set<number>>();
  if (history.since === 0) return states;
  for (const operation of history.operations) {
    sightingsOf(operation, ({ key, value, mod }) => {
      if (mod <= history.since) states.set(key, (states.get(key) ?? new Set()).add(value));
    });
  }
  return states;
}

function violation(
  key: number,
  { operation, possibilities }: Extract<ReturnType<typeof search<OpenWrite | Operation>>, { verdict: "impossible" }>,
  words: Words,
): Violation {
  const states = [...new Set(possibilities.map(({ state }) => words.value(state)))].slice(0, 8);
  const writers = possibilities
    .slice(0, 3)
    .map(setter)
    .map((each) => each && sourceOf(each));
  const text =
    `No order of the operations on ${words.key(key)} explains one of them: when it ended, ` +
    `the key could have held ${states.join(" or ")}, and what ran beside it does not change that to what it saw.`;
  return make("not linearizable", text, [...writers, sourceOf(operation)]);
}

function sourceOf({ source }: KeyOperation): Operation | undefined {
  return "kind" in source ? source : source.operation;
}
