import assert from "node:assert/strict";
import { inBackground } from "../../../local/toolchain/background.ts";

describe("work in the background", () => {
  it("starts at once and shows its last line to whoever comes later, then the next ones", async () => {
    const gate = Promise.withResolvers<undefined>();
    const wait = inBackground(async (report) => {
      report("one");
      report("two");
      await gate.promise;
      report("three");
      return 4;
    });
    const lines: string[] = [];
    const result = wait((line) => lines.push(line));
    gate.resolve(undefined);
    assert.equal(await result, 4);
    assert.deepEqual(lines, ["two", "three"]);
  });

  it("gives its error to each one who waits, and to nobody else", async () => {
    const wait = inBackground(() => Promise.reject(new Error("no luck")));
    await new Promise((resolve) => setImmediate(resolve));
    await assert.rejects(
      wait(() => undefined),
      /no luck/,
    );
    await assert.rejects(
      wait(() => undefined),
      /no luck/,
    );
  });
});
