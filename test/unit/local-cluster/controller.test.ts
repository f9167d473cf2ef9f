import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { makeAuthority } from "../../../local/cluster/certificates.ts";
import { provisionerName } from "../../../local/cluster/controller/names.ts";
import { answersHttp } from "../../../local/cluster/probe.ts";

const program = path.resolve(import.meta.dirname, "../../../local/cluster/controller/main.ts");
const namespaces = "/api/v1/namespaces";
const claims = "/api/v1/persistentvolumeclaims";
const volumes = "/api/v1/persistentvolumes";

interface CreatedVolume {
  metadata: { name: string };
  spec: { claimRef: { namespace: string; name: string; uid: string }; hostPath: { path: string } };
}

function claim(uid: string, provisioner = provisionerName, more: object = {}) {
  return {
    metadata: {
      name: `data-${uid}`,
      namespace: "default",
      uid,
      annotations: { "volume.kubernetes.io/storage-provisioner": provisioner },
    },
    spec: {
      storageClassName: "local-path",
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "1Gi" } },
      ...more,
    },
    status: { phase: "Pending" },
  };
}

type Claim = ReturnType<typeof claim>;

/** As Kubernetes' volume controller leaves it after its first of two steps. */
function halfBound(uid: string, provisioner = provisionerName): Claim {
  const made = claim(uid, provisioner, { volumeName: `pvc-${uid}` });
  const annotations = { ...made.metadata.annotations, "pv.kubernetes.io/bind-completed": "yes" };
  return { ...made, metadata: { ...made.metadata, annotations } };
}

function volume(name: string, phase: string, provisioner = provisionerName) {
  return {
    metadata: { name, annotations: { "pv.kubernetes.io/provisioned-by": provisioner } },
    spec: { persistentVolumeReclaimPolicy: "Delete" },
    status: { phase },
  };
}

/** An API server that knows two collections and their watches, and notes what it is told. */
class FakeApi {
  readonly items: Record<string, object[]> = { [namespaces]: [], [claims]: [], [volumes]: [] };
  readonly watches: Record<string, ServerResponse[]> = { [namespaces]: [], [claims]: [], [volumes]: [] };
  readonly created: CreatedVolume[] = [];
  readonly deleted: string[] = [];
  readonly patched: [string, unknown][] = [];
  lists = 0;
  refusals = 0;

  readonly answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { pathname, searchParams } = new URL(request.url ?? "", "https://test");
    if (request.method === "GET" && searchParams.has("watch")) {
      this.watches[pathname]?.push(response.writeHead(200));
      response.flushHeaders();
    } else if (request.method === "GET" && pathname.startsWith(`${namespaces}/`)) {
      const name = pathname.split("/").at(-1);
      response.end(JSON.stringify(this.items[claims]?.find((item) => (item as Claim).metadata.name === name)));
    } else if (request.method === "PATCH") {
      void text(request).then((body) => this.patched.push([pathname, JSON.parse(body)]));
      response.writeHead(200).end("{}");
    } else if (request.method === "GET") {
      this.lists++;
      response.end(JSON.stringify({ metadata: { resourceVersion: "1" }, items: this.items[pathname] }));
    } else if (request.method === "POST" && this.refusals-- > 0) {
      response.writeHead(500).end("not now");
    } else if (request.method === "POST") {
      void text(request).then((body) => this.created.push(JSON.parse(body) as CreatedVolume));
      response.writeHead(201).end("{}");
    } else {
      this.deleted.push(pathname);
      response.writeHead(200).end("{}");
    }
  };

  /** Tells those who watch of a new object. */
  async add(collection: string, object: object): Promise<void> {
    await until(() => (this.watches[collection]?.length ?? 0) > 0);
    this.items[collection]?.push(object);
    this.watches[collection]?.at(-1)?.write(`${JSON.stringify({ type: "ADDED", object })}\n`);
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!(await condition())) {
    assert(performance.now() < deadline, `not within 5 s: ${condition.toString()}`);
    await sleep(5);
  }
}

