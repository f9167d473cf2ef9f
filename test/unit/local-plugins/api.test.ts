import assert from "node:assert/strict";
import http from "node:http";
import type { AddressInfo } from "node:net";
import {
  ApiError,
  isNamespaceMissing,
  KubernetesApi,
  UnreachableError,
} from "../../../local/plugins/kubernetes/api.ts";
import { observe } from "../../../local/plugins/kubernetes/await/observe.ts";
import { createObject } from "../../../local/plugins/kubernetes/cluster.ts";
import { kindOf } from "../../../local/plugins/kubernetes/kinds.ts";
import { nameOf } from "../../../local/plugins/kubernetes/object.ts";

const tls = { ca: undefined, cert: undefined, key: undefined, serverName: undefined, skipVerify: false };

type Respond = (request: http.IncomingMessage, response: http.ServerResponse) => void;

describe("the Kubernetes API client", () => {
  let server: http.Server;
  let respond: Respond = () => undefined;
  const requests: string[] = [];

  before(async () => {
    server = http.createServer((request, response) => {
      requests.push(`${request.method ?? ""} ${request.url ?? ""}`);
      respond(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  beforeEach(() => requests.splice(0));
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const client = (port = (server.address() as AddressInfo).port): KubernetesApi =>
    new KubernetesApi({
      context: "test",
      server: `http://127.0.0.1:${port}`,
      namespace: "default",
      tls,
      authorization: "Bearer t",
    });

  const json = (response: http.ServerResponse, status: number, body: object): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };

  it("gives the server's own message and reason for a refusal", async () => {
    const body = {
      kind: "Status",
      message: 'namespaces "a" not found',
      reason: "NotFound",
      details: { kind: "namespaces" },
    };
    respond = (_request, response) => json(response, 404, body);
    await assert.rejects(client().get("/api/v1/namespaces/a"), (error) => {
      assert.ok(error instanceof ApiError);
      assert.equal(error.message, 'namespaces "a" not found');
      return isNamespaceMissing(error);
    });
  });

  it("says in one sentence that the server can't be reached", async () => {
    await assert.rejects(client(1).get("/version"), (error) => {
      assert.ok(error instanceof UnreachableError);
      assert.match(
        error.message,
        /^the Kubernetes API server of context "test" \(http:\/\/127.0.0.1:1\) could not be reached: .*ECONNREFUSED/,
      );
      return true;
    });
  });

  it("survives words of a proxy that are not JSON", async () => {
    respond = (_request, response) => response.writeHead(502).end("<html>Bad Gateway</html>");
    await assert.rejects(client().get("/version"), /Bad Gateway/);
  });

  describe("creating an object", () => {
    const kind = kindOf("kubernetes:core/v1:ConfigMap");
    assert.ok(kind);
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "b" } };
    const options = { fieldManager: "m", force: false, upsert: false };

    it("refuses one that exists, and does not touch it", async () => {
      respond = (_request, response) => json(response, 200, object);
      await assert.rejects(createObject(client(), kind, object, options), /^Error: configmaps "a" already exists$/);
      assert.deepEqual(requests, ["GET /api/v1/namespaces/b/configmaps/a"]);
    });

    it("refuses one that somebody made at the same moment", async () => {
      respond = (request, response) => json(response, request.method === "GET" ? 404 : 200, object);
      await assert.rejects(createObject(client(), kind, object, options), /already exists/);
    });

    it("applies one that is new, with its field manager", async () => {
      respond = (request, response) => json(response, request.method === "GET" ? 404 : 201, object);
      assert.equal(nameOf(await createObject(client(), kind, object, options)), "a");
      assert.equal(requests[1], "PATCH /api/v1/namespaces/b/configmaps/a?fieldManager=m&force=false");
    });

    it("goes on with one that a run made which was cut off, without a look at it first", async () => {
      respond = (_request, response) => json(response, 200, object);
      assert.equal(nameOf(await createObject(client(), kind, object, { ...options, upsert: true })), "a");
      assert.deepEqual(requests, ["PATCH /api/v1/namespaces/b/configmaps/a?fieldManager=m&force=false"]);
    });

    it("says what to do about a field conflict", async () => {
      const status = {
        reason: "Conflict",
        message: 'Apply failed with 1 conflict: conflict with "kubectl": .spec.replicas',
      };
      respond = (request, response) => json(response, request.method === "GET" ? 404 : 409, status);
      await assert.rejects(createObject(client(), kind, object, options), (error) => {
        assert.match(
          String(error),
          /field conflict detected.*pulumi\.com\/patchForce.*conflict with "kubectl": \.spec\.replicas/s,
        );
        return true;
      });
    });
  });

  describe("watching", () => {
    const pod = (name: string, version: string) => ({ metadata: { name, resourceVersion: version } });

    it("shows the objects now and after each change, over a broken connection", async () => {
      let lists = 0;
      respond = (request, response) => {
        if (request.url?.includes("watch=1") === true) {
          response.writeHead(200);
          const added = JSON.stringify({ type: "ADDED", object: pod(`added-${lists}`, "2") });
          // An event may come in pieces.
          response.write(added.slice(0, 10));
          setTimeout(() => {
            response.write(`${added.slice(10)}\n`);
            setTimeout(() => response.destroy(), 10);
          }, 10);
        } else {
          lists += 1;
          json(response, 200, { metadata: { resourceVersion: "1" }, items: [pod(`listed-${lists}`, "1")] });
        }
      };
      const seen: string[] = [];
      for await (const found of observe(client(), { path: "/api/v1/pods" }, new AbortController().signal)) {
        seen.push(found.map(nameOf).join(" "));
        if (seen.length === 4) {
          break;
        }
      }
      assert.deepEqual(seen, ["listed-1", "listed-1 added-1", "listed-2", "listed-2 added-2"]);
      assert.match(requests[1] ?? "", /resourceVersion=1&watch=1/);
    });

    it("ends at once when the signal is given", async () => {
      const stop = new AbortController();
      respond = (request, response) => {
        if (request.url?.includes("watch=1") === true) {
          response.writeHead(200).flushHeaders();
          setTimeout(() => stop.abort(new Error("enough")), 20);
        } else {
          json(response, 200, { metadata: { resourceVersion: "1" }, items: [] });
        }
      };
      const looked = (async () => {
        for await (const found of observe(client(), { path: "/api/v1/pods" }, stop.signal)) {
          assert.deepEqual(found, []);
        }
      })();
      await assert.rejects(looked, /enough/);
    });
  });
});
