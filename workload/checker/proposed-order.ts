import { after } from "./possibilities.ts";
import { type SearchOperation } from "./search.ts";
import { sortedBy } from "./sorting.ts";

/** Its source tells at which revision it took effect; 0 or undefined where nobody was told. */
export type Stamped = SearchOperation<{ readonly revision: number | undefined }>;

/**
 * Whether the order that the revisions propose explains the operations on a key: each stands between its begin and its end, and
 * what it looks at is what those before it left. Nothing is taken on trust. An order that passes is one, wherever it comes from,
 * so the search would find one, too; that none passes says nothing.
 * @param initial the states the key may have been in before the first operation
 */
export function isExplainedByRevisions(operations: readonly Stamped[], initial: readonly number[]): boolean {
  const proposed = operations.filter(({ end, source }) => end !== Infinity || (source.revision ?? 0) > 0);
  const byStart = sortedBy(proposed, ({ start }) => start);
  // A write comes before what was read at its revision.
  const order = sortedBy(byStart, (operation) => 2 * (operation.source.revision ?? 0) + (writes(operation) ? 0 : 1));
  return isInTime(order) && initial.some((state) => isFollowed(order, state));
}

function writes({ ways }: Stamped): boolean {
  return ways.some((way) => way.some(({ type }) => type === "set"));
}

/** Whether there is a moment for each that is not before the moments of those before it. */
function isInTime(order: readonly Stamped[]): boolean {
  let earliest = -Infinity;
  return order.every(({ start, end }) => {
    earliest = Math.max(earliest, start);
    return end >= earliest;
  });
}

/** Whether each one's looks agree, beginning with this state; one that need not happen is left out where its don't. */
function isFollowed(order: readonly Stamped[], initial: number): boolean {
  let state = initial;
  return order.every(({ ways, end }) => {
    for (const way of ways) {
      const next = after(state, way);
      if (next === undefined) continue;
      state = next;
      return true;
    }
    return end === Infinity;
  });
}
