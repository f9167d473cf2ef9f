import assert from "node:assert/strict";
import { parseWalHead, UnreadableWal } from "../../../member/wal.ts";

/** The first 96 bytes of a WAL segment that etcd 3.6.14 wrote; its own status call gave the two IDs below, in decimal. */
const HEAD = Buffer.from(
  "040000000000008408041000000000002000000000000000080110a4f78bc30b" +
    "1a1608dac1e9a8d8a1a5cad10110afcebb80adaefa92f2010e00000000000082" +
    "080510bb8bbefc0e1a0408001000000074000000000000840802109aa88c9b0a",
  "hex",
);
const MEMBER_ID = 15101859335780327642n.toString(16);
const CLUSTER_ID = 17448609010643035951n.toString(16);

describe("the head of a WAL segment", () => {
  it("names the member and the cluster, exactly, beyond 2^53", () => {
    assert.deepEqual(parseWalHead(HEAD, "0.wal"), { memberId: MEMBER_ID, clusterId: CLUSTER_ID });
  });
  it("is not believed where it is cut off", () => {
    for (let length = 0; length < 48; length++) {
      assert.throws(() => parseWalHead(HEAD.subarray(0, length), "0.wal"), UnreadableWal, `${length} bytes`);
    }
  });
  it("is not believed where it is zeroes", () => {
    assert.throws(() => parseWalHead(Buffer.alloc(96), "0.wal"), UnreadableWal);
  });
});
