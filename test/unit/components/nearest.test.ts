import assert from "node:assert/strict";
import fc from "fast-check";
import { editDistance, nearest } from "../../../components/nearest.ts";

describe("the nearest known word", () => {
  it("is found for common slips", () => {
    const known = ["replicas", "namespace", "name", "etcdVersion", "etcdImage"];
    for (const [slip, meant] of [
      ["replica", "replicas"],
      ["repilcas", "replicas"],
      ["Replicas", "replicas"],
      ["etcdversion", "etcdVersion"],
      ["namspace", "namespace"],
    ] as const) {
      assert.equal(nearest(slip, known), meant);
    }
  });

  it("has a distance: none to itself, the same both ways, never more than the longer word", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        assert.equal(editDistance(a, a), 0);
        assert.equal(editDistance(a, b), editDistance(b, a));
        assert.ok(editDistance(a, b) <= Math.max(a.length, b.length));
        assert.ok(a === b || editDistance(a, b) > 0);
      }),
    );
    assert.equal(editDistance("kitten", "sitting"), 3);
  });

  it("does not exist among no words", () => {
    assert.throws(() => nearest("x", []), new RangeError("nearest needs at least one candidate"));
  });
});
