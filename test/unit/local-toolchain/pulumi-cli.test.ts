import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { cacheDir } from "../../../local/paths.ts";
import { findOnPath } from "../../../local/toolchain/programs-on-path.ts";
import { askVersion, usableVersion } from "../../../local/toolchain/pulumi-cli.ts";

describe("a Pulumi CLI in PATH", () => {
  let root = "";
  const program = async (folder: string, content: string, mode = 0o755) => {
    await mkdir(path.join(root, folder), { recursive: true });
    const file = path.join(root, folder, "pulumi");
    await writeFile(file, `#!/bin/sh\n${content}\n`);
    await chmod(file, mode);
    return file;
  };
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), "on-path-"));
  });
  afterEach(() => rm(root, { recursive: true }));

  it("is used from the pinned version on, within the major version", () => {
    assert.equal(usableVersion("v3.250.0\n"), "3.250.0");
    assert.equal(usableVersion("v3.1000.1"), "3.1000.1");
    assert.equal(usableVersion("3.251.0-dev.7"), "3.251.0");
    for (const refused of ["v3.249.9", "v3.99.0", "v4.0.0", "v2.300.0", "", "pulumi"]) {
      assert.equal(usableVersion(refused), undefined, refused);
    }
  });

  it("is asked for its version, and one that fails is not used", async () => {
    assert.equal(await askVersion(await program("good", "echo v3.260.0")), "3.260.0");
    assert.equal(await askVersion(await program("bad", "echo v3.260.0; exit 3")), undefined);
    assert.equal(await askVersion(path.join(root, "none", "pulumi")), undefined);
  });

  it("is the first file that can be run, and never one of this project's own", async () => {
    await program("plain", "", 0o644);
    await mkdir(path.join(root, "folder", "pulumi"), { recursive: true });
    const wanted = await program("wanted", "");
    await program("second", "");
    const own = path.join(cacheDir, "toolchain");
    const folders = ["plain", "folder", "wanted", "second"].map((name) => path.join(root, name));
    assert.equal(findOnPath("pulumi", ["", "relative", own, ...folders].join(":")), wanted);
    assert.equal(findOnPath("pulumi", own), undefined);
  });
});
