import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";

const command = path.resolve(import.meta.dirname, "../../../local/cluster/command.ts");

describe("the cluster command where there is no cluster", () => {
  let stateHome = "";
  beforeEach(() => (stateHome = mkdtempSync(path.join(tmpdir(), "cluster-"))));
  afterEach(() => rmSync(stateHome, { recursive: true }));

  function run(...args: string[]) {
    const env = { ...process.env, XDG_STATE_HOME: stateHome, NO_COLOR: "1" };
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], { encoding: "utf8", env });
    return { status, stdout, stderr };
  }

  for (const name of ["kubeconfig", "env", "status"]) {
    it(`${name} fails with what to do, and prints nothing that a script could take for an answer`, () => {
      assert.deepEqual(run(name), {
        status: 1,
        stdout: "",
        stderr: "error: there is no local cluster: start one with `npm run cluster -- up`\n",
      });
    });
  }

  it("logs fails with what to do", () => {
    const { status, stderr } = run("logs");
    assert.deepEqual(
      [status, stderr],
      [1, "error: there are no logs yet: start the local cluster with `npm run cluster -- up`\n"],
    );
  });

  it("wrong use ends with exit code 2", () => {
    assert.equal(run("upp").status, 2);
    assert.equal(run("status", "--fast").status, 2);
    assert.equal(run("logs", "--lines", "many").status, 2);
    assert.equal(run().status, 2);
  });

  it("--help shows every command and ends well", () => {
    const { status, stdout } = run("--help");
    assert.equal(status, 0);
    for (const name of ["up", "status", "down", "logs", "kubeconfig", "env"]) {
      assert.match(stdout, new RegExp(`^  ${name}\\b`, "m"));
    }
  });
});
