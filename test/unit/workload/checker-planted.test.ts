import assert from "node:assert/strict";
import fc from "fast-check";
import { check } from "../../../workload/checker/check.ts";
import { verdictInWords } from "../../../workload/checker/report.ts";
import { violationKinds } from "../../../workload/checker/violation.ts";
import { Chance } from "./simulation/chance.ts";
import { embedded } from "./simulation/embed.ts";
import { historyOf, historyOfMachines } from "./simulation/history-of.ts";
import { planted } from "./simulation/planted.ts";
import { deleteEvent, kv, putEvent, Script } from "./simulation/script.ts";
import { Simulation, type SimulationOptions } from "./simulation/simulate.ts";

function kinds(machines: readonly Script[], since = 0) {
  const history = historyOfMachines(
    machines.map(({ lines }) => lines),
    since,
  );
  return check(history, { secondOpinion: 0 }).violations.map(({ kind }) => kind);
}

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
    const put = (revision: number) => new Script().put(0, "a", "1", revision);
    const get = (revision: number, more = {}) => new Script().get(0, "a", revision, null, more);
    assert.deepEqual(
      [kinds([put(1)], 0), kinds([put(5)], 5), kinds([put(6)], 5)],
      [["write out of order"], ["write out of order"], []],
    );
    assert.deepEqual(
      [kinds([get(4)], 5), kinds([get(5)], 5), kinds([get(4, { serializable: true })], 5)],
      [["stale read"], [], []],
    );
    const twoValues = get(5, {})
      .get(0, "b", 5, kv("1", 3, 3, 1))
      .get(1, "b", 5, kv("2", 3, 3, 1));
    assert.deepEqual(kinds([twoValues], 5), ["wrong value"]);
  });

  it("lets no write happen at a revision from before the history", () => {
    const ifX = { op: "txn", if: [{ key: "a", target: "value", is: "=", to: "x" }], then: [], else: [] };
    const met = (script: Script, revision: number) =>
      script
        .lost(1, { op: "put", key: "a", value: "x" })
        .put(0, "b", "1", revision)
        .act(2, ifX, { revision: String(revision), succeeded: true, results: [] });
    const before = new Script().get(2, "a", 5, kv("1", 3, 3, 1));
    assert.deepEqual(kinds([met(new Script(), 2)]), ["wrong transaction branch"]);
    assert.deepEqual(kinds([met(new Script(), 3)]), []);
    assert.deepEqual(kinds([met(before, 6)], 5), ["wrong transaction branch"]);
    const counted = (revision: number) =>
      new Script()
        .get(2, "a", 5, kv("1", 3, 3, 1))
        .lost(1, { op: "put", key: "a", value: "x" })
        .lost(1, { op: "put", key: "a", value: "x" })
        .put(0, "a", "2", revision)
        .get(2, "a", revision, kv("2", revision, 3, 4));
    assert.deepEqual([kinds([counted(7)], 5), kinds([counted(8)], 5)], [["doubled write"], []]);
  });

  it("knows which conditions only a key that is there can meet", () => {
    const gone = (condition: object) =>
      kinds([
        new Script()
          .put(0, "a", "1", 2, { lease: "77" })
          .act(
            1,
            { op: "txn", if: [{ key: "a", ...condition }], then: [{ op: "get", key: "a" }], else: [] },
            { revision: "3", succeeded: true, results: [{ kv: null }] },
          ),
      ]);
    for (const [is, to] of [
      [">", "0"],
      ["!=", "0"],
      ["=", "1"],
    ]) {
      assert.deepEqual(gone({ target: "version", is, to }), ["missing key"], `${is} ${to}`);
    }
    for (const [is, to] of [
      ["<", "5"],
      ["!=", "5"],
      ["=", "0"],
    ]) {
      assert.deepEqual(gone({ target: "version", is, to }), [], `${is} ${to}`);
    }
  });

  it("compares a version with what it is, and not with the one beside it", () => {
    const met = (is: string, to: string) => {
      const condition = { key: "a", target: "version", is, to };
      const txn = { op: "txn", if: [condition], then: [], else: [] };
      return kinds([new Script().put(0, "a", "1", 2).act(1, txn, { revision: "2", succeeded: true, results: [] })]);
    };
    for (const [is, wrong, right] of [
      ["<", "1", "2"],
      [">", "1", "0"],
      ["=", "2", "1"],
      ["!=", "1", "2"],
    ] as const) {
      assert.deepEqual([met(is, wrong), met(is, right)], [["wrong transaction branch"], []], is);
    }
  });

  it("says one thing of a key, and no more: all that follows would be the same", () => {
    const lost = new Script()
      .put(0, "a", "1", 2)
      .put(0, "a", "2", 3)
      .get(1, "a", 3, kv("1", 2, 2, 1));
    assert.deepEqual(kinds([lost.watch(9, "a", 5).seen(9, 5, [deleteEvent("a", 5)])]), ["lost write"]);
  });

  it("compares times of one machine's clock only", () => {
    const late = () => new Script().at(60_000_000);
    const grant = { op: "grant", ttl: 5 };
    const leased = (script: Script) => {
      return script.act(0, grant, { lease: "77", ttl: 5 }).put(0, "a", "1", 2, { lease: "77" });
    };
    const puts = () => new Script().put(0, "a", "1", 2).put(0, "a", "2", 3);
    const read = (script: Script) => script.get(1, "a", 2, kv("1", 2, 2, 1));
    const gone = (script: Script) => script.get(1, "a", 3, null);
    const lost = (script: Script) => script.lost(0, { op: "put", key: "a", value: "1" });
    const watched = (script: Script) =>
      script.watch(9, "a", 2).seen(9, 3, [{ ...putEvent("a", "1", 2, 2, 1), lease: "77" }, deleteEvent("a", 3)]);
    const sound: Record<string, Script[]> = {
      "a read of an older state": [puts(), read(late())],
      "a read of what began later": [read(new Script()), lost(late())],
      "a key that is gone before its lease ends": [leased(late()), gone(new Script())],
      "a watch that sees so": [leased(late()), watched(new Script())],
    };
    for (const [name, machines] of Object.entries(sound)) {
      const { violations } = check(historyOfMachines(machines.map(({ lines }) => lines)));
      assert.deepEqual(violations, [], name);
    }
    // The same by one clock.
    assert.deepEqual(kinds([read(puts())]), ["stale read"]);
    assert.deepEqual(kinds([lost(read(new Script())), new Script().get(0, "b", 2, null)]), ["value from nowhere"]);
    assert.deepEqual(kinds([gone(leased(late())), new Script().get(0, "b", 3, null)]), ["early expiry"]);
    assert.deepEqual(kinds([watched(leased(late())), new Script().get(0, "b", 3, null)]), ["early expiry"]);
    // The first to be told can't compare its time with the lease's.
    assert.deepEqual(kinds([gone(new Script()), gone(leased(late()))]), ["missing key"]);
    const twice = (script: Script) => script.get(1, "a", 2, kv("1", 2, 2, 1)).get(1, "a", 4, kv("1", 4, 2, 3));
    assert.deepEqual(kinds([twice(new Script()), lost(late())]), ["doubled write"]);
    // Each of the machines keeps the lease alive as long as its own clock says.
    const renewed = (script = new Script()) => script.act(3, { op: "keepalive", lease: "77" }, { ttl: 5 });
    assert.deepEqual(kinds([renewed(late()), gone(leased(new Script()))]), ["early expiry"]);
    assert.deepEqual(kinds([gone(renewed()), gone(leased(new Script()).wait(5))]), ["early expiry"]);
    assert.deepEqual(kinds([gone(leased(new Script()).wait(5)), gone(renewed().wait(5))]), []);
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
