import assert from "node:assert/strict";
import { execa } from "execa";
import { eventually, kubectl, tryKubectl, worldContext, worldEnvironment } from "./world.ts";

const namespace = "e2e-local-cluster-pods";
const image = "localhost:5000/base/node:24";

/** What Pod Security's restricted level asks of a container. */
const restricted = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  runAsUser: 1001,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};

const server = `require("node:http").createServer((q, r) => r.end(process.env.HOSTNAME)).listen(8080); console.log("listening")`;

function pod(name: string, labels: Record<string, string>, securityContext: object = restricted) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels },
    spec: {
      terminationGracePeriodSeconds: 0,
      hostname: name,
      subdomain: "late",
      containers: [
        {
          name: "main",
          image,
          command: ["node", "-e", server],
          securityContext,
          readinessProbe: { httpGet: { path: "/", port: 8080 }, periodSeconds: 1 },
          volumeMounts: [{ name: "data", mountPath: "/data" }],
        },
      ],
      volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
    },
  };
}

function service(name: string, app: string, clusterIP?: string) {
  const spec = { selector: { app }, ports: [{ port: 80, targetPort: 8080 }], publishNotReadyAddresses: true };
  const metadata = { name, namespace };
  return { apiVersion: "v1", kind: "Service", metadata, spec: clusterIP === undefined ? spec : { ...spec, clusterIP } };
}

const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
const base = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } },
  {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "data", namespace },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  },
  pod("asker", { app: "asker" }),
  service("asker", "asker"),
  service("nobody", "nobody"),
];

async function apply(...items: object[]) {
  const env = await worldEnvironment();
  return execa("kubectl", ["--context", worldContext, "apply", "-f", "-"], {
    env,
    input: JSON.stringify({ apiVersion: "v1", kind: "List", items }),
    reject: false,
    all: true,
  });
}

/** Runs a piece of JavaScript in the asking pod; what it prints. */
async function ask(script: string): Promise<string> {
  const { stdout } = await kubectl("-n", namespace, "exec", "asker", "--", "node", "-e", script);
  return stdout.trim();
}

/** What the asking pod makes of a name: its addresses, or the error's code, and how long it took (ms). */
async function resolve(name: string): Promise<{ answer: string; milliseconds: number }> {
  const script = `const t = performance.now(); require("node:dns").lookup(${JSON.stringify(name)}, { all: true, family: 4 },
    (e, a) => console.log(JSON.stringify({ answer: e ? e.code : a.map((x) => x.address).join(), milliseconds: performance.now() - t })))`;
  return JSON.parse(await ask(script)) as { answer: string; milliseconds: number };
}

async function podAddress(name: string): Promise<string> {
  const { stdout } = await kubectl("-n", namespace, "get", "pod", name, "-o", "jsonpath={.status.podIP}");
  return stdout;
}

(worldContext === "etcd-local" ? describe : describe.skip)("pods on the local cluster", function () {
  this.timeout(120_000);

  before(async function () {
    this.timeout(1_800_000);
    await kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait");
    const { exitCode, all } = await apply(...base);
    assert.equal(exitCode, 0, all);
    await kubectl("-n", namespace, "wait", "--for=condition=Ready", "pod/asker", "--timeout=60s");
  });
  after(() => kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait"));

  it("write to volumes of the default class without being root", async () => {
    assert.equal(await ask(`fs.writeFileSync("/data/file", "kept"); console.log(process.getuid())`), "1001");
    assert.equal(await ask(`console.log(fs.readFileSync("/data/file", "utf8"))`), "kept");
  });

  it("reach the API server by its service, with their own identity", async () => {
    const script = `const d = "/var/run/secrets/kubernetes.io/serviceaccount/"; require("node:https").get({
      host: "kubernetes.default.svc", path: "/api/v1/namespaces/${namespace}/secrets", ca: fs.readFileSync(d + "ca.crt"),
      headers: { authorization: "Bearer " + fs.readFileSync(d + "token") } }, (r) => r.pipe(process.stdout))`;
    assert.match(
      await ask(script),
      new RegExp(`User \\\\"system:serviceaccount:${namespace}:default\\\\" cannot list`),
    );
  });

  it("reach services, themselves behind one too, and are refused at once by one with nobody behind it", async () => {
    const get = (host: string): string => `const t = performance.now(); require("node:http").get("http://${host}/",
      (r) => r.on("data", (d) => console.log(String(d)))).on("error", (e) => console.log(e.code, performance.now() - t < 1000))`;
    assert.equal(await ask(get(`asker.${namespace}.svc`)), "asker");
    assert.equal(await ask(get("nobody")), "ECONNREFUSED true");
  });

  it("are told at once that a name does not exist, and soon enough when it does", async () => {
    for (const name of ["late-0.late", "example.com", "nothing"]) {
      const { answer, milliseconds } = await resolve(name);
      assert.equal(answer, "ENOTFOUND", name);
      assert(milliseconds < 1000, `${name}: ${milliseconds} ms`);
    }
    await apply(service("late", "late", "None"), pod("late-0", { app: "late" }));
    const address = await eventually(
      "the pod has an address",
      30_000,
      async () => (await podAddress("late-0")) || undefined,
    );
    await eventually("its name resolves", 2000, async () =>
      (await resolve("late-0.late")).answer === address ? true : undefined,
    );
  });

  it("see a name follow its pod", async () => {
    await kubectl("-n", namespace, "delete", "pod", "late-0", "--wait");
    await eventually("the name is gone", 2000, async () =>
      (await resolve("late-0.late")).answer === "ENOTFOUND" ? true : undefined,
    );
    await apply(pod("late-0", { app: "late" }));
    const address = await eventually(
      "the pod has an address",
      30_000,
      async () => (await podAddress("late-0")) || undefined,
    );
    await eventually("its name resolves to the new address", 2000, async () =>
      (await resolve("late-0.late")).answer === address ? true : undefined,
    );
  });

  it("can be looked into: logs and port-forward", async () => {
    assert.equal((await kubectl("-n", namespace, "logs", "asker")).stdout, "listening");
    const env = await worldEnvironment();
    const args = ["--context", worldContext, "-n", namespace, "port-forward", "pod/asker", ":8080"];
    const forward = execa("kubectl", args, { env, reject: false });
    try {
      const port = await new Promise<string>((found) => {
        forward.stdout.on("data", (chunk: Buffer) => {
          const match = /127\.0\.0\.1:(\d+) ->/.exec(chunk.toString());
          if (match?.[1] !== undefined) found(match[1]);
        });
      });
      assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "asker");
    } finally {
      forward.kill();
      await forward;
    }
  });

  it("are held to Pod Security and the node to what its pods need", async () => {
    const { exitCode, all } = await apply(pod("privileged", {}, { privileged: true }));
    assert.notEqual(exitCode, 0);
    assert.match(all, /violates PodSecurity "restricted/);
    const asNode = ["--as=system:node:etcd-local", "--as-group=system:nodes"];
    assert.equal((await tryKubectl("auth", "can-i", "get", "nodes/etcd-local", ...asNode)).stdout, "yes");
    assert.equal((await tryKubectl("auth", "can-i", "list", "secrets", "-A", ...asNode)).stdout.slice(0, 2), "no");
    assert.equal(
      (await tryKubectl("auth", "can-i", "get", "secrets/any", "-n", namespace, ...asNode)).stdout.slice(0, 2),
      "no",
    );
  });
});
