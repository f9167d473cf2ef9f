import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import { pods, TestCluster } from "./test-cluster.ts";
import { eventually, kubectl, TestStack, worldContext, worldEnvironment } from "./world.ts";

/** What `kubectl config view --raw -o json` prints of a kubeconfig. */
interface Kubeconfig {
  readonly clusters: { name: string; cluster: Record<string, unknown> }[];
  readonly users: { name: string; user: Record<string, unknown> }[];
  readonly contexts: { name: string; context: Record<string, string> }[];
}

describe("a cluster among other things of its owner", function () {
  this.timeout(180_000);
  const cluster = new TestCluster("founding");
  const { stack } = cluster;
  const asked: string[] = [];
  let stranger: Server;
  // The same in every run: a stack's state names it, and an aborted run's leftovers are destroyed by it.
  const kubeconfig = join(tmpdir(), "e2e-founding.kubeconfig");

  /** Somebody else's API server is the current context; the stack's own cluster goes by another name than usual. */
  async function writeKubeconfig(port: number): Promise<void> {
    const { stdout } = await kubectl("config", "view", "--raw", "--flatten", "-o", "json");
    const world = JSON.parse(stdout) as Kubeconfig;
    const own = world.contexts.find(({ name }) => name === worldContext);
    assert(own !== undefined);
    const file = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [...world.clusters, { name: "stranger", cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [...world.users, { name: "stranger", user: { token: "not-for-you" } }],
      contexts: [
        own,
        { name: "named-by-the-stack", context: own.context },
        { name: "stranger", context: { cluster: "stranger", user: "stranger" } },
      ],
      "current-context": "stranger",
    };
    writeFileSync(kubeconfig, stringify(file), { mode: 0o600 });
  }

  before(async function () {
    this.timeout(1_800_000);
    await worldEnvironment();
    stranger = createServer((request, response) => {
      asked.push(`${request.method ?? ""} ${request.url ?? ""}`);
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
    await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    await writeKubeconfig((stranger.address() as AddressInfo).port);
    // Makes the stack, which for other contexts than the local one is its owner's to do.
    await stack.tryRun("preview");
    stack.set("context", "named-by-the-stack");
    stack.environment = { KUBECONFIG: kubeconfig };
    await stack.removeLeftovers();
  });
  after(async () => {
    await stack.cleanUp();
    stranger.close();
    rmSync(kubeconfig);
  });

  /** Runs a command as a person would whose current context is somebody else's. */
  async function neverTouchesTheStranger(run: () => Promise<unknown>): Promise<void> {
    const file = readFileSync(kubeconfig, "utf8");
    await run();
    assert.deepEqual(asked, []);
    assert.equal(readFileSync(kubeconfig, "utf8"), file);
  }

  it("up never touches another context than the stack names, nor the file the contexts are in", () =>
    neverTouchesTheStranger(async () => {
      await stack.run("up");
      await stack.run("preview", "--expect-no-changes");
    }));

  it("nor does a stack on the context that the tests run on", () =>
    neverTouchesTheStranger(async () => {
      const other = new TestStack("founding-preview");
      other.environment = { KUBECONFIG: kubeconfig };
      await other.run("preview");
      await other.cleanUp();
    }));

  it("has a client image of at most 220 MB", async () => {
    const path = "jsonpath={.spec.template.spec.containers[0].image}";
    const { stdout: image } = await stack.kubectl("get", "deployment", "etcd-client", "-o", path);
    const env = await worldEnvironment();
    const { stdout: bytes } = await execa("docker", ["image", "inspect", "--format", "{{.Size}}", image], { env });
    assert(Number(bytes) > 0 && Number(bytes) <= 220e6, `${Number(bytes) / 1e6} MB`);
  });

  it("B4: members whose peer is delayed wait for it by name and do not crash; A3: names resolve before anybody is ready", async () => {
    await cluster.patch(0);
    await eventually("all pods are gone", 60_000, async () => ((await memberPods()).length === 0 ? true : undefined));
    await stack.kubectl("delete", "configmap", "etcd-latch");
    await stack.kubectl("delete", "pvc", "-l", "app=etcd");
    await occupyName("etcd-2");
    await cluster.patch(3);
    for (const pod of ["etcd-0", "etcd-1"]) await cluster.says(pod, /Waiting for etcd-2\.etcd to come up/);
    const script = "Promise.all(['etcd-0.etcd', 'etcd-1.etcd'].map((host) => require('dns').promises.lookup(host)))";
    await stack.kubectl("exec", "deploy/etcd-client", "--", "node", "-e", script);
    assert.deepEqual(await memberPods(), ["etcd-0 false 0", "etcd-1 false 0"]);
    await stack.deletePods(["etcd-2"]);
    // The controller, which failed to make the pod, looks again at once instead of in half a minute.
    await stack.kubectl("annotate", "statefulset", "etcd", "example.com/look=again");
    await cluster.settlesAt(3);
    assert.deepEqual(
      await memberPods(),
      pods(3).map((pod) => `${pod} true 0`),
    );
    for (const pod of pods(3)) await cluster.says(pod, /Founding: etcd-0, etcd-1, etcd-2/);
  });

  /** Name, readiness and restarts of each. */
  async function memberPods(): Promise<string[]> {
    const fields = "{.metadata.name} {.status.containerStatuses[0].ready} {.status.containerStatuses[0].restartCount}";
    const path = `jsonpath={range .items[*]}${fields}{"\\n"}{end}`;
    const { stdout } = await stack.kubectl("get", "pods", "-l", "app=etcd", "--sort-by=.metadata.name", "-o", path);
    return stdout.split("\n").filter((line) => line !== "");
  }

  /** A pod of this name that no node will ever take: the StatefulSet can't make its own until it is gone. */
  async function occupyName(name: string): Promise<void> {
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: stack.namespace },
      spec: {
        nodeSelector: { "example.com/no-node": "has-this" },
        securityContext: { runAsNonRoot: true, runAsUser: 1001, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          {
            name: "main",
            image: "example.com/never-pulled",
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          },
        ],
      },
    };
    const env = await worldEnvironment();
    const input = JSON.stringify(pod);
    await execa("kubectl", ["--context", worldContext, "apply", "-f", "-"], { env, input });
  }
});
