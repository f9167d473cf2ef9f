import assert from "node:assert/strict";
import type { Member } from "../../../member/gateway.ts";
import { successor, type Candidate } from "../../../member/stopping.ts";

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
