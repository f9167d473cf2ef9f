import assert from "node:assert/strict";
import { linesAround } from "../../../bench/gap-trace.ts";

describe("the trace of a write gap", () => {
  const logs = [
    "[pod/etcd-0/etcd] 2026-01-01T00:00:00.900000001Z long before",
    "[pod/etcd-0/etcd] 2026-01-01T00:00:01.400000001Z during",
    "[pod/etcd-0/etcd] 2026-01-01T00:00:01.800000001Z long after",
    "[pod/etcd-3/etcd] 2026-01-01T00:00:01.200000001Z right before",
    "not a line of a log",
    '[pod/etcd-3/etcd] 2026-01-01T00:00:01.400000000Z {"level":"info","ts":"","msg":"established TCP streaming connection"}',
    '[pod/etcd-4/etcd] 2026-01-01T00:00:01.500000000Z {"level":"info","ts":"","msg":"promote member"}',
  ].join("\n");

  it("has what the members said right before, in and right after it, in the order of time", () => {
    const from = Date.parse("2026-01-01T00:00:01.300Z");
    assert.deepEqual(linesAround(logs, from, from + 200), [
      " -100 ms etcd-3 right before",
      "  100 ms etcd-0 during",
      '  200 ms etcd-4 {"level":"info","ts":"","msg":"promote member"}',
    ]);
  });
});