describe("the local controller", () => {
  let folder = "";
  let api = new FakeApi();
  let server: Server | undefined;
  let child: ChildProcess | undefined;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "volumes-"));
    api = new FakeApi();
    const authority = await makeAuthority("test-ca");
    const own = await authority.issue({ user: "server", groups: [], servesAs: ["127.0.0.1"] });
    const client = await authority.issue({ user: "volumes", groups: [], servesAs: [] });
    server = createServer({ cert: own.certificate, key: own.key }, api.answer).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert(address !== null && typeof address === "object");
    const files = { ca: authority.certificate, certificate: client.certificate, key: client.key };
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(path.join(folder, name), content);
    }
    const settings = {
      apiUrl: `https://127.0.0.1:${address.port}`,
      ...Object.fromEntries(Object.keys(files).map((name) => [name, path.join(folder, name)])),
      node: "one",
      folder: path.join(folder, "volumes"),
      socket: path.join(folder, "socket"),
    };
    writeFileSync(path.join(folder, "settings"), JSON.stringify(settings));
  });

  afterEach(async () => {
    child?.kill("SIGKILL");
    server?.closeAllConnections();
    server?.close();
    rmSync(folder, { recursive: true });
    await sleep(0);
  });

  function start(): void {
    child = spawn(process.execPath, [program, path.join(folder, "settings")], { stdio: "ignore" });
  }

  it("makes a folder anyone may write to and a volume bound to the claim, for claims before and after its start", async () => {
    api.items[claims]?.push(claim("before"));
    start();
    await until(() => api.created.length === 1);
    await api.add(claims, claim("after"));
    await until(() => api.created.length === 2);
    for (const [index, uid] of ["before", "after"].entries()) {
      const made = api.created[index];
      assert.equal(made?.metadata.name, `pvc-${uid}`);
      assert.deepEqual(
        [made.spec.claimRef.namespace, made.spec.claimRef.name, made.spec.claimRef.uid],
        ["default", `data-${uid}`, uid],
      );
      assert.equal(statSync(made.spec.hostPath.path).mode & 0o777, 0o777);
    }
  });

  it("leaves claims alone that are another's, have a volume or want a device", async () => {
    api.items[claims]?.push(
      claim("another's", "somebody/else"),
      claim("bound", provisionerName, { volumeName: "pvc-bound" }),
      claim("device", provisionerName, { volumeMode: "Block" }),
      claim("ours"),
    );
    start();
    await until(() => answersHttp({ socketPath: path.join(folder, "socket") }, "/"));
    assert.deepEqual(
      api.created.map(({ metadata }) => metadata.name),
      ["pvc-ours"],
    );
  });

  it("says that a claim is bound if nobody else has said so a moment after its volume was entered", async () => {
    start();
    await api.add(claims, halfBound("said-by-kubernetes"));
    Object.assign(api.items[claims]?.[0] ?? {}, { status: { phase: "Bound" } });
    await api.add(claims, halfBound("another's", "somebody/else"));
    await api.add(claims, halfBound("left"));
    await until(() => api.patched.length > 0);
    await sleep(50);
    const status = { phase: "Bound", accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" } };
    assert.deepEqual(api.patched, [
      [`${namespaces}/default/persistentvolumeclaims/data-left/status`, { metadata: { uid: "left" }, status }],
    ]);
  });

  it("removes folder and volume of a claim that is gone, and only then", async () => {
    const folders = ["released", "bound", "another"].map((name) => path.join(folder, "volumes", name));
    folders.forEach((name) => mkdirSync(path.join(name, "data"), { recursive: true }));
    api.items[volumes]?.push(volume("bound", "Bound"), volume("another", "Released", "somebody/else"));
    start();
    await api.add(volumes, volume("released", "Released"));
    await until(() => api.deleted.length > 0);
    assert.deepEqual(api.deleted, [`${volumes}/released`]);
    assert.deepEqual(
      folders.map((name) => existsSync(name)),
      [false, true, true],
    );
  });

  it("tries again what failed", async () => {
    api.refusals = 2;
    start();
    await api.add(claims, claim("one"));
    await until(() => api.created.length === 1);
    assert.equal(api.created[0]?.metadata.name, "pvc-one");
  });

  it("goes on when the API server comes back", async () => {
    start();
    await api.add(claims, claim("before"));
    await until(() => api.created.length === 1);
    server?.closeAllConnections();
    await until(() => (api.watches[claims]?.length ?? 0) > 1);
    await api.add(claims, claim("after"));
    await until(() => api.created.some(({ metadata }) => metadata.name === "pvc-after"));
  });

  it("has the pods and claims of a namespace deleted as soon as it is being deleted, and no others", async () => {
    api.items[namespaces]?.push({ metadata: { name: "staying" }, spec: {}, status: { phase: "Active" } });
    start();
    await api.add(namespaces, { metadata: { name: "going" }, spec: {}, status: { phase: "Terminating" } });
    await until(() => api.deleted.length === 2);
    assert.deepEqual(api.deleted, [`${namespaces}/going/pods`, `${namespaces}/going/persistentvolumeclaims`]);
  });
});
