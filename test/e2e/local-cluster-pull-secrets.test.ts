import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { smallMembers } from "./small-members.ts";
import { TestStack } from "./world.ts";

const login = `Basic ${Buffer.from("node:let-me-in").toString("base64")}`;

/** The local registry for those who log in, at a port of its own. */
class PrivateRegistry {
  refused = 0;
  served = 0;
  readonly #server = createServer((asked, answer) => {
    if (asked.headers.authorization !== login) {
      this.refused += 1;
      answer.writeHead(401, { "www-authenticate": 'Basic realm="private"' }).end();
      return;
    }
    this.served += 1;
    const { method, headers } = asked;
    request({ host: "127.0.0.1", port: 5000, path: asked.url, method, headers }, (found) => {
      answer.writeHead(found.statusCode ?? 502, found.headers);
      found.pipe(answer);
    })
      .on("error", () => answer.destroy())
      .end();
  });

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get host(): string {
    return `localhost:${(this.#server.address() as AddressInfo).port}`;
  }
}

describe("images in a registry that asks the nodes for credentials, on the local cluster", function () {
  this.timeout("5m");
  const registry = new PrivateRegistry();
  const folder = mkdtempSync(join(tmpdir(), "private-"));
  const small = { "etcd:replicas": 1, "etcd:clientReplicas": 1, "etcd:resources": smallMembers };
  const stack = new TestStack("private", { ...small, "etcd:storageSize": "256Mi" });

  before(async () => {
    await registry.open();
    await stack.removeLeftovers();
    // The images are brought to the registry by who may.
    await stack.run("up");
    await stack.run("destroy");
  });
  after(async () => {
    await stack.cleanUp();
    await registry.close();
    rmSync(folder, { recursive: true });
  });

  /** The images of the pods, as the registry's users name them. */
  async function fromThere(): Promise<Record<string, string>> {
    await stack.manifests(folder);
    const [memberImage, clientImage] = ["50-members.yaml", "60-clients.yaml"].map((file) => {
      const [, name] = / image: localhost:5000\/(\S+@sha256:\w+)/.exec(readFileSync(join(folder, file), "utf8")) ?? [];
      return `${registry.host}/${name ?? ""}`;
    });
    return { memberImage: memberImage ?? "", clientImage: clientImage ?? "" };
  }

  it("are pulled with the Secret that is set, which comes into the namespace before anything else", async () => {
    for (const [key, image] of Object.entries(await fromThere())) stack.set(key, image);
    stack.set("imagePullSecrets", ["registry-key"]);
    await stack.run("up", "--exclude", "**apps/v1:**");
    assert.equal((await stack.kubectl("get", "statefulsets,deployments,pods", "-o", "name")).stdout, "");

    const file = join(folder, "config.json");
    writeFileSync(file, JSON.stringify({ auths: { [registry.host]: { auth: login.replace("Basic ", "") } } }));
    const key = ["create", "secret", "generic", "registry-key", "--type", "kubernetes.io/dockerconfigjson"];
    await stack.kubectl(...key, "--from-file", `.dockerconfigjson=${file}`);
    await stack.run("up");
    assert.ok(registry.served > 0 && registry.refused > 0, `${registry.served} served, ${registry.refused} refused`);
    assert.match(await stack.etcdctl("etcd-0", "endpoint", "health"), /is healthy/);
  });
});
