import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AcknowledgedLog, acknowledgedHere, lastOfEachKey } from "../../../workload/acknowledged.ts";
import { twoLeaders } from "../../../workload/commands/health.ts";
import { differentHashes } from "../../../workload/commands/nothing-lost.ts";
import { untilTrue } from "../../../workload/etcd/cluster-view.ts";
import { type KeyValueClient } from "../../../workload/generated-traffic.ts";

describe("what test commands judge", () => {
  const says = (member: string, leader: string, term: string) => ({ member, status: { leader, term } });

  it("two leaders in one term, but not in two, nor a member that knows of none or does not answer", () => {
    assert.equal(twoLeaders([says("a", "1", "5"), says("b", "1", "5")]), undefined);
    assert.equal(twoLeaders([says("a", "1", "5"), says("b", "2", "6")]), undefined);
    assert.equal(twoLeaders([says("a", "1", "5"), says("b", "0", "5"), { member: "c", status: undefined }]), undefined);
    assert.equal(
      twoLeaders([says("a", "1", "5"), says("b", "2", "5")]),
      "in term 5 the leader is 1 for a, and 2 for b",
    );
  });

  it("different hashes, and hashes that can't be compared", () => {
    const one = { name: "a", hash: { hash: 7, since: "1" } };
    assert.equal(differentHashes("9", [one, { ...one, name: "b" }]), undefined);
    assert.equal(
      differentHashes("9", [one, { name: "b", hash: { hash: 8, since: "1" } }]),
      "at revision 9 the hash of a 7 (since 1) is not that of b 8 (since 1)",
    );
    assert.match(differentHashes("9", [one, { name: "b", hash: { hash: 7, since: "2" } }]) ?? "", /since 2/);
  });

  it("waits for what is to come true, and says why it did not", async () => {
    let asked = 0;
    assert.equal(await untilTrue(5000, () => Promise.resolve(++asked < 3 ? "not yet" : undefined)), undefined);
    assert.equal(asked, 3);
    assert.equal(await untilTrue(0, () => Promise.resolve("never")), "never");
  });
});

describe("what is remembered of acknowledged writes", () => {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "acknowledged-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const environment = () => ({ WORKLOAD_STATE_DIR: folder });
  const puts = Array.from({ length: 25 }, (_, index) => ({
    key: `k${index}`,
    value: "v",
    revision: String(index + 2),
  }));

  /** A member that keeps what is put, or takes nothing. */
  function member(kept: Map<string, string> | undefined): KeyValueClient {
    return {
      member: "m",
      put(key, value) {
        if (kept === undefined) {
          return Promise.resolve({ kind: "unknown", error: { code: 4, message: "4 DEADLINE_EXCEEDED" } });
        }
        kept.set(key, value);
        return Promise.resolve({ kind: "ok", value: { revision: String(100 + kept.size) } });
      },
      get: () => assert.fail("nothing is read"),
    };
  }

  it("is in the pod's file at once, and ten at a time in the cluster, through a member that takes it", async () => {
    const records = new Map<string, string>();
    const log = new AcknowledgedLog(environment(), [member(undefined), member(records)], "run");
    for (const [index, put] of puts.entries()) {
      await log.add(put);
      const here = acknowledgedHere(environment()).filter(({ key }) => key.startsWith("k"));
      assert.deepEqual(here, puts.slice(0, index + 1));
      assert.equal(records.size, Math.floor((index + 1) / 10));
    }
    await log.flush();
    await log.flush();
    // The first try, which the first member did not answer, has a key of its own: it may come into effect later.
    assert.deepEqual(
      [...records.keys()],
      [1, 2, 3].map((number) => `etcd-on-kubernetes/acknowledged/run/${number}`),
    );
    assert.deepEqual(
      [...records.values()].flatMap((record): unknown => JSON.parse(record)),
      puts,
    );
    // A record is an acknowledged write like any other.
    const here = acknowledgedHere(environment()).filter(({ key }) => !key.startsWith("k"));
    assert.deepEqual(
      here,
      [...records].map(([key, value], index) => ({ key, value, revision: String(101 + index) })),
    );
  });

  it("waits for the next record when no member takes one", async () => {
    const records = new Map<string, string>();
    const members = [member(undefined)];
    const log = new AcknowledgedLog(environment(), members, "run");
    for (const put of puts.slice(0, 11)) await log.add(put);
    members.push(member(records));
    await log.flush();
    assert.deepEqual(
      [...records.values()].flatMap((record): unknown => JSON.parse(record)),
      puts.slice(0, 11),
    );
  });

  it("is nothing at first; a torn last line of the file was never relied on", async () => {
    assert.deepEqual(acknowledgedHere(environment()), []);
    for (const put of puts.slice(0, 2)) await new AcknowledgedLog(environment(), [], "run").add(put);
    appendFileSync(join(folder, "acknowledged.jsonl"), '{"key":"k3","val');
    assert.deepEqual(acknowledgedHere(environment()), puts.slice(0, 2));
  });

  it("is the last write of each key, wherever it is remembered", () => {
    const [old, now] = ["9", "10"].map((revision) => ({ key: "a", value: revision, revision }));
    assert.ok(old && now);
    assert.deepEqual(lastOfEachKey([old], [now]), [now]);
    assert.deepEqual(lastOfEachKey([now], [old]), [now]);
    assert.deepEqual(lastOfEachKey(puts, puts), puts);
  });
});
