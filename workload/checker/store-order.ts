import { type Operation, type Part, type PartResult } from "../history/operation.ts";
import { sortedBy } from "./sorting.ts";

/** Whether it is acknowledged to have changed the store, which makes its revision its own. */
export function changesStore({ kind, outcome, detail }: Operation): boolean {
  if (outcome !== "ok") return false;
  if (kind === "put") return true;
  if (detail?.kind === "delete") return (detail.deleted ?? 0) > 0;
  if (detail?.kind !== "txn") return false;
  return (detail.answer?.results ?? []).some(
    (result) => result === "put" || ("deleted" in result && result.deleted > 0),
  );
}

/** The parts of a transaction that were carried out, each with what it answered. */
export function partsDone({ detail }: Operation): readonly { readonly part: Part; readonly result: PartResult }[] {
  if (detail?.kind !== "txn" || detail.answer === undefined) return [];
  const { succeeded, results } = detail.answer;
  return (succeeded ? detail.then : detail.else).flatMap((part, index) => {
    const result = results[index];
    return result === undefined ? [] : [{ part, result }];
  });
}

/**
 * All that tells something about the store, in the order of revisions: the write of a revision, then what was read at it. A
 * read of the past stands at the revision it asks for.
 */
export function inStoreOrder(telling: readonly Operation[]): readonly Operation[] {
  return sortedBy(telling, (operation) => 2 * readRevision(operation) + (changesStore(operation) ? 0 : 1));
}

/** The revision whose state an operation shows. */
export function readRevision({ revision, detail }: Operation): number {
  return detail?.kind === "range" && detail.part.revision > 0 ? detail.part.revision : revision;
}
