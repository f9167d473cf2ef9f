import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { inTurns } from "../../../local/toolchain/background.ts";

const silent = (): void => undefined;

describe("phases in turns", () => {
  it("begin when the one before says so, and are still waited for one after the other", async () => {
    const seen: string[] = [];
    const [first, second] = inTurns([
      {
        title: "first",
        run: async (_report, next) => {
          next();
          await sleep(20);
          seen.push("first ended");
          return "one";
        },
      },
      {
        title: "second",
        run: (report) => {
          seen.push("second began");
          report("half way");
          return Promise.resolve("two");
        },
      },
    ]);
    assert.equal(await first?.run(silent), "one");
    assert.deepEqual(seen, ["second began", "first ended"]);
    const lines: string[] = [];
    assert.equal(await second?.run((line) => lines.push(line)), "two");
    assert.deepEqual(lines, ["half way"], "what it reported before it was watched is shown once it is");
    assert.equal(seen.length, 2, "it ran once");
  });

  it("begin when they are waited for, where nothing said so", async () => {
    let began = false;
    const [first, second] = inTurns([
      { title: "cached", run: () => Promise.resolve("there") },
      {
        title: "made",
        run: () => {
          began = true;
          return Promise.resolve("made");
        },
      },
    ]);
    await first?.run(silent);
    assert.equal(began, false);
    assert.equal(await second?.run(silent), "made");
  });

  it("fail in their own turn", async () => {
    const [first, second] = inTurns([
      {
        title: "slow",
        run: async (_report, next) => {
          next();
          await sleep(20);
          return "done";
        },
      },
      { title: "broken", run: () => Promise.reject(new Error("no network")) },
    ]);
    assert.equal(await first?.run(silent), "done");
    await assert.rejects(async () => second?.run(silent), /no network/);
  });
});
