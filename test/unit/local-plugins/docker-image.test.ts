import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { contextDigest, contextFiles } from "../../../local/plugins/docker/build-context.ts";
import { baseImages } from "../../../local/plugins/docker/dockerfile.ts";
import { isFullyQualified, parseImageName, withoutTag } from "../../../local/plugins/docker/image-name.ts";
import { packContext } from "../../../local/plugins/docker/pack.ts";

describe("a build context", () => {
  let folder = "";
  const put = (name: string, text: string): void => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  };
  const dockerfile = (): string => path.join(folder, "Dockerfile");
  const digest = (): Promise<string> => contextDigest(folder, dockerfile());
  const names = async (): Promise<string[]> => (await contextFiles(folder, dockerfile())).map((file) => file.name);

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "context-"));
    put("Dockerfile", "FROM scratch\n");
    put("src/main.js", "1");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is what .dockerignore leaves, with its exceptions", async () => {
    put("node_modules/a/index.js", "");
    put("node_modules/keep/index.js", "");
    put("notes.md", "");
    put(".dockerignore", "# comment\nnode_modules\n!node_modules/keep\n*.md\n");
    assert.deepEqual(await names(), [".dockerignore", "Dockerfile", "node_modules/keep/index.js", "src/main.js"]);
  });

  it("is ruled by the Dockerfile's own list first", async () => {
    put(".dockerignore", "src\n");
    put("Dockerfile.dockerignore", "Dockerfile*\n");
    assert.deepEqual(await names(), [".dockerignore", "src/main.js"]);
  });

  it("has another digest for another text, name or mode, and for nothing else", async () => {
    const before = await digest();
    put("src/main.js", "1");
    assert.equal(await digest(), before);
    chmodSync(path.join(folder, "src/main.js"), 0o755);
    const executable = await digest();
    put("src/other.js", "1");
    const more = await digest();
    put("src/other.js", "2");
    const changed = await digest();
    put("Dockerfile", "FROM scratch\nUSER 1\n");
    assert.equal(new Set([before, executable, more, changed, await digest()]).size, 5);
  });

  it("does not follow links", async () => {
    symlinkSync("/etc", path.join(folder, "link"));
    assert.ok((await names()).includes("link"));
  });

  it("says where a Dockerfile was looked for", async () => {
    const message = new RegExp(
      `there is no Dockerfile at ${folder}/missing \\(build.dockerfile is relative to the program`,
    );
    await assert.rejects(contextDigest(folder, path.join(folder, "missing")), message);
  });

  it("is packed the same each time, with a Dockerfile from outside under another name", async () => {
    const pack = async (file: string): Promise<{ bytes: Buffer; dockerfile: string }> => {
      const packed = await packContext(path.join(folder, "src"), file);
      const chunks: Buffer[] = [];
      for await (const chunk of packed.stream as AsyncIterable<Buffer>) {
        chunks.push(chunk);
      }
      return { bytes: Buffer.concat(chunks), dockerfile: packed.dockerfile };
    };
    const [first, second] = [await pack(dockerfile()), await pack(dockerfile())];
    assert.equal(first.dockerfile, ".dockerfile-from-outside");
    assert.ok(first.bytes.includes("FROM scratch"));
    assert.ok(first.bytes.includes("main.js"));
    assert.deepEqual(first.bytes, second.bytes);
  });
});

describe("the images a Dockerfile builds upon", () => {
  it("are named by FROM and COPY --from, arguments filled in, without its own stages", () => {
    const text = [
      "# syntax comment",
      "ARG ETCD_IMAGE",
      'ARG NODE_IMAGE="localhost:5000/base/node:24"',
      "FROM --platform=linux/amd64 ${ETCD_IMAGE} AS etcd",
      "FROM $NODE_IMAGE AS Base",
      "ARG ETCD_IMAGE=ignored-after-from",
      "FROM base",
      "COPY --from=etcd /a \\",
      "  /b",
      "COPY --from=busybox:1 /bin/sh /bin/sh",
      "COPY --from=0 /x /y",
      "FROM scratch",
    ].join("\n");
    assert.deepEqual(baseImages(text, { ETCD_IMAGE: "localhost:5000/base/etcd:v3.6.14" }), [
      "busybox:1",
      "localhost:5000/base/etcd:v3.6.14",
      "localhost:5000/base/node:24",
    ]);
  });
});

describe("image names", () => {
  it("are taken apart as Docker does it", () => {
    assert.deepEqual(parseImageName("localhost:5000/etcd/member:1"), {
      registry: "localhost:5000",
      repository: "etcd/member",
      tag: "1",
      digest: undefined,
    });
    assert.equal(parseImageName("node").repository, "library/node");
    assert.equal(parseImageName("localhost/a").registry, "localhost");
    assert.equal(parseImageName("gcr.io/a/b@sha256:1").digest, "sha256:1");
  });

  it("are full with a registry only", () => {
    assert.deepEqual(["localhost:5000/a", "docker.io/a", "a/b", "a"].map(isFullyQualified), [true, true, false, false]);
  });

  it("lose their tag, not the registry's port", () => {
    assert.equal(withoutTag("localhost:5000/a:1"), "localhost:5000/a");
    assert.equal(withoutTag("localhost:5000/a"), "localhost:5000/a");
    assert.equal(withoutTag("localhost:5000/a:1@sha256:2"), "localhost:5000/a");
  });
});
