import { type ViolationKind } from "../../../../workload/checker/violation.ts";
import { type LineObject } from "./simulate.ts";

/** Lines of one client after the other, at times that do not overlap unless told so. */
export class Script {
  readonly lines: LineObject[] = [];
  #t = 0;

  begin(p: number, action: LineObject): this {
    this.lines.push({ t: ++this.#t, p, member: "m0", ...action });
    return this;
  }

  ok(p: number, answer: LineObject): this {
    this.lines.push({ t: ++this.#t, p, ok: answer });
    return this;
  }

  failed(p: number): this {
    this.lines.push({ t: ++this.#t, p, failed: "3 INVALID_ARGUMENT: refused" });
    return this;
  }

  unknown(p: number): this {
    this.lines.push({ t: ++this.#t, p, unknown: "4 DEADLINE_EXCEEDED: too late" });
    return this;
  }

  wait(seconds: number): this {
    this.#t += seconds * 1_000_000;
    return this;
  }

  put(p: number, key: string, value: string, revision: number, more: LineObject = {}): this {
    return this.begin(p, { op: "put", key, value, ...more }).ok(p, { revision: String(revision) });
  }

  get(p: number, key: string, revision: number, kv: LineObject | null, more: LineObject = {}): this {
    return this.begin(p, { op: "get", key, ...more }).ok(p, { revision: String(revision), kv });
  }

  /** Of all keys from a up to but not including c. */
  range(p: number, revision: number, kvs: readonly LineObject[], more: LineObject = {}): this {
    const asked = { op: "range", key: "a", end: "c", ...more };
    return this.begin(p, asked).ok(p, { revision: String(revision), kvs, count: kvs.length });
  }

  watch(p: number, key: string, from: number, end?: string): this {
    return this.begin(p, { op: "watch", key, from: String(from), ...(end === undefined ? {} : { end }) });
  }

  seen(p: number, revision: number, events: readonly LineObject[]): this {
    this.lines.push({ t: ++this.#t, p, seen: { revision: String(revision), events } });
    return this;
  }
}

export function kv(value: string, mod: number, create: number, version: number, more: LineObject = {}): LineObject {
  return { value, mod: String(mod), create: String(create), version: String(version), ...more };
}

/** A key as a range shows it that was written once. */
function at(key: string, value: string, mod: number): LineObject {
  return { key, ...kv(value, mod, mod, 1) };
}

export function putEvent(key: string, value: string, mod: number, create: number, version: number): LineObject {
  return { type: "put", key, ...kv(value, mod, create, version) };
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
const valueOfA = (to: string) => ({ key: "a", target: "value", is: "=", to });
const bothPut = { succeeded: true, results: [{ put: true }, { put: true }] };
const deleteEvent = (key: string, mod: number): LineObject => ({ type: "delete", key, mod: String(mod) });

/** For every kind of violation, histories small enough to be read that have it, and what they are called by. */
export const planted: readonly { readonly kind: ViolationKind; readonly name: string; readonly lines: LineObject[] }[] =
  [
    {
      kind: "lost write",
      name: "a read shows the value before an acknowledged put",
      lines: new Script()
        .put(0, "a", "1", 2)
        .put(0, "a", "2", 3)
        .get(1, "a", 3, kv("1", 2, 2, 1)).lines,
    },
    {
      kind: "lost write",
      name: "the version counts one put too few",
      lines: new Script()
        .put(0, "a", "1", 2)
        .put(0, "a", "2", 3)
        .put(0, "a", "3", 4)
        .get(1, "a", 4, kv("3", 4, 2, 2)).lines,
    },
    {
      kind: "lost write",
      name: "the version does not count the put that created the key anew",
      lines: new Script()
        .put(0, "a", "1", 2)
        .begin(1, { op: "delete", key: "a" })
        .unknown(1)
        .begin(2, { op: "put", key: "a", value: "2" })
        .unknown(2)
        .put(0, "a", "3", 5)
        .get(3, "a", 5, kv("3", 5, 4, 1)).lines,
    },
    {
      kind: "lost write",
      name: "a removed key is there again",
      lines: new Script()
        .put(0, "a", "1", 2)
        .begin(0, { op: "delete", key: "a" })
        .ok(0, { revision: "3", deleted: 1 })
        .get(1, "a", 3, kv("1", 2, 2, 1)).lines,
    },
    {
      kind: "missing key",
      name: "a read finds nothing after an acknowledged put",
      lines: new Script().put(0, "a", "1", 2).get(1, "a", 2, null).lines,
    },
    {
      kind: "missing key",
      name: "a key whose lease may have run out is there and not there at one revision",
      lines: new Script()
        .put(0, "a", "1", 2, { lease: "77" })
        .get(1, "a", 3, kv("1", 2, 2, 1, { lease: "77" }))
        .get(2, "a", 3, null).lines,
    },
    {
      kind: "missing key",
      name: "a transaction does not find the key its condition was about",
      lines: new Script()
        .put(0, "a", "1", 2, { lease: "77" })
        .begin(1, { op: "txn", if: [valueOfA("1")], then: [{ op: "get", key: "a" }], else: [] })
        .ok(1, { revision: "3", succeeded: true, results: [{ kv: null }] }).lines,
    },
    {
      kind: "missing key",
      name: "a range leaves out a key",
      lines: new Script()
        .put(0, "a", "1", 2)
        .put(0, "b", "2", 3)
        .begin(1, { op: "range", key: "a", end: "c" })
        .ok(1, { revision: "3", kvs: [{ key: "a", ...kv("1", 2, 2, 1) }], count: 1 }).lines,
    },
    {
      kind: "missing key",
      name: "a key is created a second time without having been removed",
      lines: new Script()
        .put(0, "a", "1", 2)
        .put(0, "a", "2", 3)
        .get(1, "a", 3, kv("2", 3, 3, 1)).lines,
    },
    {
      kind: "missing key",
      name: "a key is said to be created by a put that found it there",
      lines: new Script()
        .put(0, "a", "1", 2)
        .put(0, "a", "2", 3)
        .get(1, "a", 3, kv("2", 3, 2, 2))
        .put(0, "a", "3", 4)
        .get(1, "a", 4, kv("3", 4, 3, 2)).lines,
    },
    {
      kind: "missing key",
      name: "a key is said to be created after it was written",
      lines: new Script().put(0, "a", "1", 2).get(1, "a", 3, kv("1", 2, 3, 1)).lines,
    },
    {
      kind: "missing key",
      name: "a delete finds nothing to remove",
      lines: new Script().put(0, "a", "1", 2).begin(1, { op: "delete", key: "a" }).ok(1, { revision: "2", deleted: 0 })
        .lines,
    },
    {
      kind: "doubled write",
      name: "an acknowledged value comes back at a later revision",
      lines: new Script()
        .put(0, "a", "1", 2)
        .put(0, "a", "2", 3)
        .get(1, "a", 4, kv("1", 4, 2, 3)).lines,
    },
    {
      kind: "doubled write",
      name: "the version counts one put too many",
      lines: new Script()
        .put(0, "a", "1", 2)
        .put(0, "a", "2", 4)
        .get(1, "a", 4, kv("2", 4, 2, 3)).lines,
    },
    {
      kind: "doubled write",
      name: "a write of unknown outcome is seen at two revisions",
      lines: new Script()
        .begin(0, { op: "put", key: "a", value: "1" })
        .unknown(0)
        .get(1, "a", 2, kv("1", 2, 2, 1))
        .put(1, "a", "2", 3)
        .get(1, "a", 4, kv("1", 4, 2, 3)).lines,
    },
    {
      kind: "stale read",
      name: "a linearizable read answers from before a completed put",
      lines: new Script()
        .put(0, "a", "1", 2)
        .put(0, "a", "2", 3)
        .get(1, "a", 2, kv("1", 2, 2, 1)).lines,
    },
    {
      kind: "stale read",
      name: "a linearizable read answers from before what another client read",
      lines: new Script()
        .put(0, "a", "1", 2)
        .begin(0, { op: "put", key: "a", value: "2" })
        .get(1, "a", 3, kv("2", 3, 2, 2))
        .get(2, "a", 2, kv("1", 2, 2, 1))
        .ok(0, { revision: "3" }).lines,
    },
    {
      kind: "value from nowhere",
      name: "a read shows what nobody wrote",
      lines: new Script().put(0, "a", "1", 2).get(1, "a", 3, kv("x", 3, 2, 2)).lines,
    },
    {
      kind: "value from nowhere",
      name: "a read shows a value before its write began",
      lines: new Script()
        .put(0, "a", "1", 2)
        .get(1, "a", 3, kv("2", 3, 2, 2))
        .begin(0, { op: "put", key: "a", value: "2" })
        .unknown(0).lines,
    },
    {
      kind: "failed write seen",
      name: "a refused put is read",
      lines: new Script()
        .begin(0, { op: "put", key: "a", value: "1" })
        .failed(0)
        .get(1, "a", 2, kv("1", 2, 2, 1)).lines,
    },
    {
      kind: "wrong value",
      name: "the revision of one put shows another value",
      lines: new Script().put(0, "a", "1", 2).get(1, "a", 2, kv("x", 2, 2, 1)).lines,
    },
    {
      kind: "wrong value",
      name: "a key has a lease nobody gave it",
      lines: new Script().put(0, "a", "1", 2).get(1, "a", 2, kv("1", 2, 2, 1, { lease: "77" })).lines,
    },
    {
      kind: "half-applied transaction",
      name: "one of two keys has the transaction's value",
      lines: new Script()
        .put(0, "a", "a1", 2)
        .put(0, "b", "b1", 3)
        .begin(0, twoPuts)
        .ok(0, { revision: "4", ...bothPut })
        .get(1, "a", 4, kv("a2", 4, 2, 2))
        .get(1, "b", 4, kv("b1", 3, 3, 1)).lines,
    },
    {
      kind: "half-applied transaction",
      name: "the same, with a transaction of unknown outcome",
      lines: new Script()
        .put(0, "b", "b1", 2)
        .begin(0, twoPuts)
        .unknown(0)
        .get(1, "a", 3, kv("a2", 3, 3, 1))
        .get(1, "b", 3, kv("b1", 2, 2, 1)).lines,
    },
    {
      kind: "wrong transaction branch",
      name: "a compare-and-set succeeds on a value that is gone",
      lines: new Script()
        .put(0, "a", "1", 2)
        .put(0, "a", "2", 3)
        .begin(1, { ...twoPuts, if: [{ key: "a", target: "value", is: "=", to: "1" }] })
        .ok(1, { revision: "4", ...bothPut }).lines,
    },
    {
      kind: "wrong transaction branch",
      name: "a condition on the revision is not met although it holds",
      lines: new Script()
        .put(0, "a", "1", 2)
        .begin(1, { ...twoPuts, if: [{ key: "a", target: "mod", is: "=", to: "2" }] })
        .ok(1, { revision: "2", succeeded: false, results: [] }).lines,
    },
    {
      kind: "wrong delete",
      name: "a delete says it removed a key that is not there",
      lines: new Script().put(0, "a", "1", 2).begin(1, { op: "delete", key: "b" }).ok(1, { revision: "3", deleted: 1 })
        .lines,
    },
    {
      kind: "wrong delete",
      name: "a delete of a range says it removed fewer keys than there were",
      lines: new Script()
        .put(0, "a", "1", 2)
        .put(0, "b", "2", 3)
        .begin(1, { op: "delete", key: "a", end: "c" })
        .ok(1, { revision: "4", deleted: 1 }).lines,
    },
    {
      kind: "wrong count",
      name: "a count is one too low",
      lines: new Script()
        .put(0, "a", "1", 2)
        .put(0, "b", "2", 3)
        .begin(1, { op: "range", key: "a", end: "c", countOnly: true })
        .ok(1, { revision: "3", kvs: [], count: 1 }).lines,
    },
    {
      kind: "wrong range",
      name: "a key comes twice in the place of another",
      lines: new Script()
        .put(0, "a", "1", 2)
        .put(0, "b", "2", 3)
        .range(1, 3, [at("a", "1", 2), at("a", "1", 2)]).lines,
    },
    {
      kind: "wrong range",
      name: "keys are out of order",
      lines: new Script()
        .put(0, "a", "1", 2)
        .put(0, "b", "2", 3)
        .range(1, 3, [at("b", "2", 3), at("a", "1", 2)]).lines,
    },
    {
      kind: "wrong range",
      name: "a key nobody asked for",
      lines: new Script().put(0, "x", "1", 2).range(1, 2, [at("x", "1", 2)]).lines,
    },
    {
      kind: "wrong range",
      name: "more keys than the limit",
      lines: new Script()
        .put(0, "a", "1", 2)
        .put(0, "b", "2", 3)
        .range(1, 3, [at("a", "1", 2), at("b", "2", 3)], { limit: 1 }).lines,
    },
    {
      kind: "wrong range",
      name: "fewer keys than the limit, although it counts more",
      lines: new Script()
        .put(0, "a", "1", 2)
        .put(0, "b", "2", 3)
        .begin(1, { op: "range", key: "a", end: "c", limit: 2 })
        .ok(1, { revision: "3", kvs: [at("a", "1", 2)], count: 2 }).lines,
    },
    {
      kind: "wrong transaction branch",
      name: "a transaction without a condition does what it does otherwise",
      lines: new Script().begin(0, twoPuts).ok(0, { revision: "1", succeeded: false, results: [] }).lines,
    },
    {
      kind: "shared revision",
      name: "two puts are acknowledged at one revision",
      lines: new Script().begin(0, { op: "put", key: "a", value: "1" }).put(1, "b", "2", 2).ok(0, { revision: "2" })
        .lines,
    },
    {
      kind: "write out of order",
      name: "a later put gets an earlier revision",
      lines: new Script().put(0, "a", "1", 3).put(1, "b", "2", 2).lines,
    },
    {
      kind: "write out of order",
      name: "a value is read before its acknowledged put began",
      lines: new Script().get(1, "a", 2, kv("1", 2, 2, 1)).put(0, "a", "1", 2).lines,
    },
    {
      kind: "read went back",
      name: "serializable reads of one client from one member",
      lines: new Script()
        .put(0, "a", "1", 2)
        .put(0, "a", "2", 3)
        .get(1, "a", 3, kv("2", 3, 2, 2), { serializable: true })
        .get(1, "a", 2, kv("1", 2, 2, 1), { serializable: true }).lines,
    },
    {
      kind: "read went back",
      name: "a serializable read does not see the client's own put through that member",
      lines: new Script().put(0, "a", "1", 2).get(0, "a", 1, null, { serializable: true }).lines,
    },
    {
      kind: "watch out of order",
      name: "an older event after a newer one",
      lines: new Script()
        .watch(9, "a", 2)
        .put(0, "a", "1", 2)
        .put(0, "a", "2", 3)
        .seen(9, 3, [putEvent("a", "2", 3, 2, 2), putEvent("a", "1", 2, 2, 1)]).lines,
    },
    {
      kind: "watch out of order",
      name: "an event from before the revision asked for",
      lines: new Script()
        .put(0, "a", "1", 2)
        .watch(9, "a", 3)
        .seen(9, 2, [putEvent("a", "1", 2, 2, 1)]).lines,
    },
    {
      kind: "watch gap",
      name: "an event in between is left out",
      lines: new Script()
        .watch(9, "a", 2)
        .put(0, "a", "1", 2)
        .put(0, "a", "2", 3)
        .put(0, "a", "3", 4)
        .seen(9, 4, [putEvent("a", "1", 2, 2, 1), putEvent("a", "3", 4, 2, 3)]).lines,
    },
    {
      kind: "watch gap",
      name: "progress is told past an event that never came",
      lines: new Script().watch(9, "a", 2).put(0, "a", "1", 2).seen(9, 2, []).lines,
    },
    {
      kind: "watch duplicate",
      name: "an event comes twice",
      lines: new Script()
        .watch(9, "a", 2)
        .put(0, "a", "1", 2)
        .seen(9, 2, [putEvent("a", "1", 2, 2, 1)])
        .seen(9, 2, [putEvent("a", "1", 2, 2, 1)]).lines,
    },
    {
      kind: "watch event from nowhere",
      name: "a put nobody did",
      lines: new Script()
        .watch(9, "a", 2)
        .put(0, "a", "1", 2)
        .seen(9, 3, [putEvent("a", "x", 3, 2, 2)]).lines,
    },
    {
      kind: "watch event from nowhere",
      name: "a removal nobody did",
      lines: new Script()
        .watch(9, "a", 2)
        .put(0, "a", "1", 2)
        .seen(9, 3, [putEvent("a", "1", 2, 2, 1), deleteEvent("a", 3)]).lines,
    },
    {
      kind: "watch event from nowhere",
      name: "a key nobody asked for",
      lines: new Script()
        .watch(9, "a", 2)
        .put(0, "b", "1", 2)
        .seen(9, 2, [putEvent("b", "1", 2, 2, 1)]).lines,
    },
    {
      kind: "watches disagree",
      name: "one delivers a write of unknown outcome, the other passes over it",
      lines: new Script()
        .watch(8, "a", 2)
        .watch(9, "a", 2)
        .begin(0, { op: "put", key: "a", value: "1" })
        .unknown(0)
        .put(1, "b", "2", 3)
        .seen(8, 3, [putEvent("a", "1", 2, 2, 1)])
        .seen(9, 3, []).lines,
    },
    {
      kind: "early expiry",
      name: "a key is gone before its renewed lease could run out",
      lines: new Script()
        .begin(0, { op: "grant", ttl: 5 })
        .ok(0, { lease: "77", ttl: 5 })
        .put(0, "a", "1", 2, { lease: "77" })
        .wait(4)
        .begin(0, { op: "keepalive", lease: "77" })
        .ok(0, { ttl: 5 })
        .wait(4)
        .get(1, "a", 3, null).lines,
    },
    {
      kind: "early expiry",
      name: "a watch sees it",
      lines: new Script()
        .watch(9, "a", 2)
        .begin(0, { op: "grant", ttl: 5 })
        .ok(0, { lease: "77", ttl: 5 })
        .put(0, "a", "1", 2, { lease: "77" })
        .seen(9, 3, [{ ...putEvent("a", "1", 2, 2, 1), lease: "77" }, deleteEvent("a", 3)]).lines,
    },
  ];
