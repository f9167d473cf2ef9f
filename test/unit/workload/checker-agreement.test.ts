import assert from "node:assert/strict";
import fc from "fast-check";
import { check } from "../../../workload/checker/check.ts";
import { after, type Step } from "../../../workload/checker/possibilities.ts";
import { isExplainedByRevisions } from "../../../workload/checker/proposed-order.ts";
import { search, type SearchOperation } from "../../../workload/checker/search.ts";
import { Chance } from "./simulation/chance.ts";
import { corrupted } from "./simulation/corrupt.ts";
import { historyOf } from "./simulation/history-of.ts";
import {
  asSearchOperation,
  randomRegisterHistory,
  stamped,
  type RegisterAct,
  type RegisterShape,
} from "./simulation/register-history.ts";
import { Simulation, type SimulationOptions } from "./simulation/simulate.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

const shapes: Record<string, RegisterShape> = {
  "a few values": { operations: 7, processes: 3, values: 2, unknown: 0, unknownConditional: 0 },
  "a few values, unknown outcomes": { operations: 7, processes: 3, values: 2, unknown: 0.4, unknownConditional: 0 },
  "every put its own value": { operations: 8, processes: 4, values: undefined, unknown: 0, unknownConditional: 0 },
  "every put its own value, unknown outcomes": {
    operations: 8,
    processes: 4,
    values: undefined,
    unknown: 0.4,
    unknownConditional: 0,
  },
  "unknown outcomes of conditional writes": {
    operations: 8,
    processes: 4,
    values: 3,
    unknown: 0.3,
    unknownConditional: 0.4,
  },
};

/** Tries every order there is. */
function someOrderWorks<T>(left: readonly SearchOperation<T>[], state: number): boolean {
  const firstEnd = Math.min(...left.map(({ end }) => end));
  if (firstEnd === Infinity) return true;
  return left.some((operation) => {
    if (operation.start > firstEnd) return false;
    const rest = left.filter((other) => other !== operation);
    return operation.ways.some((way: readonly Step[]) => {
      const next = after(state, way);
      return next !== undefined && someOrderWorks(rest, next);
    });
  });
}

function isSound(acts: readonly RegisterAct[], order: readonly RegisterAct[]): boolean {
  return check(historyOf(stamped(acts, order)), { secondOpinion: 0 }).violations.length === 0;
}

/** Some order in which each operation stands at a moment between its begin and its end. */
function randomOrder(chance: Chance, acts: readonly RegisterAct[]): RegisterAct[] {
  const happened = acts.filter(({ known }) => known || chance.happens(0.5));
  const moments = new Map(happened.map((act) => [act, act.start + chance.next() * (act.end - act.start)]));
  return happened.sort((a, b) => (moments.get(a) ?? 0) - (moments.get(b) ?? 0));
}

/**
 * The search judges values exactly. Of the checker that goes by revisions this is asked: what has an explanation must be sound
 * with the revisions that explanation gives, what has none must not be sound with any. The latter is not asked of writes that
 * are conditional and of unknown outcome, too: that their condition could not have been met is for the search to find, when
 * nobody saw them.
 */
describe("the two checkers on random small histories", () => {
  const count = { possible: 0, impossible: 0 };

  for (const [name, shape] of Object.entries(shapes)) {
    it(`the search finds an order exactly when there is one: ${name}`, () => {
      const property = fc.property(seeds, (seed) => {
        const operations = randomRegisterHistory(new Chance(seed), shape).map(asSearchOperation);
        const { verdict } = search(operations, [-1]);
        assert.equal(verdict, someOrderWorks(operations, -1) ? "possible" : "impossible");
      });
      fc.assert(property, { numRuns: 1000, endOnFailure: true });
    }).timeout(60_000);

    it(`agree: ${name}`, () => {
      const property = fc.property(seeds, (seed) => {
        const chance = new Chance(seed);
        const acts = randomRegisterHistory(chance, shape);
        const result = search(acts.map(asSearchOperation), [-1]);
        assert.notEqual(result.verdict, "undecided");
        if (result.verdict === "possible") {
          count.possible += 1;
          const order = result.order.map(({ source }) => source);
          assert.ok(
            isSound(acts, order),
            `explained by an order, yet called a violation: ${JSON.stringify(order)} of ${JSON.stringify(acts.filter((a) => !a.known))}`,
          );
        } else if (shape.unknownConditional === 0) {
          count.impossible += 1;
          // Without an order that explains the values, no revisions can make it sound.
          for (let round = 0; round < 3; round++) {
            const order = randomOrder(chance, acts);
            assert.ok(
              !isSound(acts, order),
              `no order explains it, yet called sound: ${JSON.stringify(order)} of ${JSON.stringify(acts.filter((a) => !a.known))}`,
            );
          }
        }
      });
      fc.assert(property, { numRuns: 2000, endOnFailure: true });
    }).timeout(60_000);
  }

  it("were asked about both kinds", () => {
    assert.ok(count.possible > 200 && count.impossible > 2000, JSON.stringify(count));
  });
});

