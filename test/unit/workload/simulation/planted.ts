import { type ViolationKind } from "../../../../workload/checker/violation.ts";
import { deleteEvent, kv, putEvent, Script } from "./script.ts";
import { type LineObject } from "./simulate.ts";

/** A key as a range shows it that was written once. */
function at(key: string, value: string, mod: number): LineObject {
  return { key, ...kv(value, mod, mod, 1) };
}

const twoPuts = {
  op: "txn",
  if: [],
  then: [
    { op: "put", key: "a", value: "a2" },
    { op: "put", key: "b", value: "b2" },
  ],
  else: [],
};
const putAndRemove = {
  ...twoPuts,
  then: [
    { op: "put", key: "a", value: "a2" },
    { op: "delete", key: "b" },
  ],
};
const countOfKeys = { op: "range", key: "a", end: "c", countOnly: true };
const ifFirstVersion = { ...twoPuts, if: [{ key: "a", target: "version", is: "=", to: "1" }] };
const valueOfA = (to: string) => ({ key: "a", target: "value", is: "=", to });
const bothPut = { succeeded: true, results: [{ put: true }, { put: true }] };

/** For every kind of violation, histories small enough to be read that have it, by what they are called. */
const histories: Partial<Record<ViolationKind, Readonly<Record<string, Script>>>> = {
  "lost write": {
    "a read shows the value before an acknowledged put": new Script()
      .put(0, "a", "1", 2)
      .put(0, "a", "2", 3)
      .get(1, "a", 3, kv("1", 2, 2, 1)),
    "the version counts one put too few": new Script()
      .put(0, "a", "1", 2)
      .put(0, "a", "2", 3)
      .put(0, "a", "3", 4)
      .get(1, "a", 4, kv("3", 4, 2, 2)),
    "the version is still that of before an acknowledged put": new Script()
      .put(0, "a", "1", 2)
      .get(1, "a", 2, kv("1", 2, 2, 1))
      .put(0, "a", "2", 3)
      .get(1, "a", 3, kv("2", 3, 2, 1)),
    "the version does not count the put that created the key anew": new Script()
      .put(0, "a", "1", 2)
      .lost(1, { op: "delete", key: "a" })
      .lost(2, { op: "put", key: "a", value: "2" })
      .put(0, "a", "3", 5)
      .get(3, "a", 5, kv("3", 5, 4, 1)),
    "a removed key is there again": new Script()
      .put(0, "a", "1", 2)
      .act(0, { op: "delete", key: "a" }, { revision: "3", deleted: 1 })
      .get(1, "a", 3, kv("1", 2, 2, 1)),
  },
  "missing key": {
    "a read finds nothing after an acknowledged put": new Script().put(0, "a", "1", 2).get(1, "a", 2, null),
    "a key whose lease may have run out is there and not there at one revision": new Script()
      .put(0, "a", "1", 2, { lease: "77" })
      .get(1, "a", 3, kv("1", 2, 2, 1, { lease: "77" }))
      .get(2, "a", 3, null),
    "a key that nothing but a put may have changed is gone": new Script()
      .put(0, "a", "1", 2)
      .lost(1, { op: "put", key: "a", value: "x" })
      .act(2, { op: "txn", if: [valueOfA("1")], then: [], else: [] }, { revision: "3", succeeded: false, results: [] })
      .get(2, "a", 3, null),
    "a transaction does not find the key its condition was about": new Script()
      .put(0, "a", "1", 2, { lease: "77" })
      .act(
        1,
        { op: "txn", if: [valueOfA("1")], then: [{ op: "get", key: "a" }], else: [] },
        { revision: "3", succeeded: true, results: [{ kv: null }] },
      ),
    "a range leaves out a key": new Script()
      .put(0, "a", "1", 2)
      .put(0, "b", "2", 3)
      .act(
        1,
        { op: "range", key: "a", end: "c" },
        { revision: "3", kvs: [{ key: "a", ...kv("1", 2, 2, 1) }], count: 1 },
      ),
    "a key is created a second time without having been removed": new Script()
      .put(0, "a", "1", 2)
      .put(0, "a", "2", 3)
      .get(1, "a", 3, kv("2", 3, 3, 1)),
    "a key is said to be created by a put that found it there": new Script()
      .put(0, "a", "1", 2)
      .put(0, "a", "2", 3)
      .get(1, "a", 3, kv("2", 3, 2, 2))
      .put(0, "a", "3", 4)
      .get(1, "a", 4, kv("3", 4, 3, 2)),
    "a key is said to be created after it was written": new Script()
      .put(0, "a", "1", 2)
      .get(1, "a", 3, kv("1", 2, 3, 1)),
    "a delete finds nothing to remove": new Script()
      .put(0, "a", "1", 2)
      .act(1, { op: "delete", key: "a" }, { revision: "2", deleted: 0 }),

    "the only revision at which it may have been removed is another write's": new Script()
      .put(0, "a", "1", 2)
      .lost(1, { op: "delete", key: "a" })
      .put(0, "b", "1", 3)
      .get(2, "a", 3, null),
    "the revisions at which it may have been removed were known before the delete began": new Script()
      .put(0, "a", "1", 2)
      .get(2, "c", 3, null)
      .lost(1, { op: "delete", key: "a" })
      .put(0, "b", "1", 4)
      .get(2, "a", 4, null),
    "the transaction that may have removed it came after": new Script()
      .put(0, "b", "1", 2)
      .lost(1, putAndRemove)
      .get(2, "b", 4, null)
      .get(2, "a", 5, kv("a2", 5, 5, 1)),
    "a key is seen after its lease ended for another one, and then gone": new Script()
      .watch(9, "a", 2)
      .put(0, "a", "1", 2, { lease: "77" })
      .put(0, "b", "1", 3, { lease: "77" })
      .seen(9, 4, [{ ...putEvent("a", "1", 2, 2, 1), lease: "77" }, deleteEvent("a", 4)])
      .get(1, "b", 4, kv("1", 3, 3, 1, { lease: "77" }))
      .get(1, "b", 5, null),
    "a read ends when its lease may just run out, but its revision was known before": new Script()
      .act(0, { op: "grant", ttl: 5 }, { lease: "77", ttl: 5 })
      .put(0, "a", "1", 2, { lease: "77" })
      .put(0, "b", "1", 3)
      .begin(1, { op: "get", key: "a" })
      .at(5_000_001)
      .ok(1, { revision: "3", kv: null }),
  },
  "doubled write": {
    "an acknowledged value comes back at a later revision": new Script()
      .put(0, "a", "1", 2)
      .put(0, "a", "2", 3)
      .get(1, "a", 4, kv("1", 4, 2, 3)),
    "the version counts one put too many": new Script()
      .put(0, "a", "1", 2)
      .put(0, "a", "2", 4)
      .get(1, "a", 4, kv("2", 4, 2, 3)),
    "a transaction of unknown outcome, whose branches put the same, is counted twice": new Script()
      .put(0, "a", "1", 2)
      .lost(1, {
        ...{ op: "txn", if: [valueOfA("1")] },
        ...{ then: [{ op: "put", key: "a", value: "x" }], else: [{ op: "put", key: "a", value: "x" }] },
      })
      .put(0, "a", "2", 5)
      .get(2, "a", 5, kv("2", 5, 2, 4)),
    "two writes of unknown outcome are seen at one revision": new Script()
      .lost(1, { op: "put", key: "a", value: "x" })
      .lost(1, { op: "put", key: "b", value: "y" })
      .get(2, "a", 3, kv("x", 3, 3, 1))
      .get(2, "b", 3, kv("y", 3, 3, 1)),
    "a write of unknown outcome is seen with another lease": new Script()
      .lost(1, { op: "put", key: "a", value: "x", lease: "77" })
      .get(2, "a", 2, kv("x", 2, 2, 1)),
    "a write of unknown outcome was seen, and is counted once more": new Script()
      .put(0, "a", "1", 2)
      .lost(1, { op: "put", key: "a", value: "x" })
      .get(2, "a", 3, kv("x", 3, 2, 2))
      .put(0, "a", "2", 5)
      .get(2, "a", 5, kv("2", 5, 2, 4)),
    "a write of unknown outcome is seen at two revisions": new Script()
      .lost(0, { op: "put", key: "a", value: "1" })
      .get(1, "a", 2, kv("1", 2, 2, 1))
      .put(1, "a", "2", 3)
      .get(1, "a", 4, kv("1", 4, 2, 3)),

    "the version counts a put of unknown outcome for which there is no revision": new Script()
      .put(0, "a", "1", 2)
      .lost(1, { op: "put", key: "a", value: "x" })
      .put(0, "a", "2", 3)
      .get(2, "a", 3, kv("2", 3, 2, 3)),
    "the only revision which that put may have had is another write's": new Script()
      .put(0, "a", "1", 2)
      .lost(1, { op: "put", key: "a", value: "x" })
      .put(0, "b", "1", 3)
      .put(0, "a", "2", 4)
      .get(2, "a", 4, kv("2", 4, 2, 3)),
    "it counts a put of unknown outcome that would have created the key": new Script()
      .put(0, "b", "1", 2)
      .lost(1, { op: "put", key: "a", value: "x" })
      .put(0, "a", "1", 4)
      .put(0, "a", "2", 5)
      .get(2, "a", 5, kv("2", 5, 4, 3)),
    "two puts of unknown outcome are counted three times, one by one": new Script()
      .put(0, "a", "1", 2)
      .lost(1, { op: "put", key: "a", value: "x" })
      .lost(1, { op: "put", key: "a", value: "y" })
      .put(0, "a", "2", 4)
      .get(2, "a", 4, kv("2", 4, 2, 3))
      .put(0, "a", "3", 6)
      .get(2, "a", 6, kv("3", 6, 2, 5))
      .put(0, "a", "4", 8)
      .get(2, "a", 8, kv("4", 8, 2, 7)),
    "it counts a put of unknown outcome before the transaction that created the key": new Script()
      .put(0, "c", "1", 2)
      .lost(1, twoPuts)
      .lost(2, { op: "put", key: "a", value: "x" })
      .get(3, "b", 4, kv("b2", 4, 4, 1))
      .put(0, "a", "1", 5)
      .get(3, "a", 5, kv("1", 5, 4, 3)),
  },
  "stale read": {
    "a linearizable read answers from before a completed put": new Script()
      .put(0, "a", "1", 2)
      .put(0, "a", "2", 3)
      .get(1, "a", 2, kv("1", 2, 2, 1)),
    "a linearizable read answers from before what another client read": new Script()
      .put(0, "a", "1", 2)
      .begin(0, { op: "put", key: "a", value: "2" })
      .get(1, "a", 3, kv("2", 3, 2, 2))
      .get(2, "a", 2, kv("1", 2, 2, 1))
      .ok(0, { revision: "3" }),
  },
  "value from nowhere": {
    "a read shows what nobody wrote": new Script().put(0, "a", "1", 2).get(1, "a", 3, kv("x", 3, 2, 2)),
    "a read shows a value before its write began": new Script()
      .put(0, "a", "1", 2)
      .get(1, "a", 3, kv("2", 3, 2, 2))
      .lost(0, { op: "put", key: "a", value: "2" }),
  },
  "failed write seen": {
    "a refused put is read": new Script()
      .begin(0, { op: "put", key: "a", value: "1" })
      .failed(0)
      .get(1, "a", 2, kv("1", 2, 2, 1)),
  },
  "wrong value": {
    "the revision of one put shows another value": new Script().put(0, "a", "1", 2).get(1, "a", 2, kv("x", 2, 2, 1)),
    "a key has a lease nobody gave it": new Script()
      .put(0, "a", "1", 2)
      .get(1, "a", 2, kv("1", 2, 2, 1, { lease: "77" })),
  },
  "half-applied transaction": {
    "one of two keys has the transaction's value": new Script()
      .put(0, "a", "a1", 2)
      .put(0, "b", "b1", 3)
      .act(0, twoPuts, { revision: "4", ...bothPut })
      .get(1, "a", 4, kv("a2", 4, 2, 2))
      .get(1, "b", 4, kv("b1", 3, 3, 1)),
    "the same, with a transaction of unknown outcome": new Script()
      .put(0, "b", "b1", 2)
      .lost(0, twoPuts)
      .get(1, "a", 3, kv("a2", 3, 3, 1))
      .get(1, "b", 3, kv("b1", 2, 2, 1)),
  },
  "wrong transaction branch": {
    "a condition on the version is not met, and what may have changed the key is known to have done so before":
      new Script()
        .lost(1, twoPuts)
        .get(2, "a", 2, kv("a2", 2, 2, 1))
        .act(
          2,
          { op: "txn", if: [{ key: "b", target: "version", is: "=", to: "1" }], then: [], else: [] },
          { revision: "2", succeeded: false, results: [] },
        ),
    "a compare-and-set succeeds on a value that is gone": new Script()
      .put(0, "a", "1", 2)
      .put(0, "a", "2", 3)
      .act(1, { ...twoPuts, if: [{ key: "a", target: "value", is: "=", to: "1" }] }, { revision: "4", ...bothPut }),
    "a condition on the revision is not met although it holds": new Script()
      .put(0, "a", "1", 2)
      .act(
        1,
        { ...twoPuts, if: [{ key: "a", target: "mod", is: "=", to: "2" }] },
        { revision: "2", succeeded: false, results: [] },
      ),
    "a transaction without a condition does what it does otherwise": new Script().act(0, twoPuts, {
      revision: "1",
      succeeded: false,
      results: [],
    }),

    "of two conditions that were met, a put of unknown outcome explains one": new Script()
      .put(0, "a", "1", 2)
      .put(0, "b", "1", 3)
      .lost(1, { op: "put", key: "a", value: "x" })
      .act(2, { ...twoPuts, if: [valueOfA("x"), { ...valueOfA("x"), key: "b" }] }, { revision: "5", ...bothPut }),
    "a condition is met by a put that had no revision to happen at": new Script()
      .put(0, "a", "1", 2)
      .lost(1, { op: "put", key: "a", value: "x" })
      .put(0, "b", "1", 3)
      .act(2, { ...twoPuts, if: [valueOfA("x")] }, { revision: "4", ...bothPut }),
    "a condition on the version is not met although what could have changed it came later": new Script()
      .put(0, "a", "1", 2)
      .act(1, ifFirstVersion, { revision: "2", succeeded: false, results: [] })
      .lost(2, { op: "put", key: "a", value: "x" }),
    "a condition on the version is not met although what could have changed it happened before": new Script()
      .watch(9, "a", 2)
      .put(0, "a", "1", 2)
      .lost(2, { op: "delete", key: "a" })
      .put(0, "a", "2", 4)
      .seen(9, 4, [putEvent("a", "1", 2, 2, 1), deleteEvent("a", 3), putEvent("a", "2", 4, 4, 1)])
      .act(1, ifFirstVersion, { revision: "4", succeeded: false, results: [] }),
    "a condition is met by a put of unknown outcome that a version has counted": new Script()
      .put(0, "a", "1", 2)
      .lost(1, { op: "put", key: "a", value: "x" })
      .put(0, "a", "2", 4)
      .get(2, "a", 4, kv("2", 4, 2, 3))
      .act(2, { ...twoPuts, if: [valueOfA("x")] }, { revision: "6", ...bothPut }),
  },
  "wrong delete": {
    "a delete of a range finds nothing twice, and what removed the key unseen can have happened once": new Script()
      .put(0, "a", "1", 2)
      .lost(1, { op: "delete", key: "a", end: "c" })
      .act(2, { op: "delete", key: "a", end: "c" }, { revision: "3", deleted: 0 })
      .put(0, "a", "2", 4)
      .act(2, { op: "delete", key: "a", end: "c" }, { revision: "5", deleted: 0 }),
    "a delete says it removed a key that is not there": new Script()
      .put(0, "a", "1", 2)
      .act(1, { op: "delete", key: "b" }, { revision: "3", deleted: 1 }),
    "a delete of a range says it removed fewer keys than there were": new Script()
      .put(0, "a", "1", 2)
      .put(0, "b", "2", 3)
      .act(1, { op: "delete", key: "a", end: "c" }, { revision: "4", deleted: 1 }),

    "a delete of a range says it removed more keys than there may have been": new Script()
      .put(0, "a", "1", 2)
      .lost(1, { op: "put", key: "b", value: "1" })
      .act(2, { op: "delete", key: "a", end: "c" }, { revision: "4", deleted: 3 }),
    "a delete of a range says it removed fewer keys than there must have been": new Script()
      .put(0, "a", "1", 2)
      .put(0, "b", "1", 3)
      .lost(1, { op: "delete", key: "b" })
      .act(2, { op: "delete", key: "a", end: "c" }, { revision: "5", deleted: 0 }),
  },
  "wrong count": {
    "nothing is counted twice, and what removed the key unseen can have happened once": new Script()
      .put(0, "a", "1", 2)
      .lost(1, { op: "delete", key: "a", end: "c" })
      .act(2, countOfKeys, { revision: "3", kvs: [], count: 0 })
      .put(0, "a", "2", 4)
      .act(2, countOfKeys, { revision: "5", kvs: [], count: 0 }),
    "a count is one too low": new Script()
      .put(0, "a", "1", 2)
      .put(0, "b", "2", 3)
      .act(1, countOfKeys, { revision: "3", kvs: [], count: 1 }),

    "a count is one more than there may have been": new Script()
      .put(0, "a", "1", 2)
      .lost(1, { op: "put", key: "b", value: "1" })
      .act(2, countOfKeys, { revision: "3", kvs: [], count: 3 }),
    "a count is one less than there must have been": new Script()
      .put(0, "a", "1", 2)
      .put(0, "b", "1", 3)
      .lost(1, { op: "delete", key: "b" })
      .act(2, countOfKeys, { revision: "4", kvs: [], count: 0 }),
  },
  "wrong range": {
    "a key comes twice in the place of another": new Script()
      .put(0, "a", "1", 2)
      .put(0, "b", "2", 3)
      .range(1, 3, [at("a", "1", 2), at("a", "1", 2)]),
    "keys are out of order": new Script()
      .put(0, "a", "1", 2)
      .put(0, "b", "2", 3)
      .range(1, 3, [at("b", "2", 3), at("a", "1", 2)]),
    "a key nobody asked for": new Script().put(0, "x", "1", 2).range(1, 2, [at("x", "1", 2)]),
    "more keys than the limit": new Script()
      .put(0, "a", "1", 2)
      .put(0, "b", "2", 3)
      .range(1, 3, [at("a", "1", 2), at("b", "2", 3)], { limit: 1 }),
    "fewer keys than the limit, although it counts more": new Script()
      .put(0, "a", "1", 2)
      .put(0, "b", "2", 3)
      .act(1, { op: "range", key: "a", end: "c", limit: 2 }, { revision: "3", kvs: [at("a", "1", 2)], count: 2 }),

    "the key at its end, which is not part of it": new Script().put(0, "c", "1", 2).range(1, 2, [at("c", "1", 2)]),
  },
  "shared revision": {
    "two puts are acknowledged at one revision": new Script()
      .begin(0, { op: "put", key: "a", value: "1" })
      .put(1, "b", "2", 2)
      .ok(0, { revision: "2" }),
  },
  "write out of order": {
    "a later put gets an earlier revision": new Script().put(0, "a", "1", 3).put(1, "b", "2", 2),
    "a value is read before its acknowledged put began": new Script()
      .get(1, "a", 2, kv("1", 2, 2, 1))
      .put(0, "a", "1", 2),
  },
  "read went back": {
    "serializable reads of one client from one member": new Script()
      .put(0, "a", "1", 2)
      .put(0, "a", "2", 3)
      .get(1, "a", 3, kv("2", 3, 2, 2), { serializable: true })
      .get(1, "a", 2, kv("1", 2, 2, 1), { serializable: true }),
    "a serializable read does not see the client's own put through that member": new Script()
      .put(0, "a", "1", 2)
      .get(0, "a", 1, null, { serializable: true }),
  },
  "watch out of order": {
    "an older event after a newer one": new Script()
      .watch(9, "a", 2)
      .put(0, "a", "1", 2)
      .put(0, "a", "2", 3)
      .seen(9, 3, [putEvent("a", "2", 3, 2, 2), putEvent("a", "1", 2, 2, 1)]),
    "an event from before the revision asked for": new Script()
      .put(0, "a", "1", 2)
      .watch(9, "a", 3)
      .seen(9, 2, [putEvent("a", "1", 2, 2, 1)]),
  },
  "watch gap": {
    "an event in between is left out": new Script()
      .watch(9, "a", 2)
      .put(0, "a", "1", 2)
      .put(0, "a", "2", 3)
      .put(0, "a", "3", 4)
      .seen(9, 4, [putEvent("a", "1", 2, 2, 1), putEvent("a", "3", 4, 2, 3)]),
    "it passes over an acknowledged put that another watch delivered": new Script()
      .watch(8, "a", 2)
      .watch(9, "a", 2)
      .put(0, "a", "1", 2)
      .put(1, "b", "2", 3)
      .seen(8, 3, [putEvent("a", "1", 2, 2, 1)])
      .seen(9, 3, []),
    "progress is told past an event that never came": new Script().watch(9, "a", 2).put(0, "a", "1", 2).seen(9, 2, []),
  },
  "watch duplicate": {
    "an event comes twice": new Script()
      .watch(9, "a", 2)
      .put(0, "a", "1", 2)
      .seen(9, 2, [putEvent("a", "1", 2, 2, 1)])
      .seen(9, 2, [putEvent("a", "1", 2, 2, 1)]),
  },
  "watch event from nowhere": {
    "a put nobody did": new Script()
      .watch(9, "a", 2)
      .put(0, "a", "1", 2)
      .seen(9, 3, [putEvent("a", "x", 3, 2, 2)]),
    "a removal nobody did": new Script()
      .watch(9, "a", 2)
      .put(0, "a", "1", 2)
      .seen(9, 3, [putEvent("a", "1", 2, 2, 1), deleteEvent("a", 3)]),
    "a key is removed at the revision of another's put": new Script()
      .put(0, "a", "1", 2)
      .lost(1, { op: "delete", key: "a" })
      .watch(9, "a", 2)
      .put(0, "b", "1", 3)
      .seen(9, 3, [putEvent("a", "1", 2, 2, 1), deleteEvent("a", 3)]),
    "a key is removed that was removed already": new Script()
      .put(0, "a", "1", 2)
      .act(0, { op: "delete", key: "a" }, { revision: "3", deleted: 1 })
      .lost(1, { op: "delete", key: "a" })
      .watch(9, "a", 2)
      .seen(9, 4, [putEvent("a", "1", 2, 2, 1), deleteEvent("a", 3), deleteEvent("a", 4)]),
    "a key nobody asked for": new Script()
      .watch(9, "a", 2)
      .put(0, "b", "1", 2)
      .seen(9, 2, [putEvent("b", "1", 2, 2, 1)]),
    "keys of one lease are removed at two revisions": new Script()
      .watch(9, "a", 2, "c")
      .put(0, "a", "1", 2, { lease: "77" })
      .put(0, "b", "1", 3, { lease: "77" })
      .seen(9, 5, [
        { ...putEvent("a", "1", 2, 2, 1), lease: "77" },
        { ...putEvent("b", "1", 3, 3, 1), lease: "77" },
        deleteEvent("a", 4),
        deleteEvent("b", 5),
      ]),
  },
  "watches disagree": {
    "one delivers a write of unknown outcome, the other passes over it": new Script()
      .watch(8, "a", 2)
      .watch(9, "a", 2)
      .lost(0, { op: "put", key: "a", value: "1" })
      .put(1, "b", "2", 3)
      .seen(8, 3, [putEvent("a", "1", 2, 2, 1)])
      .seen(9, 3, []),
  },
  "early expiry": {
    "a key is gone before its renewed lease could run out": new Script()
      .act(0, { op: "grant", ttl: 5 }, { lease: "77", ttl: 5 })
      .put(0, "a", "1", 2, { lease: "77" })
      .wait(4)
      .act(0, { op: "keepalive", lease: "77" }, { ttl: 5 })
      .wait(4)
      .get(1, "a", 3, null),
    "a watch sees it": new Script()
      .watch(9, "a", 2)
      .act(0, { op: "grant", ttl: 5 }, { lease: "77", ttl: 5 })
      .put(0, "a", "1", 2, { lease: "77" })
      .seen(9, 3, [{ ...putEvent("a", "1", 2, 2, 1), lease: "77" }, deleteEvent("a", 3)]),

    "a read ends a microsecond before its lease may run out": new Script()
      .act(0, { op: "grant", ttl: 5 }, { lease: "77", ttl: 5 })
      .put(0, "a", "1", 2, { lease: "77" })
      .put(0, "b", "1", 3)
      .begin(1, { op: "get", key: "a" })
      .at(5_000_000)
      .ok(1, { revision: "3", kv: null }),
  },
};

export const planted = Object.entries(histories).flatMap(([kind, scripts]) =>
  Object.entries(scripts).map(([name, { lines }]) => ({ kind, name, lines })),
);
