import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { longestGap, missingFrom, presentOf, recordedPuts } from "../../e2e/writer/recording.ts";

const lines = [
  { history: 1, id: "x", process: "p", clock: "c", wall: "2026-01-01T00:00:01Z", t: 500_000 },
  { t: 1_000, p: 0, op: "put", member: "etcd-0", key: "a", value: "1" },
  { t: 2_000, p: 1, op: "put", member: "etcd-1", key: "b", value: "2" },
  { t: 3_000, p: 0, ok: { revision: "7" } },
  { t: 3_500, p: 0, op: "get", member: "etcd-0", key: "a" },
  { t: 4_000, p: 1, unknown: "4 DEADLINE_EXCEEDED" },
  { t: 4_500, p: 0, ok: { revision: "7", kv: null } },
  { t: 5_000, p: 0, op: "put", member: "etcd-0", key: "c", value: "3" },
  { t: 53_000, p: 0, ok: { revision: "9" } },
];

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function dump(...stored: [key: string, value: string, mod: number][]): string {
  return JSON.stringify({
    kvs: stored.map(([key, value, mod]) => ({ key: base64(key), value: base64(value), mod_revision: mod })),
  });
}

describe("a recording of writes", () => {
  const folder = mkdtempSync(join(tmpdir(), "recording-"));
  const file = join(folder, "history.jsonl");
  writeFileSync(file, lines.map((line) => JSON.stringify(line)).join("\n") + "\n");
  const { writes, begunMs, zeroMs } = recordedPuts(file);
  after(() => rmSync(folder, { recursive: true }));

  it("has the acknowledged puts, and neither reads nor what is unknown", () => {
    assert.deepEqual(writes, [
      { key: "a", value: "1", revision: "7", atMs: 3 },
      { key: "c", value: "3", revision: "9", atMs: 53 },
    ]);
  });
  it("tells when each put was begun, and what its clock's zero was on the wall", () => {
    assert.deepEqual(begunMs, [1, 2, 5]);
    assert.equal(new Date(zeroMs).toISOString(), "2026-01-01T00:00:00.500Z");
  });
  it("tells the longest time without an acknowledged one, and for how long of it the writer began none either", () => {
    assert.deepEqual(longestGap({ writes, begunMs }, 0, 53), { fromMs: 3, toMs: 53, idleMs: 48 });
    const writing = { writes, begunMs: [...begunMs, 15, 25, 45] };
    assert.deepEqual(longestGap(writing, 0, 53), { fromMs: 3, toMs: 53, idleMs: 20 });
  });
  it("counts the whole of a gap that was there already when it begins to look, and one that has not ended", () => {
    const { fromMs, toMs } = longestGap({ writes, begunMs }, 20, 60);
    assert.deepEqual([fromMs, toMs], [3, 53]);
    assert.deepEqual(longestGap({ writes, begunMs }, 54, 80), { fromMs: 53, toMs: 80, idleMs: 27 });
  });
  it("misses nothing in a store that holds them, with whatever else", () => {
    assert.deepEqual(missingFrom(dump(["a", "1", 7], ["b", "2", 8], ["c", "3", 9]), writes), []);
  });
  it("names what was given up and is there again", () => {
    assert.deepEqual(presentOf(dump(["b", "2", 8]), writes), []);
    assert.deepEqual(presentOf(dump(["c", "0", 12]), writes), ["c (acknowledged with revision 9) is there again"]);
  });
  it("names what a store has lost, holds otherwise, or was written twice", () => {
    assert.match(missingFrom(dump(["a", "1", 7]), writes).join(), /^c .*missing$/);
    assert.match(missingFrom(dump(["a", "1", 7], ["c", "0", 9]), writes).join(), /^c is "0"/);
    assert.match(missingFrom(dump(["a", "1", 8], ["c", "3", 9]), writes).join(), /^a is .* of revision 8/);
    assert.equal(missingFrom("{}", writes).length, 2);
  });
});
