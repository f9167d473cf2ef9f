import assert from "node:assert/strict";
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Credentials } from "../../../local/plugins/docker/inputs.ts";
import { askLabels, askManifest } from "../../../local/plugins/docker/registry.ts";
import { tokenAddress } from "../../../local/plugins/docker/registry-request.ts";

async function listening(answer: http.RequestListener): Promise<{ address: string; server: http.Server }> {
  const server = http.createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

const digest = `sha256:${"a".repeat(64)}`;

describe("a registry that gives tokens, and has its blobs elsewhere", () => {
  const servers: http.Server[] = [];
  /** Each request as it came: server, path, what it authorized itself with. */
  const asked: string[] = [];
  let registry = "";
  let isPublic = true;

  before(async () => {
    const note = (server: string, request: http.IncomingMessage): void =>
      void asked.push(`${server} ${request.url ?? ""} ${request.headers.authorization ?? "-"}`);
    const storage = await listening((request, response) => {
      note("storage", request);
      response.end('{"config":{"Labels":{"a":"b"}}}');
    });
    const tokens = await listening((request, response) => {
      note("tokens", request);
      const isKnown = request.headers.authorization === `Basic ${Buffer.from("ann:secret").toString("base64")}`;
      if (isPublic || isKnown) response.end('{"token":"given"}');
      else response.writeHead(401).end();
    });
    const images = await listening((request, response) => {
      note("images", request);
      const challenge = `Bearer realm="http://${tokens.address}/token",service="images",scope="repository:a/b:pull"`;
      if (request.headers.authorization !== "Bearer given") {
        response.writeHead(401, { "www-authenticate": challenge }).end();
      } else if (request.url?.includes("/blobs/") === true) {
        response.writeHead(307, { location: `http://${storage.address}/blob?signed` }).end();
      } else {
        response.writeHead(200, { "docker-content-digest": digest }).end('{"config":{"digest":"sha256:1"}}');
      }
    });
    servers.push(storage.server, tokens.server, images.server);
    registry = images.address;
  });
  beforeEach(() => void asked.splice(0));
  after(() => servers.forEach((server) => server.close()));

  it("is asked as everybody may, with a token for everybody", async () => {
    isPublic = true;
    assert.deepEqual(await askManifest(`${registry}/a/b:1`, undefined), { kind: "present", digest });
    assert.deepEqual(asked, [
      "images /v2/a/b/manifests/1 -",
      "tokens /token?service=images&scope=repository%3Aa%2Fb%3Apull -",
      "images /v2/a/b/manifests/1 Bearer given",
    ]);
  });

  it("gives a token for credentials, and nothing without", async () => {
    isPublic = false;
    const ann: Credentials = { server: registry, username: "ann", password: "secret" };
    assert.equal((await askManifest(`${registry}/a/b:1`, ann)).kind, "present");
    assert.equal((await askManifest(`${registry}/a/b:1`, { ...ann, password: "wrong" })).kind, "refused");
    assert.equal((await askManifest(`${registry}/a/b:1`, undefined)).kind, "refused");
  });

  it("is followed to its blobs, where no token is shown", async () => {
    isPublic = true;
    assert.equal((await askLabels(`${registry}/a/b:1`, undefined)).get("a"), "b");
    assert.equal(asked.at(-1), "storage /blob?signed -");
  });

  it("names where tokens are in a challenge, and nowhere else", () => {
    const hub =
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/node:pull"';
    assert.equal(
      tokenAddress(hub)?.href,
      "https://auth.docker.io/token?service=registry.docker.io&scope=repository%3Alibrary%2Fnode%3Apull",
    );
    for (const other of [undefined, "", 'Basic realm="https://a.example"', "Bearer", 'Bearer realm="nonsense"']) {
      assert.equal(tokenAddress(other), undefined, other);
    }
  });
});
