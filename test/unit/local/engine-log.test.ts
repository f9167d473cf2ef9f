import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { keepNoEngineLog } from "../../../local/engine-log.ts";

describe("the engine's own log, on the local cluster", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "engine-log-"));
  after(() => rmSync(folder, { recursive: true }));

  function barred(home: string): void {
    keepNoEngineLog(home);
    const place = path.join(home, "logs");
    assert.match(readFileSync(place, "utf8"), /in its place/);
    // What the engine does first, and goes on without.
    assert.throws(() => mkdirSync(place, { recursive: true }), { code: "EEXIST" });
  }

  it("is not kept: a file that says why has the place of its folder, once and for all", () => {
    barred(path.join(folder, "new"));
    barred(path.join(folder, "new"));
  });

  it("goes where earlier runs left one, and nothing else does", () => {
    const home = path.join(folder, "used");
    mkdirSync(path.join(home, "logs"), { recursive: true });
    mkdirSync(path.join(home, "plugins"));
    writeFileSync(path.join(home, "logs", "pulumi-1.log"), "");
    barred(home);
    assert.ok(readFileSync(path.join(home, "logs"), "utf8").includes("--logtostderr"));
    assert.doesNotThrow(() => rmSync(path.join(home, "plugins"), { recursive: true }));
  });
});
