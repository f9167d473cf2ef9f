import assert from "node:assert/strict";
import { type Outcome } from "../../../workload/etcd/outcome.ts";
import { type Answers } from "../../../workload/history/format.ts";
import { deviceRandom, recordedRandom, replayedRandom } from "../../../workload/random.ts";
import {
  simulateTraffic,
  validatePuts,
  type Acknowledged,
  type KeyValueClient,
} from "../../../workload/generated-traffic.ts";

const down = { code: 14, message: "14 UNAVAILABLE: Connection dropped" };

/** A store all clients share; `lie` may change what reads answer. */
function cluster(lie: (answer: Answers["get"]) => Outcome<Answers["get"]> = (value) => ({ kind: "ok", value })) {
  const stored = new Map<string, { value: string; revision: string }>();
  const calls: string[] = [];
  let revision = 1;
  const client = (member: string): KeyValueClient => ({
    member,
    put(key, value) {
      calls.push(`put ${member}`);
      revision += 1;
      stored.set(key, { value, revision: String(revision) });
      return Promise.resolve({ kind: "ok", value: { revision: String(revision) } });
    },
    get(key) {
      calls.push(`get ${member}`);
      const found = stored.get(key);
      const kv = found && { value: found.value, create: found.revision, mod: found.revision, version: "1" };
      return Promise.resolve(lie({ revision: String(revision), kv: kv ?? null }));
    },
  });
  return { stored, calls, clients: ["etcd-0", "etcd-1", "etcd-2"].map(client) };
}

const silent = () => undefined;
const forgotten = () => Promise.resolve();
const nowhere = { sometimes: silent, always: silent };

describe("generated traffic", () => {
  const device = deviceRandom();
  after(() => device.close());

  it("over many runs puts 1 to 100 keys and picks every member for both phases", async () => {
    const counts = new Set<number>();
    const phases = new Set<string>();
    for (let run = 0; run < 300; run++) {
      const { clients, calls } = cluster();
      const puts = await simulateTraffic(device, clients, nowhere, silent, forgotten);
      const reads = await validatePuts(device, clients, puts.acknowledged, nowhere, silent);
      assert.equal(reads.asWritten, puts.acknowledged.length);
      counts.add(puts.acknowledged.length);
      for (const call of calls) phases.add(call);
    }
    assert.ok(Math.min(...counts) >= 1 && Math.max(...counts) <= 100 && counts.size > 50, [...counts].join());
    assert.equal(phases.size, 6);
  });

  it("writes keys of 32 letters and digits that share the run's prefix", async () => {
    const { clients, stored } = cluster();
    await simulateTraffic(device, clients, nowhere, silent, forgotten);
    for (const [key, { value }] of stored) {
      assert.match(key, /^[A-Za-z0-9]{32}$/);
      assert.match(value, /^[A-Za-z0-9]{16}$/);
    }
    assert.equal(new Set([...stored.keys()].map((key) => key.slice(0, 16))).size, 1);
  });

  it("hands over each acknowledged put before the next one is sent", async () => {
    const { clients, calls, stored } = cluster();
    const kept: string[] = [];
    const keep = (put: Acknowledged) => {
      kept.push(put.key);
      assert.equal(kept.length, calls.length);
      return Promise.resolve();
    };
    const { acknowledged } = await simulateTraffic(device, clients, nowhere, silent, keep);
    assert.deepEqual(kept, [...stored.keys()]);
    assert.equal(kept.length, acknowledged.length);
  });

  it("repeats keys, values and members from a recorded random stream", async () => {
    const draws: bigint[] = [];
    const one = cluster();
    const said: string[] = [];
    const recorded = recordedRandom(device, (draw) => draws.push(draw));
    await simulateTraffic(recorded, one.clients, nowhere, (line) => said.push(line), forgotten);
    const again: string[] = [];
    await simulateTraffic(replayedRandom(draws), cluster().clients, nowhere, (line) => again.push(line), forgotten);
    assert.deepEqual(again, said);
  });

  const lies: [string, (answer: Answers["get"]) => Answers["get"], RegExp][] = [
    ["a missing key", (answer) => ({ ...answer, kv: null }), /found no such key/],
    [
      "another value",
      (answer) => ({ ...answer, kv: answer.kv && { ...answer.kv, value: "other" } }),
      /found value 'other'/,
    ],
    [
      "another revision",
      (answer) => ({ ...answer, kv: answer.kv && { ...answer.kv, mod: "1" } }),
      /written at revision 1/,
    ],
  ];
  for (const [what, lie, sentence] of lies) {
    it(`calls ${what} a violation`, async () => {
      const { clients } = cluster((value) => ({ kind: "ok", value: lie(value) }));
      const said: string[] = [];
      const puts = await simulateTraffic(device, clients, nowhere, silent, forgotten);
      const reads = await validatePuts(device, clients, puts.acknowledged, nowhere, (line) => said.push(line));
      assert.match(reads.violation ?? "", sentence);
      assert.ok(said.some((line) => line.includes("a key value mismatch! This shouldn't happen.")));
      assert.ok(!said.includes("validation ok!"));
    });
  }

  it("takes failing calls as part of the test, and gives a member up after five in a row", async () => {
    const failing: KeyValueClient = {
      member: "etcd-0",
      put: () => Promise.resolve({ kind: "unknown", error: down }),
      get: () => Promise.resolve({ kind: "failed", error: down }),
    };
    // The draws: 16 for the prefix, one for the member, then one for the number of puts: 100 of them.
    const random = replayedRandom([...Array<bigint>(17).fill(0n), 99n, ...Array<bigint>(1000).fill(7n)]);
    const said: string[] = [];
    const puts = await simulateTraffic(random, [failing], nowhere, (line) => said.push(line), forgotten);
    assert.deepEqual(puts, { member: "etcd-0", acknowledged: [], failed: 0, unknown: 5 });
    assert.ok(said.includes("no more puts through etcd-0 after 5 errors in a row"));
    const acknowledged = Array.from({ length: 9 }, () => ({ key: "k", value: "v", revision: "2" }));
    const reads = await validatePuts(random, [failing], acknowledged, nowhere, silent);
    assert.deepEqual(reads, { member: "etcd-0", asWritten: 0, unread: 9, violation: undefined });
  });
});
