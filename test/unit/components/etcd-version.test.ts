import assert from "node:assert/strict";
import { judgeVersion } from "../../../components/etcd-version.ts";

describe("etcd versions", () => {
  it("that can show stale data are refused, with the release that fixed it", () => {
    for (const [version, fixed] of [
      ["v3.5.0", "v3.5.28"],
      ["v3.5.27", "v3.5.28"],
      ["v3.6.0", "v3.6.9"],
      ["v3.6.8", "v3.6.9"],
    ] as const) {
      assert.deepEqual(judgeVersion(version), {
        verdict: "refused",
        because: `can answer reads with stale data after a pause of the process (fixed in ${fixed})`,
      });
    }
  });

  it("that nobody maintains, or that are no version, are refused", () => {
    for (const version of ["v3.4.45", "v2.2.5", "v4.0.0", "latest", "3.6.14", "v3.6", "v3.6.14-rc.0", ""]) {
      assert.equal(judgeVersion(version).verdict, "refused", version);
    }
  });

  it("without the latest security fixes are accepted with a remark", () => {
    for (const [version, advised] of [
      ["v3.5.28", "v3.5.33"],
      ["v3.6.9", "v3.6.14"],
      ["v3.6.13", "v3.6.14"],
      ["v3.7.0", "v3.7.1"],
    ] as const) {
      assert.deepEqual(judgeVersion(version), {
        verdict: "accepted",
        remark: `lacks security fixes that ${advised} has`,
      });
    }
  });

  it("that are up to date or newer than this list are accepted", () => {
    for (const version of ["v3.5.33", "v3.6.14", "v3.6.100", "v3.7.1", "v3.8.0"]) {
      assert.deepEqual(judgeVersion(version), { verdict: "accepted" }, version);
    }
  });
});
