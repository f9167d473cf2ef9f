import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

const preload = join(import.meta.dirname, "without-cluster", "preload.ts");

describe("npm run drill -- --known-bad, whose cluster is left out (test/unit/drill/without-cluster), ends with", function () {
  this.timeout(120_000);
  const out = mkdtempSync(join(tmpdir(), "known-bad-"));
  after(() => rmSync(out, { recursive: true }));

  function started(rounds: string, ...args: readonly string[]) {
    const line = ["--import", preload, "drill/command.ts", "--seed", "1", ...args];
    return execa(process.execPath, line, { env: { ROUNDS: rounds }, reject: false, all: true, stdin: "ignore" });
  }

  const drill = (rounds: string, ...more: readonly string[]) =>
    started(rounds, "--known-bad", "3.6.8", "--out", join(out, rounds), ...more);

  it("0 where the defect shows, in whichever round, and keeps that round's report", async () => {
    const { exitCode, all } = await drill("stale in the second");
    assert.match(
      all,
      /✔ etcd 3\.6\.8 is caught after \d+ s \(round 2, seed 2\)\n.*No linearizable read is stale: stale read/,
    );
    assert.equal(exitCode, 0, all);
    assert.ok(existsSync(join(out, "stale in the second", "round-1", "report.html")));
    assert.match(all, /the stack is gone\n?$/);
  });

  it("1 where all rounds until --duration are sound", async () => {
    const { exitCode, all } = await drill("sound", "--duration", "1s");
    assert.match(all, /round 1 \(seed 1\) did not show it.*\n(.*\n)*✘ etcd 3\.6\.8 is not caught in 0\.0 min/);
    assert.equal(exitCode, 1, all);
    assert.match(all, /the stack is gone\n?$/);
  });

  it("1 where another property fails: that is not the defect", async () => {
    const { exitCode, all } = await drill("a write is lost", "--duration", "1s");
    assert.match(all, /did not show it/);
    assert.equal(exitCode, 1, all);
  });

  it("2 where the etcd can't be brought up, or a round can't run, or there is no such version", async () => {
    const broken = await drill("no etcd");
    assert.equal(broken.exitCode, 2, broken.all);
    assert.match(broken.all, /^error: etcd could not be built$/m);
    const halted = await drill("nothing that is known");
    assert.equal(halted.exitCode, 2, halted.all);
    assert.match(halted.all, /the stack is gone/);
    const unknown = await started("sound", "--known-bad", "3.6.14");
    assert.equal(unknown.exitCode, 2, unknown.all);
  });

  it("2 where it was ended before its time, with the stack taken away all the same", async () => {
    const child = drill("endless");
    child.stdout.on("data", (text: Buffer) => {
      if (text.includes("the round has begun")) child.kill("SIGINT");
    });
    const { exitCode, all } = await child;
    assert.match(all, /the stack is gone\nerror: the drill was ended before its time/);
    assert.equal(exitCode, 2, all);
  });
});
