import { type Operation, type RangeAnswer, type StoredKey } from "../history/operation.ts";

/** A key as somebody saw it. */
export interface Sighting {
  readonly stored: StoredKey;
  readonly by: Operation;
}

/** Everything an operation that is ok says about keys that exist. */
export function sightingsOf(operation: Operation, see: (stored: StoredKey, by: Operation) => void): void {
  if (operation.kind === "get") {
    if (operation.mod > 0) see(operation, operation);
    return;
  }
  const { detail } = operation;
  switch (detail?.kind) {
    case "range":
      detail.answer?.kvs.forEach((stored) => see(stored, operation));
      return;
    case "txn":
      for (const result of detail.answer?.results ?? []) {
        if (isRangeAnswer(result)) result.kvs.forEach((stored) => see(stored, operation));
      }
      return;
    case "watch":
      for (const { events } of detail.answers) {
        for (const { stored } of events) if (stored !== undefined) see(stored, operation);
      }
      return;
    default:
  }
}

export function isRangeAnswer(result: unknown): result is RangeAnswer {
  return typeof result === "object" && result !== null && "kvs" in result;
}
