import assert from "node:assert/strict";
import type { Member } from "../../../member/gateway.ts";
import { decideStop, successor, type Candidate } from "../../../member/stopping.ts";

function candidate(ordinal: number, appliedIndex: bigint): Candidate {
  const member: Member = { id: `${ordinal}`, name: `etcd-${ordinal}`, peerUrls: [], clientUrls: [], isLearner: false };
  return { member, appliedIndex };
}

const ordinal = (member: Member): number => Number(member.id);

describe("the successor of a leader that stops", () => {
  it("is the most up-to-date voter", () => {
    assert.equal(successor([candidate(0, 10n), candidate(2, 12n)], ordinal)?.id, "2");
  });
  it("is, of equals, the one with the lowest ordinal, which stays longest", () => {
    assert.equal(successor([candidate(4, 12n), candidate(1, 12n), candidate(3, 12n)], ordinal)?.id, "1");
  });
  it("is nobody where nobody answers", () => {
    assert.equal(successor([], ordinal), undefined);
  });
  it("is found by index as a number, not as text", () => {
    assert.equal(successor([candidate(0, 9n), candidate(1, 10n)], ordinal)?.id, "1");
  });
});

describe("a member that is told to stop", () => {
  const cases: [number, number | undefined, string][] = [
    [3, 3, "leave"],
    [4, 3, "leave"],
    [1, 1, "leave"],
    [2, 3, "return"],
    [0, 1, "return"],
    // Hibernation, a StatefulSet that is gone, an API server that is away
    [0, 0, "return"],
    [2, 0, "return"],
    [2, undefined, "return"],
  ];
  for (const [ordinal, replicas, kind] of cases) {
    it(`ordinal ${ordinal}, ${replicas ?? "nobody says how many"} replicas → ${kind}`, () => {
      assert.equal(decideStop(ordinal, replicas).kind, kind);
    });
  }
});
