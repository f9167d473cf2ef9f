import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { DockerProvider } from "../../../local/plugins/docker/provider.ts";
import { askLabels, askManifest } from "../../../local/plugins/docker/registry.ts";
import type { Reporter } from "../../../local/plugins/rpc/engine.ts";
import type { PropertyMap } from "../../../local/plugins/rpc/values.ts";
import { textAt, Unknown } from "../../../local/plugins/rpc/values.ts";

const imageType = "docker:index/image:Image";
const request = { urn: "urn", type: imageType, name: "image" };

describe("the docker plugin's stand-in", () => {
  let registry: http.Server;
  let address = "";
  /** What the registry has, by path. */
  const held = new Map<string, string>();
  let folder = "";
  const logged: string[] = [];
  const reporter: Reporter = {
    log: (severity, _urn, message) => void logged.push(`${severity}: ${message}`),
    status: () => undefined,
    flush: () => Promise.resolve(),
  };
  const provider = (): DockerProvider => {
    const made = new DockerProvider({ name: "docker", version: "5.2.0" }, reporter);
    // No Docker Engine is there: what is asked of it fails.
    void made.configure({ host: "unix:///nowhere/docker.sock" });
    return made;
  };
  const inputs = (): PropertyMap => ({
    imageName: `${address}/etcd/member:1`,
    build: { context: folder, dockerfile: path.join(folder, "Dockerfile") },
    skipPush: false,
    buildOnPreview: false,
  });
  const checked = async (news: PropertyMap = inputs()): Promise<PropertyMap> =>
    (await provider().check({ ...request, olds: {}, news, randomSeed: new Uint8Array(), autonaming: undefined }))
      .inputs;

  before(async () => {
    registry = http.createServer((asked, response) => {
      const body = held.get(asked.url ?? "");
      const digest = `sha256:${createHash("sha256")
        .update(body ?? "")
        .digest("hex")}`;
      response.writeHead(body === undefined ? 404 : 200, { "docker-content-digest": digest }).end(body);
    });
    await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
    address = `127.0.0.1:${(registry.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    held.clear();
    logged.splice(0);
    folder = mkdtempSync(path.join(tmpdir(), "image-"));
    writeFileSync(path.join(folder, "Dockerfile"), "FROM scratch\nCOPY file /file\n");
    writeFileSync(path.join(folder, "file"), "1");
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  after(() => {
    registry.closeAllConnections();
    registry.close();
  });

  it("asks a registry for an image and its labels", async () => {
    held.set("/v2/etcd/member/manifests/1", JSON.stringify({ config: { digest: "sha256:c" } }));
    held.set("/v2/etcd/member/blobs/sha256:c", JSON.stringify({ config: { Labels: { a: "b" } } }));
    assert.equal((await askManifest(`${address}/etcd/member:1`, undefined)).kind, "present");
    assert.deepEqual(await askManifest(`${address}/etcd/member:2`, undefined), { kind: "absent" });
    assert.equal((await askManifest("127.0.0.1:1/etcd/member:1", undefined)).kind, "unknown");
    assert.equal((await askLabels(`${address}/etcd/member:1`, undefined)).get("a"), "b");
    assert.equal((await askLabels(`${address}/etcd/member:2`, undefined)).size, 0);
  });

  it("sees a change of the context as a change of the image, and new credentials as none", async () => {
    const olds = await checked({ ...inputs(), registry: { server: address, username: "u", password: "old" } });
    const diff = async (news: PropertyMap): Promise<string[]> => [
      ...(
        await provider().diff({ ...request, id: "1", oldInputs: olds, oldOutputs: {}, news, ignoreChanges: [] })
      ).changes.keys(),
    ];
    const renewed = await checked({ ...inputs(), registry: { server: address, username: "u", password: "new" } });
    assert.deepEqual(await diff(renewed), []);
    writeFileSync(path.join(folder, "file"), "2");
    assert.deepEqual(await diff(await checked({ ...inputs(), registry: { server: address } })), [
      "build.contextDigest",
    ]);
  });

  it("builds nothing in a preview, and says that the digest is not known yet", async () => {
    const preview = await provider().create({ ...request, inputs: await checked(), preview: true, timeout: 0 });
    assert.ok(preview.outputs["repoDigest"] instanceof Unknown);
    assert.equal(preview.outputs["imageName"], `${address}/etcd/member:1`);
  });

  it("says in one sentence that no Docker Engine answers", async () => {
    const create = provider().create({ ...request, inputs: await checked(), preview: false, timeout: 0 });
    await assert.rejects(
      create,
      /^UserError: the Docker Engine at unix:\/\/\/nowhere\/docker\.sock could not be reached .* or set DOCKER_HOST$/,
    );
  });

  it("takes an image that was built from the same sources, with no Docker Engine at all", async () => {
    const wish = await checked();
    const source = createHash("sha256")
      .update(JSON.stringify([textAt(wish, "build", "contextDigest"), [], "", "", []]))
      .digest("hex");
    const manifest = JSON.stringify({ config: { digest: "sha256:c" } });
    const digest = `sha256:${createHash("sha256").update(manifest).digest("hex")}`;
    held.set("/v2/etcd/member/manifests/1", manifest).set(`/v2/etcd/member/manifests/${digest}`, manifest);
    held.set(
      "/v2/etcd/member/blobs/sha256:c",
      JSON.stringify({ config: { Labels: { "org.etcd-on-kubernetes.source": source } } }),
    );
    const created = await provider().create({ ...request, inputs: wish, preview: false, timeout: 0 });
    assert.equal(created.outputs["repoDigest"], `${address}/etcd/member@${digest}`);
    // Other sources: it would have to be built.
    writeFileSync(path.join(folder, "file"), "2");
    await assert.rejects(
      provider().create({ ...request, inputs: await checked(), preview: false, timeout: 0 }),
      /Docker Engine/,
    );
  });

  it("finds on refresh that the registry lost an image, so that it is built again", async () => {
    const properties = { repoDigest: `${address}/etcd/member@sha256:d` };
    const read = () => provider().read({ ...request, id: "1", inputs: inputs(), properties });
    assert.equal(await read(), undefined);
    held.set("/v2/etcd/member/manifests/sha256:d", "{}");
    assert.deepEqual((await read())?.outputs, properties);
  });

  it("keeps an image on refresh when the registry can't be asked, and says so", async () => {
    const properties = { repoDigest: "127.0.0.1:1/etcd/member@sha256:d" };
    const read = await provider().read({ ...request, id: "1", inputs: inputs(), properties });
    assert.deepEqual(read?.outputs, properties);
    assert.match(logged.join(), /^warning: the registry 127\.0\.0\.1:1 could not be reached: .* is not known$/);
  });

  it("refuses another resource type by its name, and a name without a registry", async () => {
    const check = (type: string, news: PropertyMap) =>
      provider().check({ ...request, type, olds: {}, news, randomSeed: new Uint8Array(), autonaming: undefined });
    const other = await check("docker:index/container:Container", {});
    assert.match(
      other.failures[0]?.reason ?? "",
      /does not support the resource type docker:index\/container:Container: install the official plugin/,
    );
    const nameless = await check(imageType, { ...inputs(), imageName: "member:1" });
    assert.equal(nameless.failures[0]?.property, "imageName");
  });
});
