import assert from "node:assert/strict";
import { age, statusTable } from "../../../local/cluster/status-table.ts";

const now = new Date("2026-01-02T03:04:05Z");
const before = (seconds: number): Date => new Date(now.getTime() - seconds * 1000);

describe("the local cluster's status", () => {
  it("tells ages in the two largest units", () => {
    const ages = [0, 59, 61, 3600, 90_061, -5].map((seconds) => age(before(seconds), now));
    assert.deepEqual(ages, ["0 s", "59 s", "1 min 1 s", "1 h 0 min", "1 d 1 h", "0 s"]);
  });

  it("has a line for each component, running or not", () => {
    const table = statusTable(
      [
        { name: "etcd", pid: 4711, healthy: true, state: "running", since: before(61) },
        { name: "kubelet", pid: undefined, healthy: false, state: "not started", since: undefined },
      ],
      now,
    );
    assert.match(table, /etcd +│ 4711 +│ 1 min 1 s +│ .*running/);
    assert.match(table, /kubelet +│ +│ +│ .*not started/);
  });
});
