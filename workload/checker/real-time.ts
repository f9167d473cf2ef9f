import { type Operation } from "../history/operation.ts";
import { make } from "./contradictions.ts";
import { at, sortedBy } from "./sorting.ts";
import { changesStore } from "./store-order.ts";
import { type Survey } from "./survey.ts";
import { type Violation } from "./violation.ts";
import { type Words } from "./words.ts";

/**
 * Strictness: what had completed before an operation began comes before it in the order of revisions. Compared is each
 * operation with the highest revision anybody had been told of before it began, within one clock: times of different clocks
 * say nothing about each other. A serializable read may be as old as it likes, but it proves that its revision existed.
 */
export function judgeRealTime(
  { telling, clocks }: Survey,
  since: number,
  words: Words,
  report: (violation: Violation) => void,
): void {
  // An empty store has revision 1, and a history may tell that there was more when it began.
  const first = Math.max(since, 1);
  for (const operation of telling) {
    const writes = changesStore(operation);
    if (operation.serializable || (writes ? operation.revision > first : operation.revision >= since)) continue;
    const text = `The store had come to revision ${first} before the history began, yet ${writes ? "a write got" : "a linearizable read answered from"} revision ${operation.revision}.`;
    report(make(writes ? "write out of order" : "stale read", text, [operation]));
  }
  for (const clock of clocks) {
    judgeClock(clocks.size === 1 ? telling : telling.filter(({ process }) => process.clock === clock), words, report);
  }
}

function judgeClock(operations: readonly Operation[], words: Words, report: (violation: Violation) => void): void {
  const byEnd = sortedBy(operations, ({ end }) => end);
  let ended = 0;
  let newest: Operation | undefined;
  for (const operation of sortedBy(operations, ({ start }) => start)) {
    for (; ended < byEnd.length && at(byEnd, ended).end < operation.start; ended++) {
      const before = at(byEnd, ended);
      if (newest === undefined || before.revision > newest.revision) newest = before;
    }
    if (newest === undefined || operation.serializable) continue;
    const writes = changesStore(operation);
    if (writes ? operation.revision <= newest.revision : operation.revision < newest.revision) {
      report(violation(newest, operation, writes, words));
    }
  }
}

function violation(before: Operation, operation: Operation, writes: boolean, words: Words): Violation {
  const known = `Revision ${before.revision} was known at ${words.time(before.end)}`;
  const began = `began later, at ${words.time(operation.start)}, `;
  if (!writes) {
    const text = `${known}, yet a linearizable read that ${began}answered from revision ${operation.revision}.`;
    return make("stale read", text, [before, operation]);
  }
  return make("write out of order", `${known}, yet a write that ${began}got revision ${operation.revision}.`, [
    before,
    operation,
  ]);
}
