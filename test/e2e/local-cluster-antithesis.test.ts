import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { sockets } from "../../local/cluster/folders.ts";
import { evaluate } from "../../workload/assertions/evaluate.ts";
import { readAssertions } from "../../workload/assertions/read.ts";
import { removeBuilt } from "./built-images.ts";
import { parseMembers } from "./etcdctl.ts";
import { forget, pull } from "./registry-image.ts";
import { smallMembers } from "./small-members.ts";
import { eventually, kubectl, registry, TestStack, tryKubectl, worldEnvironment } from "./world.ts";

const repository = `${registry}/e2e-antithesis`;
const template = "/opt/antithesis/test/v1/main";
const names = "statefulset,deployment,service,networkpolicy,pdb,role,rolebinding,serviceaccount,configmap,pvc,pod";

/** The settings of Pulumi.antithesis.yaml, but for what is about a place: context and registry. */
function antithesisSettings(): Record<string, unknown> {
  const { config } = parse(readFileSync("Pulumi.antithesis.yaml", "utf8")) as { config: Record<string, unknown> };
  const ofPlace = ["etcd:context", "etcd:registry"];
  return Object.fromEntries(Object.entries(config).filter(([key]) => !ofPlace.includes(key)));
}

describe("the antithesis stack, as Antithesis starts it: from the config image, its images brought beforehand", function () {
  this.timeout("8m");
  // Requests are judged elsewhere (npm run antithesis -- validate, the stacks' table); the node may be others' as well.
  const stack = new TestStack("antithesis", { ...antithesisSettings(), "etcd:resources": smallMembers });
  const folder = mkdtempSync(join(tmpdir(), "antithesis-"));
  const manifests = join(folder, "manifests");
  const brought: string[] = [];
  let clients: readonly string[] = [];

  const inDefault = (...args: string[]) => kubectl("-n", "default", ...args);
  const exec = (pod: string, ...command: string[]) => tryKubectl("-n", "default", "exec", pod, "--", ...command);

  async function antithesis(...args: string[]) {
    // What package notes goes with the test.
    const env = { ...(await worldEnvironment()), XDG_STATE_HOME: folder };
    return execa(process.execPath, ["antithesis/command.ts", ...args], { env, stdin: "ignore", all: true });
  }

  /** containerd's own tool, in the kubelet's part of the store: no registry is asked by the node. */
  async function ctr(...args: string[]): Promise<string> {
    const line = ["--address", sockets.containerd, "--namespace", "k8s.io", "images", ...args];
    return (await execa("ctr", line, { env: await worldEnvironment() })).stdout;
  }

  async function left(): Promise<string> {
    const kinds = await Promise.all(
      ["etcd", "etcd-client"].map((app) => inDefault("get", names, "-l", `app=${app}`, "-o", "name")),
    );
    return kinds
      .map(({ stdout }) => stdout)
      .join("\n")
      .trim();
  }

  async function takeAway(): Promise<void> {
    await kubectl("delete", "-f", manifests, "--ignore-not-found", "--wait");
    await eventually("nothing is left in namespace default", 60_000, async () =>
      (await left()) === "" ? true : undefined,
    );
  }

  before(async () => {
    const { stdout: config } = await antithesis("package", "--registry", repository, "--config-file", stack.configFile);
    brought.push(config);
    for (const [name, text] of (await pull(config)).files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
      brought.push(...[...text.matchAll(/ image: (\S+@sha256:\S+)/g)].map(([, image]) => image ?? ""));
    }
    await takeAway();
  });

  after(async () => {
    await takeAway();
    const stored = (await ctr("ls", "-q")).split("\n").filter((name) => name.startsWith(`${repository}/`));
    if (stored.length > 0) await ctr("rm", ...stored);
    for (const reference of brought) await forget(reference);
    await removeBuilt(repository);
    stack.forget();
    rmSync(folder, { recursive: true });
  });

  it("waits for images that are not on the node, and comes up when they are: it pulls nothing", async () => {
    assert.match((await antithesis("validate", "--manifests", manifests)).stdout, /objects keep all rules/);
    await kubectl("apply", "-f", manifests);
    await eventually("every pod misses its image", 120_000, async () => {
      const path = "jsonpath={.items[*].status.containerStatuses[*].state.waiting.reason}";
      const { stdout } = await inDefault("get", "pods", "-l", "app in (etcd,etcd-client)", "-o", path);
      return stdout === Array.from({ length: 5 }, () => "ErrImageNeverPull").join(" ") ? true : undefined;
    });
    const [, ...images] = brought;
    assert.equal(images.length, 2);
    for (const image of images) await ctr("pull", "--plain-http", image);
    await inDefault("rollout", "status", "statefulset/etcd", "--timeout=3m");
    await inDefault("rollout", "status", "deployment/etcd-client", "--timeout=1m");
  });

  it("has the example's names: etcd-headless for peers, etcd for clients", async () => {
    const { stdout } = await exec("etcd-0", "etcdctl", "--endpoints=http://etcd:2379", "member", "list", "-w", "json");
    const urls = parseMembers(stdout).flatMap(({ peerURLs }) => peerURLs);
    assert.deepEqual(
      urls.sort(),
      [0, 1, 2].map((member) => `http://etcd-${member}.etcd-headless:2380`),
    );
  });

  it("says once that the setup is complete, and runs the test commands of the template", async () => {
    const { stdout } = await inDefault("get", "pods", "-l", "app=etcd-client", "-o", "name");
    clients = stdout.split("\n").filter(Boolean);
    assert.equal(clients.length, 2);
    const evaluated = async () => {
      for (const [index, pod] of clients.entries()) {
        const written = await exec(pod, "cat", "/tmp/antithesis/sdk.jsonl");
        writeFileSync(join(folder, `pod-${index}.jsonl`), written.exitCode === 0 ? `${written.stdout}\n` : "");
      }
      return evaluate(readAssertions(folder).events);
    };
    const setups = await eventually("setup-complete is written", 60_000, async () => {
      const { setups } = await evaluated();
      return setups > 0 ? setups : undefined;
    });
    assert.equal(setups, 1);

    for (const command of ["first_cluster_serves", "parallel_driver_generate_traffic", "finally_nothing_lost"]) {
      for (const run of await Promise.all(clients.map((pod) => exec(pod, `${template}/${command}`)))) {
        assert.equal(run.exitCode, 0, run.all);
      }
    }
    const { properties, setups: after } = await evaluated();
    assert.equal(after, 1);
    const verdicts = new Map(properties.map(({ message, verdict }) => [message, verdict]));
    assert.equal(verdicts.get("Database key values stay consistent"), "passed");
    assert.equal(verdicts.get("Client can make successful put requests"), "passed");
  });

  it("leaves nothing in namespace default when its manifests are deleted", async () => {
    await takeAway();
    assert.match((await kubectl("get", "namespace", "default")).stdout, /Active/);
  });
});
