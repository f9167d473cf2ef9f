import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AcknowledgedLog, acknowledgedSoFar } from "../../../workload/acknowledged.ts";
import { twoLeaders } from "../../../workload/commands/health.ts";
import { differentHashes } from "../../../workload/commands/nothing-lost.ts";
import { untilTrue } from "../../../workload/etcd/cluster-view.ts";

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

  it("remembers acknowledged writes in a file; a torn last line was never relied on", () => {
    const folder = mkdtempSync(join(tmpdir(), "acknowledged-"));
    const environment = { WORKLOAD_STATE_DIR: folder };
    assert.deepEqual(acknowledgedSoFar(environment), []);
    const puts = [1, 2].map((number) => ({ key: `k${number}`, value: "v", revision: String(number) }));
    for (const put of puts) new AcknowledgedLog(environment).add(put);
    appendFileSync(join(folder, "acknowledged.jsonl"), '{"key":"k3","val');
    assert.deepEqual(acknowledgedSoFar(environment), puts);
    rmSync(folder, { recursive: true });
  });
});
