import assert from "node:assert/strict";
import { GrpcError } from "../../../workload/grpc/status.ts";
import { callError, outcomeOfError } from "../../../workload/etcd/outcome.ts";

/** An error as the channel throws it, from the text it has. */
function thrown(text: string): Error {
  const [, code, , rest] = /^(\d+) ([A-Z_]+): (.*)$/.exec(text) ?? [];
  return code === undefined ? new Error(text) : new GrpcError(Number(code), rest ?? "");
}

const afterWrite = (text: string) => outcomeOfError(callError(thrown(text)), "writes").kind;

describe("outcome of a call that ended in an error", () => {
  const failed = [
    "14 UNAVAILABLE: No connection established. Last error: connect ECONNREFUSED 127.0.0.1:1",
    "14 UNAVAILABLE: No connection established: getaddrinfo ENOTFOUND etcd-7.etcd",
    "14 UNAVAILABLE: The request was never processed: the server refused its stream",
    "14 UNAVAILABLE: etcdserver: rpc not supported for learner",
    "8 RESOURCE_EXHAUSTED: etcdserver: too many requests",
    "3 INVALID_ARGUMENT: etcdserver: duplicate key given in txn request",
    "9 FAILED_PRECONDITION: etcdserver: user name not found",
    "11 OUT_OF_RANGE: etcdserver: mvcc: required revision has been compacted",
    "7 PERMISSION_DENIED: etcdserver: permission denied",
    "12 UNIMPLEMENTED: unknown method RangeStream",
    "16 UNAUTHENTICATED: etcdserver: invalid auth token",
    "5 NOT_FOUND: etcdserver: requested lease not found",
  ];
  for (const text of failed)
    it(`a write that met "${text}" certainly did nothing`, () => assert.equal(afterWrite(text), "failed"));

  const unknown = [
    "4 DEADLINE_EXCEEDED: Deadline exceeded after 2.001s",
    "1 CANCELLED: Call cancelled",
    "2 UNKNOWN: something",
    "10 ABORTED: something",
    "13 INTERNAL: Received RST_STREAM with code 2",
    "15 DATA_LOSS: etcdserver: corrupt cluster",
    "14 UNAVAILABLE: Connection dropped",
    "14 UNAVAILABLE: read ECONNRESET",
    "14 UNAVAILABLE: etcdserver: request timed out",
    "14 UNAVAILABLE: etcdserver: request timed out, possibly due to previous leader failure",
    "14 UNAVAILABLE: etcdserver: leader changed",
    "14 UNAVAILABLE: etcdserver: server stopped",
    // The write that fills the quota is applied and answered with this.
    "8 RESOURCE_EXHAUSTED: etcdserver: mvcc: database space exceeded",
    "this channel is closed",
  ];
  for (const text of unknown)
    it(`a write that met "${text}" may have happened`, () => assert.equal(afterWrite(text), "unknown"));

  it("a read that ended in any error had no effect", () => {
    for (const text of unknown) assert.equal(outcomeOfError(callError(thrown(text)), "reads").kind, "failed");
  });

  it("keeps the code and the whole text for the record", () => {
    const text = "14 UNAVAILABLE: Connection dropped";
    assert.deepEqual(callError(thrown(text)), { code: 14, message: text });
    assert.deepEqual(callError("odd"), { code: -1, message: "odd" });
  });
});
