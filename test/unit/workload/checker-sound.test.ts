import assert from "node:assert/strict";
import fc from "fast-check";
import { check } from "../../../workload/checker/check.ts";
import { Words } from "../../../workload/checker/words.ts";
import { Chance } from "./simulation/chance.ts";
import { historyOf } from "./simulation/history-of.ts";
import { deleteEvent, kv, putEvent, Script } from "./simulation/script.ts";
import { Simulation, type LineObject, type SimulationOptions } from "./simulation/simulate.ts";

/** Fails with the violations in words and the whole history. */
function assertSound(lines: readonly LineObject[], since = 0): void {
  const history = historyOf(lines, since);
  const { violations } = check(history);
  if (violations.length === 0) return;
  const words = new Words(history);
  const shown = violations.map(({ kind, words: text, operations }) => {
    return [`${kind}: ${text}`, ...words.lines(operations)].join("\n");
  });
  assert.fail(`${shown.join("\n")}\n\n${lines.map((line) => JSON.stringify(line)).join("\n")}`);
}

const shapes: Record<string, SimulationOptions> = {
  "puts and gets": { operations: 40, processes: 4, keys: 2, unknown: 0, kinds: ["put", "get"], watchers: 0 },
  "unknown outcomes": { operations: 40, processes: 4, keys: 2, unknown: 0.3, kinds: ["put", "get"], watchers: 0 },
  deletes: { operations: 50, processes: 4, keys: 3, unknown: 0, kinds: ["put", "get", "delete", "range"], watchers: 0 },
  "deletes of unknown outcome": {
    operations: 40,
    processes: 4,
    keys: 3,
    unknown: 0.15,
    kinds: ["put", "get", "delete", "range"],
    watchers: 0,
  },
  transactions: {
    operations: 50,
    processes: 4,
    keys: 3,
    unknown: 0,
    kinds: ["put", "get", "txn", "delete"],
    watchers: 0,
  },
  "transactions of unknown outcome": {
    operations: 40,
    processes: 4,
    keys: 3,
    unknown: 0.2,
    kinds: ["put", "get", "txn"],
    watchers: 1,
  },
  leases: {
    operations: 60,
    processes: 4,
    keys: 3,
    unknown: 0,
    kinds: ["put", "put", "get", "grant", "keepalive", "revoke", "range"],
    watchers: 1,
  },
  "values written again and again": {
    operations: 50,
    processes: 4,
    keys: 2,
    unknown: 0.3,
    repeatedValues: 0.9,
    kinds: ["put", "put", "get", "delete", "txn", "range"],
    watchers: 1,
  },
  "everything at once": {
    operations: 60,
    processes: 5,
    keys: 3,
    unknown: 0.1,
    kinds: ["put", "put", "get", "get", "range", "delete", "txn", "grant", "keepalive", "revoke"],
    watchers: 3,
  },
};

describe("the checker on histories of a sound store", () => {
  for (const [name, options] of Object.entries(shapes)) {
    it(`finds nothing wrong: ${name}`, () => {
      const seeds = fc.integer({ min: 0, max: 2 ** 31 });
      fc.assert(
        fc.property(seeds, (seed) => assertSound(new Simulation(new Chance(seed), options).run())),
        { numRuns: 300, endOnFailure: true },
      );
    }).timeout(60_000);
  }
});

const putX = { op: "put", key: "a", value: "x" };
const removeB = { op: "delete", key: "b" };
const removeRange = { op: "delete", key: "a", end: "c" };
const countRange = { op: "range", key: "a", end: "c", countOnly: true };
const removed = (revision: number, deleted: number) => ({ revision: String(revision), deleted });
const counted = (revision: number, count: number) => ({ revision: String(revision), kvs: [], count });

