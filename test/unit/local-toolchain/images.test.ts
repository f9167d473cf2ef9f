import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { UserError } from "../../../local/errors.ts";
import { type Image, packImage } from "../../../local/images/image.ts";
import { pushPacked } from "../../../local/images/registry.ts";

const sha256 = (content: Buffer | string) => `sha256:${createHash("sha256").update(content).digest("hex")}`;

describe("an image made without a docker daemon", () => {
  let root = "";
  let image: Image;
  const silent = () => undefined;
  const pack = (of: Image) => packImage(of, silent, path.join(root, "cache"));
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), "image-"));
    await mkdir(path.join(root, "tree/usr/bin"), { recursive: true });
    await symlink("usr/bin", path.join(root, "tree/bin"));
    await writeFile(path.join(root, "real"), "program", { mode: 0o755 });
    await symlink(path.join(root, "real"), path.join(root, "program"));
    image = {
      name: "base/test:1",
      files: [
        { path: "/", from: path.join(root, "tree") },
        { path: "/usr/bin/program", from: path.join(root, "program") },
        { path: "/etc/passwd", content: "root:x:0:0::/:/bin/sh\n" },
        { path: "/tmp", directory: { mode: 0o1777 } },
      ],
      config: { Cmd: ["/bin/program"] },
    };
  });
  afterEach(() => rm(root, { recursive: true }));

  async function readParts() {
    const packed = await pack(image);
    const manifest = await readFile(packed.manifest, "utf8");
    const blobs = await readdir(packed.blobs);
    const contents = await Promise.all(blobs.map((name) => readFile(path.join(packed.blobs, name))));
    return { packed, manifest, blobs, contents };
  }

  it("has the files with their modes, owned by root, and links kept or followed", async () => {
    const { contents } = await readParts();
    const layer = contents.find((content) => content[0] === 0x1f) ?? Buffer.alloc(0);
    const listing = execFileSync("tar", ["--list", "--verbose", "--numeric-owner"], { input: gunzipSync(layer) });
    const entries = listing
      .toString()
      .trimEnd()
      .split("\n")
      .map((line) => line.replace(/ +[0-9]+ 1970-\S+ \S+/, ""));
    assert.ok(entries.includes("lrwxrwxrwx 0/0 ./bin -> usr/bin"), entries.join("\n"));
    assert.ok(entries.includes("-rwxr-xr-x 0/0 ./usr/bin/program"), entries.join("\n"));
    assert.ok(entries.includes("-rw-r--r-- 0/0 ./etc/passwd"), entries.join("\n"));
    assert.ok(entries.includes("drwxrwxrwt 0/0 ./tmp/"), entries.join("\n"));
  });

  it("is named by digests that are right, and the configuration by the digest of the unpacked layer", async () => {
    const { packed, manifest, blobs, contents } = await readParts();
    assert.equal(packed.digest, sha256(manifest));
    assert.deepEqual(blobs, contents.map(sha256));
    blobs.forEach((digest) => assert.ok(manifest.includes(digest)));
    const layer = contents.find((content) => content[0] === 0x1f) ?? Buffer.alloc(0);
    const config = contents.find((content) => content[0] !== 0x1f)?.toString() ?? "";
    assert.ok(config.includes(sha256(gunzipSync(layer))));
    assert.ok(config.includes(`"Cmd":["/bin/program"]`));
  });

  it("is the same image when the same files were written at another time, and another one otherwise", async () => {
    const { digest } = await pack(image);
    const past = new Date(Date.now() - 3_600_000);
    await utimes(path.join(root, "real"), past, past);
    const again = await pack(image);
    assert.equal(again.digest, digest);
    await writeFile(path.join(root, "real"), "changed");
    assert.notEqual((await pack(image)).digest, digest);
  });
});

describe("a push to a registry", () => {
  let server: Server;
  let registry = "";
  let root = "";
  let requests: string[] = [];
  const stored = new Map<string, Buffer>();
  let refuse = false;
  const image: Image = { name: "base/test:1", files: [{ path: "/a", content: "a" }], config: {} };

  before(async () => {
    root = await mkdtemp(path.join(tmpdir(), "push-"));
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const url = new URL(request.url ?? "", "http://registry");
        requests.push(`${request.method ?? ""} ${url.pathname.replace(/sha256:.*/, "DIGEST")}`);
        const body = Buffer.concat(chunks);
        if (refuse && request.method !== "HEAD") {
          response.writeHead(507).end("no space left");
        } else if (request.method === "POST") {
          response.writeHead(202, { Location: `${url.pathname}42?state=x` }).end();
        } else if (request.method === "PUT") {
          stored.set(url.searchParams.get("digest") ?? url.pathname, body);
          response.writeHead(201).end();
        } else {
          const known = stored.get(url.pathname) ?? stored.get(url.pathname.split("/").at(-1) ?? "");
          response
            .writeHead(known === undefined ? 404 : 200, known && { "Docker-Content-Digest": sha256(known) })
            .end();
        }
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    registry = `127.0.0.1:${address.port}`;
  });
  after(async () => {
    server.close();
    await rm(root, { recursive: true });
  });
  beforeEach(() => {
    requests = [];
    refuse = false;
  });

  it("sends parts and manifest under their digests once; then one question is enough", async () => {
    const packed = await packImage(image, () => undefined, root);
    assert.equal(await pushPacked(registry, image.name, packed), true);
    for (const digest of await readdir(packed.blobs)) {
      assert.equal(sha256(stored.get(digest) ?? ""), digest);
    }
    assert.equal(sha256(stored.get("/v2/base/test/manifests/1") ?? ""), packed.digest);
    requests = [];
    assert.equal(await pushPacked(registry, image.name, packed), false);
    assert.deepEqual(requests, ["HEAD /v2/base/test/manifests/1"]);
  });

  it("sends only the parts that are missing under another tag", async () => {
    const packed = await packImage(image, () => undefined, root);
    assert.equal(await pushPacked(registry, "base/test:2", packed), true);
    assert.ok(!requests.some((request) => request.startsWith("POST")), requests.join("\n"));
  });

  it("says which registry does not answer, or what it refused", async () => {
    const packed = await packImage(image, () => undefined, root);
    refuse = true;
    await assert.rejects(pushPacked(registry, "base/other:1", packed), (error: unknown) => {
      return (
        error instanceof UserError &&
        /answered (POST|PUT) \/v2\/base\/other.* with 507: no space left/.test(error.message)
      );
    });
    await assert.rejects(pushPacked("127.0.0.1:1", "base/test:1", packed), (error: unknown) => {
      return error instanceof UserError && error.message.startsWith("the registry at 127.0.0.1:1 does not answer");
    });
  });
});
