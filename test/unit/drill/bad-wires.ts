import { type Stored } from "../../../workload/history/format.ts";
import { honest, type Wire } from "./recorded-run.ts";

/** A client that says a write was acknowledged and never sent it. */
export const neverSends: Wire = {
  ...honest,
  put: (store, key, value, n) => (n === 58 ? store.revision + 1 : store.put(key, value)),
};

/** A proxy that acknowledges a write and then loses it. */
export const losesAWrite: Wire = {
  ...honest,
  put(store, key, value, number) {
    const before = store.keys.get(key);
    const revision = store.put(key, value);
    if (number === 40 && before !== undefined) store.keys.set(key, before);
    return revision;
  },
};

/** A proxy that sends a write twice. */
export const sendsTwice: Wire = {
  ...honest,
  put(store, key, value, number) {
    if (number === 40) store.put(key, value);
    return store.put(key, value);
  },
};

let old: Stored | null = null;

/** A member that answers a linearizable read from before a write. */
export const answersFromBefore: Wire = {
  put(store, key, value, number) {
    if (number === 40) old = store.keys.get(key) ?? null;
    return store.put(key, value);
  },
  get(store, key, number) {
    if (number === 45) return { revision: 21, kv: old };
    return honest.get(store, key, number);
  },
};

/** A member that has left out a write, or has one twice: it has the later ones at other revisions. */
function countsOtherwise(by: number): Wire {
  return {
    ...honest,
    get(store, key, number) {
      const { revision, kv } = honest.get(store, key, number);
      if (number % 3 !== 1 || number < 40 || kv === null) return { revision, kv };
      return { revision: revision + by, kv: { ...kv, mod: String(Number(kv.mod) + by) } };
    },
  };
}

export const hasLeftOutAWrite = countsOtherwise(-1);
export const hasAWriteTwice = countsOtherwise(1);
