import { type Operation } from "../history/operation.ts";

/** One change of one key, as the replayed store knows it. */
export interface StoreEvent {
  readonly revision: number;
  readonly type: "put" | "delete";
  readonly key: number;
  /** Undefined when nobody in the history did it, such as a lease that ran out. */
  readonly by: Operation | undefined;
}
