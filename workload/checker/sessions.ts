import { type History, type Operation, type Process } from "../history/operation.ts";
import { make } from "./contradictions.ts";
import { type Violation } from "./violation.ts";
import { type Words } from "./words.ts";

/**
 * A member's state only grows: a client that goes on asking the same one must not see an older revision than before, whatever
 * kind of read it uses. An operation that did not succeed ends the claim: the member may have been restarted in between, and
 * may come back a little behind.
 */
export function judgeSessions(history: History, words: Words, report: (violation: Violation) => void): void {
  const sessions = new Map<Process, Map<number, Operation>>();
  for (const operation of history.operations) {
    const { process, member, outcome, revision } = operation;
    if (outcome === "ok" && revision === 0) continue;
    let newest = sessions.get(process);
    if (newest === undefined) sessions.set(process, (newest = new Map<number, Operation>()));
    if (outcome !== "ok") {
      newest.delete(member);
      continue;
    }
    const before = newest.get(member);
    if (before === undefined || revision >= before.revision) newest.set(member, operation);
    // A linearizable read that goes back is a stale one, and reported as such.
    else if (operation.serializable) report(violation(before, operation, words));
  }
}

function violation(before: Operation, operation: Operation, words: Words): Violation {
  const { process, member, revision } = operation;
  const text = `${process.name} had seen revision ${before.revision} of ${words.member(member)}, yet then got an answer from its revision ${revision}.`;
  return make("read went back", text, [before, operation]);
}