/** Sound by a hair: one revision, one key or one microsecond less, and each of them would have a violation. */
const bare: Readonly<Record<string, Script>> = {
  "a version counts a put of unknown outcome, for which there is just one revision": new Script()
    .put(0, "a", "1", 2)
    .lost(1, putX)
    .put(0, "a", "2", 4)
    .get(2, "a", 4, kv("2", 4, 2, 3)),
  "two puts of unknown outcome are counted one by one": new Script()
    .put(0, "a", "1", 2)
    .lost(1, putX)
    .lost(1, putX)
    .put(0, "a", "2", 4)
    .get(2, "a", 4, kv("2", 4, 2, 3))
    .put(0, "a", "3", 6)
    .get(2, "a", 6, kv("3", 6, 2, 5)),
  "a put that was counted once is not one of those that can be counted later": new Script()
    .put(0, "a", "1", 2)
    .lost(1, { op: "put", key: "c", value: "q" })
    .lost(1, {
      op: "txn",
      if: [{ key: "c", target: "value", is: "=", to: "q" }],
      ...{ then: [putX, { op: "put", key: "b", value: "y" }] },
      else: [
        { op: "put", key: "a", value: "w" },
        { op: "put", key: "b", value: "y" },
      ],
    })
    .get(2, "b", 3, kv("y", 3, 3, 1))
    .put(0, "a", "2", 4)
    .get(2, "a", 4, kv("2", 4, 2, 3))
    .lost(1, { op: "put", key: "a", value: "z" })
    .put(0, "a", "3", 6)
    .get(2, "a", 6, kv("3", 6, 2, 5)),
  "a key was removed by a delete of unknown outcome, for which there is just one revision": new Script()
    .put(0, "b", "1", 2)
    .lost(1, removeB)
    .get(2, "b", 3, null),
  "a condition is met by a put of unknown outcome, for which there is just one revision": new Script()
    .put(0, "a", "1", 2)
    .lost(1, putX)
    .act(
      2,
      { op: "txn", if: [{ key: "a", target: "value", is: "=", to: "x" }], then: [putX], else: [] },
      { revision: "4", succeeded: true, results: [{ put: true }] },
    ),
  "of a transaction of unknown outcome that was seen, a put that nobody saw may have decided": new Script()
    .put(0, "a", "1", 2)
    .lost(1, putX)
    .lost(1, {
      op: "txn",
      if: [{ key: "a", target: "value", is: "=", to: "x" }],
      then: [{ op: "put", key: "b", value: "1" }],
      else: [
        { op: "put", key: "b", value: "1" },
        { op: "put", key: "c", value: "1" },
      ],
    })
    .get(2, "b", 4, kv("1", 4, 4, 1))
    .get(2, "c", 4, null),
  "a delete of a range removes a key that may have been put": new Script()
    .put(0, "b", "1", 2)
    .lost(1, putX)
    .act(2, removeRange, removed(4, 2)),
  "a delete of a range does not find a key that may have been removed": new Script()
    .put(0, "a", "1", 2)
    .put(0, "b", "1", 3)
    .lost(1, removeB)
    .act(2, removeRange, removed(5, 1)),
  "a range counts a key that may have been put": new Script()
    .put(0, "b", "1", 2)
    .lost(1, putX)
    .act(2, countRange, counted(3, 2)),
  "a range does not count a key that may have been removed": new Script()
    .put(0, "a", "1", 2)
    .put(0, "b", "1", 3)
    .lost(1, removeB)
    .act(2, countRange, counted(4, 1)),
  "a watch that catches up in portions is ended before the last one": new Script()
    .put(0, "a", "1", 2)
    .put(0, "a", "2", 3)
    .watch(9, "a", 2)
    .seen(9, 3, [putEvent("a", "1", 2, 2, 1)]),
  "a watch from now does not deliver what was put before it": new Script()
    .put(0, "a", "1", 2)
    .watch(9, "a", 0)
    .put(0, "a", "2", 3)
    .seen(9, 3, [putEvent("a", "2", 3, 2, 2)]),
  "a key is gone before its lease, granted by somebody else, was renewed in vain": new Script()
    .put(0, "a", "1", 2, { lease: "77" })
    .get(1, "a", 3, null)
    .act(1, { op: "keepalive", lease: "77" }, { ttl: 0 }),
  "a key is gone at the first moment at which its lease may have run out": new Script()
    .act(0, { op: "grant", ttl: 5 }, { lease: "77", ttl: 5 })
    .put(0, "a", "1", 2, { lease: "77" })
    .begin(1, { op: "get", key: "a" })
    .at(5_000_001)
    .ok(1, { revision: "3", kv: null }),
};

describe("the checker on small histories that are just sound", () => {
  for (const [name, { lines }] of Object.entries(bare)) it(`lets them be: ${name}`, () => assertSound(lines));

  it("lets them be: what was there when the history began was written at its first revision, or before", () => {
    const there = (mod: number) => kv("1", mod, mod, 1);
    assertSound(new Script().get(0, "a", 5, there(5)).get(0, "b", 5, there(4)).lines, 5);
    assertSound(
      new Script()
        .watch(9, "a", 3)
        .seen(9, 5, [deleteEvent("a", 3), putEvent("a", "1", 5, 5, 1)])
        .get(0, "a", 5, there(5)).lines,
      5,
    );
    assertSound(new Script().watch(9, "a", 3).seen(9, 5, [deleteEvent("a", 5)]).lines, 5);
    const removal = new Script().lost(0, { op: "delete", key: "a" }).watch(9, "a", 6);
    assertSound(removal.seen(9, 6, [deleteEvent("a", 6)]).lines, 5);
  });
});

describe("the second opinion", () => {
  const opinion = ({ lines }: Script, most: number) => {
    const { violations, searched } = check(historyOf(lines), { secondOpinion: most });
    assert.deepEqual(violations, []);
    return searched;
  };

  it("looks at as many operations as it may, at those of one key at least", () => {
    const twoKeys = new Script().put(0, "a", "1", 2).put(0, "a", "2", 3).put(0, "b", "1", 4).put(0, "b", "2", 5);
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((most) => opinion(twoKeys, most)),
      [
        "1 operation on 1 of 2 keys",
        "2 operations on 1 of 2 keys",
        "2 operations on 1 of 2 keys",
        "4 operations on 2 keys",
        "4 operations on 2 keys",
      ],
    );
  });

  it("lets be what may have seen the operations it does not look at", () => {
    const puts = new Script().put(0, "a", "1", 2).begin(1, { op: "get", key: "a" });
    const last = puts.at(6).begin(0, { op: "put", key: "a", value: "2" });
    last
      .at(6)
      .ok(1, { revision: "3", kv: kv("2", 3, 2, 2) })
      .ok(0, { revision: "3" });
    assert.equal(opinion(last, 2), "2 operations on 1 key");
  });
});
