import assert from "node:assert/strict";
import { HIGHEST_ORDINAL } from "../../../member/settings.ts";
import type { Member } from "../../../member/gateway.ts";
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

describe("a member that is told to stop, at every ordinal and every number of replicas", () => {
  const ordinals = Array.from({ length: HIGHEST_ORDINAL + 1 }, (_, ordinal) => ordinal);
  const declared = [...ordinals, HIGHEST_ORDINAL + 1];

  it("leaves where it is beyond the replicas, and says how many there are", () => {
    for (const ordinal of ordinals)
      for (const replicas of declared.filter((each) => each > 0 && each <= ordinal))
        assert.deepEqual(decideStop(ordinal, replicas), { kind: "leave", replicas });
  });
  it("comes back where it is declared", () => {
    for (const ordinal of ordinals)
      for (const replicas of declared.filter((each) => each > ordinal))
        assert.deepEqual(decideStop(ordinal, replicas), { kind: "return" });
  });
  it("comes back from hibernation", () => {
    for (const ordinal of ordinals) assert.deepEqual(decideStop(ordinal, 0), { kind: "return" });
  });
  it("does not leave on a guess: the StatefulSet is gone or going, or nobody can say", () => {
    for (const ordinal of ordinals) assert.deepEqual(decideStop(ordinal, undefined), { kind: "return" });
  });
});

describe("members that go together make their changes in turn", () => {
  const listed = [0, 1, 2, 3, 4].map((each) => candidate(each, 1n).member);
  const turn = (ordinal: number): number =>
    turnToLeaveMs({ clusterName: "etcd", peerService: "etcd", scheme: "http", ordinal }, listed);
  it("the highest leaves first", () => {
    assert.equal(turn(4), 0);
    assert(turn(3) > 0 && turn(2) > turn(3));
  });
});
