import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";

describe("where the cluster's programs are looked for", () => {
  const cache = mkdtempSync(path.join(tmpdir(), "program-path-"));
  const toolchain = path.join(cache, "etcd-on-kubernetes", "toolchain");
  after(() => rmSync(cache, { recursive: true }));

  async function programPath(): Promise<string[]> {
    const program = new URL("../../../local/cluster/program.ts", import.meta.url).href;
    const script = `import { programPath } from ${JSON.stringify(program)}; process.stdout.write(programPath());`;
    const env = { XDG_CACHE_HOME: cache, PATH: "/somewhere" };
    const { stdout } = await execa(process.execPath, ["--input-type=module", "-e", script], { env, extendEnv: false });
    return stdout.split(":");
  }

  it("is the machine's PATH where nothing was ever made", async () => {
    assert.equal((await programPath())[0], "/somewhere");
  });

  it("is another version's folder where ours were not made: a cluster can be taken down after an update", async () => {
    const made = path.join(toolchain, "programs-0123456789abcdef.1-2");
    mkdirSync(path.join(made, "bin"), { recursive: true });
    symlinkSync(made, path.join(toolchain, "programs-0123456789abcdef"));
    symlinkSync(path.join(toolchain, "gone"), path.join(toolchain, "programs-fedcba9876543210"));
    const expected = path.join(toolchain, "programs-0123456789abcdef", "bin");
    assert.deepEqual((await programPath()).slice(0, 2), [expected, "/somewhere"]);
  });
});
