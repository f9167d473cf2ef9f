import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { bundle } from "../../../components/bundle.ts";
import { parseBundleList } from "../../../components/bundle-list.ts";

describe("the bundling step", () => {
  let root = "";
  const file = (name: string) => path.join(root, name);
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), "bundle-"));
    await mkdir(file("program"));
    await writeFile(file("program/Dockerfile"), "FROM scratch\n");
    await writeFile(file("program/greeting.ts"), "export const greeting: string = 'hello';\n");
    await writeFile(file("program/main.ts"), "import { greeting } from './greeting.ts';\nconsole.log(greeting);\n");
    await writeFile(file("program/start"), "#!/bin/sh\n");
    await writeFile(
      file("program/image.json"),
      JSON.stringify({
        entries: [{ source: "program/main.ts", target: "lib/main.cjs", mode: "0644" }],
        assets: [{ source: "program/start", target: "bin/start", mode: "0755" }],
      }),
    );
  });
  afterEach(() => rm(root, { recursive: true }));

  it("makes one plain program of an entry and all it imports, and copies assets with their permissions", async () => {
    const { folder: context } = await bundle(root, "program", "build/program");
    assert.equal(context, "build/program");
    assert.equal(execFileSync(process.execPath, [file("build/program/lib/main.cjs")], { encoding: "utf8" }), "hello\n");
    assert.equal(await readFile(file("build/program/Dockerfile"), "utf8"), "FROM scratch\n");
    assert.equal((await stat(file("build/program/bin/start"))).mode & 0o777, 0o755);
  });

  it("gives the same hash for the same sources, and touches no file that is right", async () => {
    const first = await bundle(root, "program", "build/program");
    const written = (await stat(file("build/program/lib/main.cjs"))).mtimeMs;
    const again = await bundle(root, "program", "build/program");
    assert.deepEqual(again, first);
    assert.equal((await stat(file("build/program/lib/main.cjs"))).mtimeMs, written);
    assert.equal((await bundle(root, "program", "build/elsewhere")).hash, first.hash);
  });

  it("gives another hash when a source, an asset, a permission or the Dockerfile changes", async () => {
    const hashes = [(await bundle(root, "program", "build/program")).hash];
    await writeFile(file("program/greeting.ts"), "export const greeting = 'good day';\n");
    hashes.push((await bundle(root, "program", "build/program")).hash);
    await writeFile(file("program/start"), "#!/bin/sh -e\n");
    hashes.push((await bundle(root, "program", "build/program")).hash);
    await writeFile(file("program/Dockerfile"), "FROM other\n");
    hashes.push((await bundle(root, "program", "build/program")).hash);
    const list = await readFile(file("program/image.json"), "utf8");
    await writeFile(file("program/image.json"), list.replace("0755", "0555"));
    hashes.push((await bundle(root, "program", "build/program")).hash);
    assert.equal(new Set(hashes).size, hashes.length);
  });

  it("puts right what was changed in the build context, and takes away what does not belong there", async () => {
    const { hash } = await bundle(root, "program", "build/program");
    await writeFile(file("build/program/lib/main.cjs"), "tampered");
    await chmod(file("build/program/bin/start"), 0o600);
    await writeFile(file("build/program/lib/old.js"), "left over");
    assert.equal((await bundle(root, "program", "build/program")).hash, hash);
    assert.notEqual(await readFile(file("build/program/lib/main.cjs"), "utf8"), "tampered");
    assert.equal((await stat(file("build/program/bin/start"))).mode & 0o777, 0o755);
    await assert.rejects(stat(file("build/program/lib/old.js")), { code: "ENOENT" });
  });

  it("stops at a source that does not bundle", async () => {
    await writeFile(file("program/main.ts"), "import './missing.ts';\n");
    await assert.rejects(bundle(root, "program", "build/program"), /Could not resolve ".\/missing.ts"/);
  });

  it("stops at what would be something else in the image", async () => {
    await writeFile(file("program/main.ts"), "console.log(import.meta.url);\n");
    await assert.rejects(
      bundle(root, "program", "build/program"),
      /^Error: program\/main.ts:1 can't be bundled as it is meant: /,
    );
  });
});

describe("a list of what goes into an image", () => {
  const file = { source: "a.ts", target: "a.js", mode: "0644" };
  const list = (entries: unknown, assets: unknown = []) => JSON.stringify({ entries, assets });

  it("is read with permissions as bits", () => {
    assert.deepEqual(parseBundleList(list([file]), "image.json"), {
      entries: [{ source: "a.ts", target: "a.js", mode: 0o644 }],
      assets: [],
    });
  });

  it("is refused with the place of the first mistake", () => {
    for (const [text, message] of [
      ["[]", "image.json must be a map"],
      [list(3), "image.json: entries must be a list"],
      [list([3]), "image.json: entries[0] must be a map"],
      [list([file], [{ ...file, source: 3 }]), "image.json: assets[0].source must be a path"],
      [list([{ ...file, target: "../a" }]), "image.json: entries[0].target must be a path inside the build context"],
      [list([{ ...file, target: "/a" }]), "image.json: entries[0].target must be a path inside the build context"],
      [list([file, { ...file, mode: "rw" }]), 'image.json: entries[1].mode must be four octal digits, such as "0644"'],
    ] as const) {
      assert.throws(() => parseBundleList(text, "image.json"), new Error(message), text);
    }
  });
});
