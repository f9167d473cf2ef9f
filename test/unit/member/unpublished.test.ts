import assert from "node:assert/strict";
import { hasAppliedSnapshot } from "../../../member/unpublished.ts";

const received = 'etcd_network_snapshot_receive_success{From="974cb74f20b4f1f6"} 1';
const applied = "etcd_server_snapshot_apply_in_progress_total 0";

describe("a learner's etcd that got a snapshot, by its metrics", () => {
  const cases: [string, string[], boolean][] = [
    ["received and applied", ["# HELP x", received, applied], true],
    ["none received, as its log came entry by entry", [applied], false],
    ["still being applied", [received, applied.replace(/0$/, "1")], false],
    ["counted, and none came", [received.replace(/1$/, "0"), applied], false],
    ["no metrics yet", [""], false],
  ];
  for (const [what, lines, expected] of cases) {
    it(`${what} → ${expected}`, () => {
      assert.equal(hasAppliedSnapshot(lines.join("\n")), expected);
    });
  }
});
