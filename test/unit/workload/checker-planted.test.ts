import assert from "node:assert/strict";
import fc from "fast-check";
import { check } from "../../../workload/checker/check.ts";
import { verdictInWords } from "../../../workload/checker/report.ts";
import { violationKinds } from "../../../workload/checker/violation.ts";
import { Chance } from "./simulation/chance.ts";
import { embedded } from "./simulation/embed.ts";
import { historyOf } from "./simulation/history-of.ts";
import { kv, planted, Script } from "./simulation/planted.ts";
import { Simulation, type SimulationOptions } from "./simulation/simulate.ts";

describe("the checker on histories with a planted fault", () => {
  for (const { kind, name, lines } of planted) {
    it(`finds and names it: ${kind}: ${name}`, () => {
      const history = historyOf(lines);
      const verdict = check(history);
      const text = verdictInWords(history, verdict);
      assert.ok(
        verdict.violations.some((violation) => violation.kind === kind),
        text,
      );
      for (const { words, operations } of verdict.violations) {
        assert.match(words, /\.$/);
        assert.ok(operations.length >= 1 && operations.length <= 6, text);
      }
    });
  }

  it("finds answers from before the revision the history began with", () => {
    const kinds = ({ lines }: Script, since: number) =>
      check(historyOf(lines, since), { secondOpinion: 0 }).violations.map(({ kind }) => kind);
    const put = (revision: number) => new Script().put(0, "a", "1", revision);
    const get = (revision: number, more = {}) => new Script().get(0, "a", revision, null, more);
    assert.deepEqual(
      [kinds(put(1), 0), kinds(put(5), 5), kinds(put(6), 5)],
      [["write out of order"], ["write out of order"], []],
    );
    assert.deepEqual(
      [kinds(get(4), 5), kinds(get(5), 5), kinds(get(4, { serializable: true }), 5)],
      [["stale read"], [], []],
    );
  });

  it("holds a member to what it showed a client, but not past a call that failed: it may have been restarted", () => {
    const puts = () => new Script().put(0, "a", "1", 2).put(0, "a", "2", 3);
    const newer = (script: Script) => script.get(1, "a", 3, kv("2", 3, 2, 2), { serializable: true });
    const older = (script: Script) => script.get(1, "a", 2, kv("1", 2, 2, 1), { serializable: true });
    const failing = (script: Script) => script.begin(1, { op: "get", key: "a" }).failed(1);
    assert.equal(check(historyOf(older(newer(puts())).lines)).violations.length, 1);
    assert.equal(check(historyOf(older(failing(newer(puts()))).lines)).violations.length, 0);
  });

  it("has a history for every kind of violation", () => {
    const kinds = new Set<string>(planted.map(({ kind }) => kind));
    // What the second opinion alone finds is looked for where the two are compared.
    assert.deepEqual(
      Object.keys(violationKinds).filter((kind) => !kinds.has(kind)),
      ["not linearizable"],
    );
  });
});

describe("the checker on a planted fault in the middle of a busy, sound history", () => {
  const options: SimulationOptions = {
    operations: 60,
    processes: 5,
    keys: 3,
    unknown: 0.1,
    kinds: ["put", "put", "get", "get", "range", "delete", "txn", "grant", "keepalive"],
    watchers: 2,
  };

  for (const { kind, name, lines } of planted) {
    it(`finds it, and nothing else: ${kind}: ${name}`, () => {
      const alone = check(historyOf(lines)).violations.map((violation) => violation.kind);
      const property = fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
        const simulation = new Simulation(new Chance(seed), options);
        const busy = simulation.run();
        const last = Number(busy.at(-1)?.["t"] ?? 0);
        const offsets = { t: last + 1, process: 100, revision: simulation.store.revision - 1 };
        const { violations } = check(historyOf([...busy, ...embedded(lines, offsets)]));
        assert.deepEqual(violations.map((violation) => violation.kind).sort(), [...alone].sort());
      });
      fc.assert(property, { numRuns: 25, endOnFailure: true });
    });
  }
});
