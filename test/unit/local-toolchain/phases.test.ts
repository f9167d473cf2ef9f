import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import process from "node:process";

const local = path.resolve(import.meta.dirname, "../../../local");

function run(script: string) {
  const imports = `
    import { exitWith, UserError } from ${JSON.stringify(path.join(local, "errors.ts"))};
    import { runPhases } from ${JSON.stringify(path.join(local, "phases.ts"))};`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module-typescript", "--eval", `${imports}\n${script}`],
    { encoding: "utf8" },
  );
  return { status, stdout, stderr: stderr.replaceAll(/\d+\.\d s/g, "T s") };
}

describe("phases without a terminal", () => {
  it("are one plain line each, with decision and time, on standard error", () => {
    const result = run(`await runPhases([
      { title: "first", run: async () => "decided" },
      { title: "second", run: async () => undefined },
    ]);`);
    assert.deepEqual(result, { status: 0, stdout: "", stderr: "- first: decided (T s)\n- second (T s)\n" });
  });

  it("end with the first that fails, whose error is printed once and sets the exit code", () => {
    const result = run(`await runPhases([
      { title: "first", run: () => Promise.reject(new UserError("storage must be like 1Gi", 2)) },
      { title: "second", run: async () => "never" },
    ]).catch(exitWith);`);
    assert.deepEqual(result, { status: 2, stdout: "", stderr: "error: storage must be like 1Gi\n" });
  });
});

describe("an error that is no user's fault", () => {
  it("is printed with its stack and exits with 1", () => {
    const { status, stderr } = run(`exitWith(new Error("broken"));`);
    assert.equal(status, 1);
    assert.match(stderr, /^error: Error: broken\n +at /);
  });
});