/**
 * Before it searches, the second opinion tries the order that the revisions propose. It must never let that pass for an order
 * which is none, and it must know one: else long histories take their time.
 */
describe("the order that revisions propose on random small histories", () => {
  const initial = [-1, 0];
  const count = { explained: 0, refused: 0 };

  /** The operations, some of them cut off, with the revisions they would have in this order. */
  function told(operations: readonly SearchOperation<RegisterAct>[], order: readonly SearchOperation<RegisterAct>[]) {
    let revision = 1;
    const revisions = new Map<unknown, number>();
    for (const operation of order) {
      if (isWrite(operation)) revision += 1;
      revisions.set(operation, revision);
    }
    return operations.map((each) => {
      // A read that was cut off may have been told anything by then.
      const revision = revisions.get(each) ?? (isWrite(each) ? undefined : each.start);
      return { ...each, source: { revision } };
    });
  }

  for (const [name, shape] of Object.entries(shapes)) {
    it(`is accepted when it is one, and only when there is one: ${name}`, () => {
      const property = fc.property(seeds, (seed) => {
        const chance = new Chance(seed);
        const operations = randomRegisterHistory(chance, shape)
          .map(asSearchOperation)
          .map((each) => (chance.happens(0.1) ? { ...each, end: Infinity } : each));
        const result = search(operations, initial);
        if (result.verdict === "possible") {
          assert.ok(isExplainedByRevisions(told(operations, result.order), initial), JSON.stringify(result.order));
        }
        for (let round = 0; round < 10; round++) {
          const happened = operations.filter(({ end }) => end !== Infinity || chance.happens(0.5));
          const moments = new Map(happened.map((each) => [each, chance.next() + (round < 5 ? each.start / 10 : 0)]));
          const order = happened.sort((a, b) => (moments.get(a) ?? 0) - (moments.get(b) ?? 0));
          const explained = isExplainedByRevisions(told(operations, order), initial);
          count[explained ? "explained" : "refused"] += 1;
          if (explained) assert.equal(result.verdict, "possible", JSON.stringify(told(operations, order)));
        }
      });
      fc.assert(property, { numRuns: 1000, endOnFailure: true });
    }).timeout(60_000);
  }

  it("must have a place for each operation that was answered", () => {
    const unread = { start: 1, end: 2, ways: [[{ type: "is" as const, value: 5 }]], source: { revision: undefined } };
    assert.ok(!isExplainedByRevisions([unread], initial));
  });

  it("were of both kinds", () => {
    assert.ok(count.explained > 200 && count.refused > 2000, JSON.stringify(count));
  });
});

function isWrite({ ways }: SearchOperation<unknown>): boolean {
  return ways.flat().some(({ type }) => type === "set");
}

/**
 * Here the histories are of every kind of operation, from a store that is sound, with one answer changed afterwards. What the
 * search finds must be a violation for the checker that goes by revisions, too; that one sees more (versions, watches, counts).
 */
describe("the two checkers on histories with one answer changed", () => {
  const common = { operations: 40, processes: 4, keys: 2 };
  const mixed: Record<string, SimulationOptions> = {
    "every kind of operation": {
      ...common,
      unknown: 0,
      kinds: ["put", "put", "get", "get", "range", "delete", "txn", "grant", "keepalive", "revoke"],
      watchers: 2,
    },
    // Without transactions, for the reason above, and without leases: when one ended, nobody is told.
    "unknown outcomes": {
      ...common,
      unknown: 0.2,
      kinds: ["put", "put", "get", "get", "range", "delete"],
      watchers: 1,
    },
  };

  for (const [name, options] of Object.entries(mixed)) {
    it(`what the search finds, the revisions tell: ${name}`, () => {
      const count = { changed: 0, found: 0, searched: 0 };
      const said = new Set<string>();
      const property = fc.property(seeds, (seed) => {
        const chance = new Chance(seed);
        const lines = corrupted(new Simulation(chance, options).run(), chance);
        if (lines === undefined) return;
        const kinds = new Set(check(historyOf(lines)).violations.map(({ kind }) => kind));
        count.changed += 1;
        for (const line of lines)
          for (const word of Object.keys(line)) said.add(word === "op" ? String(line["op"]) : word);
        if (kinds.size > 0) count.found += 1;
        if (!kinds.delete("not linearizable")) return;
        count.searched += 1;
        assert.ok(kinds.size > 0, lines.map((line) => JSON.stringify(line)).join("\n"));
      });
      fc.assert(property, { numRuns: 2000, endOnFailure: true });
      for (const word of [...options.kinds, "watch", "serializable", "seen"]) assert.ok(said.has(word), word);
      assert.ok(count.changed > 1500 && count.searched > 100, JSON.stringify(count));
      assert.ok(count.found > count.changed * 0.9, JSON.stringify(count));
    }).timeout(60_000);
  }
});
