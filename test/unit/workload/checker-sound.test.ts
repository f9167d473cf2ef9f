import assert from "node:assert/strict";
import fc from "fast-check";
import { check } from "../../../workload/checker/check.ts";
import { Words } from "../../../workload/checker/words.ts";
import { Chance } from "./simulation/chance.ts";
import { historyOf } from "./simulation/history-of.ts";
import { Simulation, type LineObject, type SimulationOptions } from "./simulation/simulate.ts";

/** Fails with the violations in words and the whole history. */
function assertSound(lines: readonly LineObject[]): void {
  const history = historyOf(lines);
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
