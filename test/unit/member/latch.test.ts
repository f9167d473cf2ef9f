import assert from "node:assert/strict";
import { fromData, newLatch, rewrittenLatch, toData } from "../../../member/latch.ts";

describe("the latch", () => {
  it("names the founders, none of whom has claimed", () => {
    assert.deepEqual(toData(newLatch(3, "t0")), {
      founders: "0,1,2",
      "claim-0": "",
      "claim-1": "",
      "claim-2": "",
      "cluster-id": "",
      token: "t0",
    });
  });

  it("reads back what it wrote", () => {
    const latch = newLatch(5, "t1");
    assert.deepEqual(fromData(toData(latch), "etcd-latch"), latch);
  });

  it("lets nobody found once it was rewritten", () => {
    const claims = [...fromData(toData(rewrittenLatch([2, 0, 1], "abc")), "etcd-latch").claims];
    assert.deepEqual(
      claims.map(([ordinal]) => ordinal),
      [0, 1, 2],
    );
    assert(claims.every(([, claim]) => claim !== ""));
  });

  it("takes a founder whose claim was deleted by hand for one that has claimed", () => {
    const rest = Object.fromEntries(Object.entries(toData(newLatch(3, "t"))).filter(([key]) => key !== "claim-1"));
    assert.notEqual(fromData(rest, "etcd-latch").claims.get(1), "");
  });

  it("refuses a ConfigMap that is no latch", () => {
    assert.throws(() => fromData({ founders: "zero" }, "etcd-latch"), /ConfigMap etcd-latch is not a latch/);
  });
});
