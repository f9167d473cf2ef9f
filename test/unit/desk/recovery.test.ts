import assert from "node:assert/strict";
import type { ClusterSeen } from "../../../desk/cluster.ts";
import { chooseSurvivor } from "../../../desk/recovery.ts";
import { replaceProblem } from "../../../desk/replace.ts";
import { cluster, down, replicas, row } from "./seen.ts";

/** A member that answers, without a leader, and knows this much to be committed. */
function alone(ordinal: number, raftIndex: number): ReturnType<typeof row> {
  const { status, ...rest } = row(ordinal, { role: "voter", health: "not ready" });
  return { ...rest, status: status === undefined ? undefined : { ...status, leaderId: "", raftIndex } };
}

describe("the survivor of a lost majority", () => {
  it("is the one that knows most to be committed; all others are given up", () => {
    const lost = cluster([alone(0, 20), down(1), down(2), alone(3, 21), down(4)], { quorum: false });
    const chosen = chooseSurvivor(lost);
    assert(typeof chosen !== "string");
    assert.equal(chosen.survivor.name, "etcd-3");
    assert.deepEqual(
      chosen.givenUp.map(({ id }) => id),
      ["a0", "a1", "a2", "a4"],
    );
  });

  it("is never a learner, and of equals the one with the lowest ordinal", () => {
    const learner = { ...alone(0, 30), role: "learner" as const };
    const chosen = chooseSurvivor(cluster([learner, alone(1, 20), alone(2, 20)], { quorum: false }));
    assert(typeof chosen !== "string");
    assert.equal(chosen.survivor.name, "etcd-1");
  });

  it("is not looked for where a quorum answers, where nobody does, or where the cluster hibernates", () => {
    const said = (seen: ClusterSeen): string => {
      const chosen = chooseSurvivor(seen);
      assert(typeof chosen === "string");
      return chosen;
    };
    assert.match(said(cluster([row(0), row(1), down(2)])), /^a quorum answers/);
    assert.match(said(cluster([down(0), down(1), down(2)], { quorum: false })), /^no voter answers/);
    assert.match(said(cluster([], { ...replicas(0), quorum: false })), /^the cluster hibernates/);
  });
});

describe("replacing a member", () => {
  const well = cluster([row(0), row(1), row(2)]);
  const table = [
    ["one of three, all well", well, "etcd-1", undefined],
    ["the one that is down", cluster([row(0), down(1), row(2)]), "etcd-1", undefined],
    ["one that is well while another is down", cluster([row(0), down(1), row(2)]), "etcd-2", /1 of 3 voters running/],
    ["one of two", cluster([row(0), row(1)]), "etcd-1", /change replicas to 3 first/],
    ["the only one", cluster([row(0)]), "etcd-0", /0 of 1 voters running/],
    ["a learner", cluster([row(0), row(1), row(2, { role: "learner" })]), "etcd-2", undefined],
    ["without quorum", cluster([row(0), down(1), down(2)], { quorum: false }), "etcd-1", /lost-majority\.md/],
    ["one that is not declared", well, "etcd-3", /^there is no member etcd-3: it is one of etcd-0, etcd-1, etcd-2$/],
  ] as const;
  for (const [what, seen, name, expected] of table) {
    it(`${what}: ${expected === undefined ? "may be" : "must not be"}`, () => {
      const problem = replaceProblem(seen, name);
      if (expected === undefined) assert.equal(problem, undefined);
      else assert.match(problem ?? "", expected);
    });
  }
});
