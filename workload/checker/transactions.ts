import { absent, type Comparison, type Operation, type TransactionDetail } from "../history/operation.ts";
import { make } from "./contradictions.ts";
import { type Hidden } from "./hidden.ts";
import { type KeyState } from "./key-state.ts";
import { putsKey, takeOne, type OpenWrite } from "./open-writes.ts";
import { type Store, type StoreContext } from "./store.ts";

/** Whether the conditions of a transaction hold; undefined when something nobody saw may have changed what they look at. */
export function decideForSure(
  detail: TransactionDetail,
  store: Store,
  hidden: Hidden,
  revision: number,
): boolean | undefined {
  const states = detail.compares.map(({ key }) => store.state(key));
  const doubtful = states.some(({ key, lease }) => hidden.touching(key, lease, revision).length > 0);
  return doubtful ? undefined : decide(detail, store, hidden, revision);
}

/** Whether the conditions of a transaction hold in the store as it is; undefined when that is not known. */
function decide({ compares }: TransactionDetail, store: Store, hidden: Hidden, revision: number): boolean | undefined {
  const results = compares.map((compare) => holds(compare, store.state(compare.key), hidden, revision));
  if (results.includes(false)) return false;
  return results.includes(undefined) ? undefined : true;
}

/** A transaction that took a branch, in the state of the store before a revision. */
export interface Taken {
  readonly operation: Operation;
  readonly detail: TransactionDetail;
  /** Whether it says its conditions were met. */
  readonly succeeded: boolean;
  /** The state looked at is that of the revisions below this one. */
  readonly before: number;
}

/**
 * Compares the branch a transaction took with the state before it. Where a write nobody saw could be the reason for another
 * decision, that write is taken to have happened.
 */
export function judgeBranch(
  { operation, detail, succeeded, before }: Taken,
  store: Store,
  context: StoreContext,
): void {
  const { hidden } = context;
  const decided = decide(detail, store, hidden, before - 1);
  if (decided === undefined || decided === succeeded) return;
  const contradicted = detail.compares.filter(
    (each) => !succeeded || holds(each, store.state(each.key), hidden, before - 1) === false,
  );
  const reasons = contradicted
    .map((each) => ({ key: each.key, writes: reasonsFor(each, succeeded, store.state(each.key), hidden, before) }))
    .filter(({ writes }) => writes.length > 0);
  // To fail, one condition that did not hold is enough; to succeed, each that does not hold needs its reason.
  if (succeeded ? reasons.length === contradicted.length : reasons.length > 0) {
    for (const { key, writes } of reasons) {
      takeOne(writes, key);
      store.doubt(key, writes);
    }
    return;
  }
  const states = contradicted.map(({ key }) => store.state(key));
  const found = states.map((state) => describe(state, context)).join(" and ");
  const words =
    states.length === 0
      ? "A transaction without a condition took effect as if one was not met."
      : `A transaction took effect as if its condition was ${succeeded ? "" : "not "}met, yet before revision ${before} ${found}.`;
  context.report(make("wrong transaction branch", words, [...states.map(({ writer }) => writer), operation]));
}

/** What nobody saw happen but may have made a condition be met (or not), contrary to what is known. */
function reasonsFor(
  { target, is, to }: Comparison,
  met: boolean,
  { key, lease, changed, reasons }: KeyState,
  hidden: Hidden,
  before: number,
): OpenWrite[] {
  if (target !== "value") return hidden.touching(key, lease, before - 1);
  const equal = (is === "=") === met;
  const accepts = (value: number): boolean => (value === to) === equal;
  const puts = [
    ...hidden.putting(key, accepts, changed, before),
    ...reasons.filter((each) => putsKey(each, key, accepts)),
  ];
  // Without a key no comparison of values is met.
  return met ? puts : [...puts, ...hidden.removing(key, lease, changed, before)];
}

function describe(state: KeyState, { words }: StoreContext): string {
  const name = words.key(state.key);
  return state.alive ? `${name} was ${words.value(state.value)} of revision ${state.mod}` : `there was no ${name}`;
}

/** Whether it can't hold for a key that does not exist. */
export function needsKey({ target, is, to }: Comparison): boolean {
  if (target === "value" || is === ">") return true;
  return target !== "lease" && (is === "=" ? to > 0 : is === "!=" && to === 0);
}

/** Undefined when it is not known. etcd compares a key that does not exist as one with zeros and no value. */
function holds({ target, is, to }: Comparison, state: KeyState, hidden: Hidden, revision: number): boolean | undefined {
  if (!state.known || state.broken) return undefined;
  switch (target) {
    case "value":
      // Without a value no comparison of values holds (applyCompare in server/etcdserver/txn).
      return state.alive && compare(state.value, is, to);
    case "lease":
      return state.reasons.length > 0 ? undefined : compare(state.alive ? state.lease : absent, is, to);
    case "mod":
      return state.reasons.length > 0 ? undefined : compare(state.alive ? state.mod : 0, is, to);
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
