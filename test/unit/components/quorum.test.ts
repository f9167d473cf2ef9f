import assert from "node:assert/strict";
import { maxMembers, ordinals } from "../../../components/names.ts";
import { disruptionBudget, quorum, toleratedFailures } from "../../../components/quorum.ts";

const sizes = ordinals(maxMembers).map((ordinal) => ordinal + 1);

describe("quorum", () => {
  it("is more than half, and no more than it takes", () => {
    for (const members of sizes) {
      assert.ok(quorum(members) > members / 2, `${members}`);
      assert.ok(quorum(members) - 1 <= members / 2, `${members}`);
    }
  });

  it("tolerates no more failures with an even number of members than with one fewer", () => {
    assert.deepEqual(sizes.map(toleratedFailures), [0, 0, 1, 1, 2, 2, 3, 3, 4]);
  });

  it("is what the disruption budget keeps for every number of members, rounded up as Kubernetes does", () => {
    assert.match(disruptionBudget, /^\d+%$/);
    const share = Number(disruptionBudget.slice(0, -1)) / 100;
    for (const members of sizes) assert.equal(Math.ceil(share * members), quorum(members), `${members}`);
  });
});
