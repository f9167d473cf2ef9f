import assert from "node:assert/strict";
import type { Member } from "../../../member/gateway.ts";
import { turnToJoinMs } from "../../../member/joining.ts";
import { decideStop, successor, turnToLeaveMs, type Candidate } from "../../../member/stopping.ts";

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

describe("members that come or go together make their changes in turn", () => {
  const listed = [0, 1, 2, 3, 4].map((each) => candidate(each, 1n).member);
  const turn = (ordinal: number): number =>
    turnToLeaveMs({ clusterName: "etcd", peerService: "etcd", scheme: "http", ordinal }, listed);
  it("the highest leaves first", () => {
    assert.equal(turn(4), 0);
    assert(turn(3) > 0 && turn(2) > turn(3));
  });
  it("the lowest joins first, and one in the middle that comes back waits for nobody", () => {
    assert.equal(turnToJoinMs(3, 3), 0);
    assert(turnToJoinMs(4, 3) > 0);
    assert.equal(turnToJoinMs(1, 3), 0);
  });
});
