import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

describe("the setup of all suites", () => {
  for (const [what, message] of [
    ["throws inside an apply", "thrown inside an apply"],
    ["registers a resource", "refused by the engine"],
  ] as const) {
    it(`fails a test that ${what} and does not look: mocha alone would let it pass`, () => {
      const { status, stdout } = spawnSync(
        process.execPath,
        ["node_modules/mocha/bin/mocha.js", "--reporter", "spec", "--grep", what, "test/fixtures/rejections.ts"],
        { encoding: "utf8" },
      );
      assert.equal(status, 1, stdout);
      assert.match(stdout, new RegExp(message));
    });
  }
});
