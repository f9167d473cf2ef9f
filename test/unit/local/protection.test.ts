import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { hasProtected, refuseProtected } from "../../../local/protection.ts";

describe("destroy of a protected stack", function () {
  this.timeout(30_000);
  const engine = { stack: "x", configFile: undefined };
  const folder = mkdtempSync(join(tmpdir(), "protection-"));
  after(() => rmSync(folder, { recursive: true }));

  it("is refused by `npm run destroy` before Pulumi or a cluster is asked", async () => {
    const options = { reject: false, env: { PATH: folder } };
    const { exitCode, stderr } = await execa(process.execPath, ["local/run.ts", "destroy", "--stack", "prod"], options);
    assert.equal(
      stderr,
      "error: the stack prod is protected, and nothing was destroyed: to give its data up, set etcd:protect to false in Pulumi.prod.yaml and type `npm run up -- --stack prod`, then destroy again",
    );
    assert.equal(exitCode, 1);
  });

  it("is judged by what was applied, where that is known, else by what is declared", () => {
    refuseProtected(engine, false, undefined);
    refuseProtected(engine, false, false);
    // Declared and never applied: there is nothing that the engine would keep.
    refuseProtected(engine, true, false);
    for (const [declared, applied] of [
      [true, undefined],
      [true, true],
      [false, true],
    ] as const) {
      assert.throws(() => refuseProtected(engine, declared, applied), /^UserError: the stack x is protected, /);
    }
  });

  it("looks for one protected resource in the state", () => {
    const file = join(folder, "state.json");
    const of = (resources: object[]) => {
      writeFileSync(file, JSON.stringify({ checkpoint: { latest: { resources } } }));
      return hasProtected(file);
    };
    assert.equal(of([{ urn: "a" }, { urn: "b", protect: true }]), true);
    assert.equal(of([{ urn: "a" }, { urn: "b", protect: false }]), false);
    assert.equal(hasProtected(join(folder, "none.json")), false);
  });
});
