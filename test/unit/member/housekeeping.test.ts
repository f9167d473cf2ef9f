import assert from "node:assert/strict";
import type { Member } from "../../../member/gateway.ts";
import { departedOrdinals } from "../../../member/housekeeping.ts";

const naming = { clusterName: "etcd", peerService: "etcd", scheme: "http" as const };

function member(ordinal: number): Member {
  return {
    id: `a${ordinal}`,
    name: "",
    peerUrls: [`http://etcd-${ordinal}.etcd:2380`],
    clientUrls: [],
    isLearner: false,
  };
}

describe("departed ordinals", () => {
  const five = [0, 1, 2, 3, 4].map(member);

  it("are those beyond the replicas, the highest first, with the members they left", () => {
    const listed = departedOrdinals(naming, five, 3).filter((one) => one.member !== undefined);
    assert.deepEqual(
      listed.map(({ ordinal, member }) => [ordinal, member?.id]),
      [
        [4, "a4"],
        [3, "a3"],
      ],
    );
  });
  it("are none while hibernating, or while nobody can say how many replicas there are", () => {
    assert.deepEqual(departedOrdinals(naming, five, 0), []);
    assert.deepEqual(departedOrdinals(naming, five, undefined), []);
  });
  it("never include a declared one", () => {
    for (let replicas = 1; replicas <= 9; replicas++) {
      assert(departedOrdinals(naming, five, replicas).every(({ ordinal }) => ordinal >= replicas));
    }
  });
});
