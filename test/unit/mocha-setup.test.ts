import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

describe("the setup of all suites", () => {
  function report(fixture: string, ...flags: string[]): string {
    const mocha = ["node_modules/mocha/bin/mocha.js", "--reporter", "spec"];
    const line = [...mocha, ...flags, `test/fixtures/${fixture}`];
    const { status, stdout } = spawnSync(process.execPath, line, { encoding: "utf8" });
    assert.equal(status, 1, stdout);
    return stdout;
  }

  for (const [what, message] of [
    ["throws inside an apply", "thrown inside an apply"],
    ["registers a resource", "refused by the engine"],
  ] as const) {
    it(`fails a test that ${what} and does not look: mocha alone would let it pass`, () => {
      assert.match(report("rejections.ts", "--grep", what), new RegExp(message));
    });
  }

  it("says of a test that ran out of time what it waited for: mocha alone would not", () => {
    const said = report("runs-out-of-time.ts", "--exit");
    assert.match(said, /Timeout of 50ms exceeded[^]*\n *still under way after \d\.\d s: the tide\n/);
  });
});
