import { absent, type Comparison, type Operation, type TransactionDetail } from "../history/operation.ts";
import { make } from "./contradictions.ts";
import { type Hidden } from "./hidden.ts";
import { type KeyState } from "./key-state.ts";
import { type Store, type StoreContext } from "./store.ts";

/** Whether the conditions of a transaction hold; undefined when something nobody saw may have changed what they look at. */
export function decideForSure(
  detail: TransactionDetail,
  store: Store,
  hidden: Hidden,
  revision: number,
): boolean | undefined {
  const states = detail.compares.map(({ key }) => store.state(key));
  const doubtful = states.some(({ key, lease }) => hidden.possible(key, lease, revision));
  return doubtful ? undefined : decide(detail, store, hidden, revision);
}

/** Whether the conditions of a transaction hold in the store as it is; undefined when that is not known. */
function decide({ compares }: TransactionDetail, store: Store, hidden: Hidden, revision: number): boolean | undefined {
  const results = compares.map((compare) => holds(compare, store.state(compare.key), hidden, revision));
  if (results.includes(false)) return false;
  return results.includes(undefined) ? undefined : true;
}

/**
 * Compares the branch an acknowledged transaction took with the state before it. Where a write nobody saw could be the reason
 * for another decision, that write is taken to have happened, and nothing is known of its key from there on.
 */
export function judgeBranch(
  operation: Operation,
  detail: TransactionDetail,
  store: Store,
  context: StoreContext,
): void {
  if (detail.answer === undefined) return;
  const { hidden } = context;
  const decided = decide(detail, store, hidden, operation.revision);
  const { succeeded } = detail.answer;
  if (decided === undefined || decided === succeeded) return;
  const states = detail.compares
    .filter((compare) => !succeeded || holds(compare, store.state(compare.key), hidden, operation.revision) === false)
    .map(({ key }) => store.state(key));
  const doubtful = states.filter(({ key, lease, broken }) => broken || hidden.possible(key, lease, operation.revision));
  // To fail, one condition that did not hold is enough; to succeed, each that does not hold needs its reason.
  if (succeeded ? doubtful.length === states.length : doubtful.length > 0) {
    for (const state of doubtful) state.forget();
    return;
  }
  const found = states.map((state) => describe(state, context)).join(", ");
  const words = `A transaction at revision ${operation.revision} says its condition was ${succeeded ? "" : "not "}met, yet before it ${found}.`;
  context.report(make("wrong transaction branch", words, [...states.map(({ writer }) => writer), operation]));
}

function describe(state: KeyState, { words }: StoreContext): string {
  const name = words.key(state.key);
  return state.alive ? `${name} was ${words.value(state.value)} of revision ${state.mod}` : `there was no ${name}`;
}

/** Undefined when it is not known. etcd compares a key that does not exist as one with zeros and no value. */
function holds({ target, is, to }: Comparison, state: KeyState, hidden: Hidden, revision: number): boolean | undefined {
  if (!state.known || state.broken) return undefined;
  switch (target) {
    case "value":
      // Without a value no comparison of values holds (applyCompare in server/etcdserver/txn).
      return state.alive && compare(state.value, is, to);
    case "lease":
      return compare(state.alive ? state.lease : absent, is, to);
    case "mod":
      return compare(state.alive ? state.mod : 0, is, to);
    case "create":
    case "version": {
      const counted = state.counted(target, hidden, revision);
      return counted === undefined ? undefined : compare(counted, is, to);
    }
  }
}

function compare(left: number, is: Comparison["is"], right: number): boolean {
  if (is === "=") return left === right;
  if (is === "!=") return left !== right;
  return is === "<" ? left < right : left > right;
}
