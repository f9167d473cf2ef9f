import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import type { ProgramSettings } from "./plugins-program/index.ts";
import { kubectl, tryKubectl, worldContext, worldEnvironment } from "./world.ts";

/**
 * The engine's plugins, official or stand-in, with a program of their own: what Pulumi promises its users when something
 * is created, changed, replaced, changed by hand, broken and deleted. What the etcd cluster needs of them is tested with it.
 */
describe("the Pulumi plugins", () => {
  const isLocal = worldContext === "etcd-local";
  const namespace = "e2e-plugins";
  const image = isLocal ? "localhost:5000/base/etcd:v3.6.14" : "quay.io/coreos/etcd:v3.6.14";
  const registry = isLocal ? "localhost:5000" : process.env["E2E_REGISTRY"];
  const initial: ProgramSettings = {
    context: worldContext,
    namespace,
    image,
    replicas: 1,
    timeout: 60,
    serviceName: "headless",
    text: "first",
    patchForce: false,
  };
  let settings = initial;
  let folder = "";

  async function pulumi(...args: string[]): Promise<{ exitCode: number; all: string }> {
    const env = {
      ...(await worldEnvironment()),
      PULUMI_BACKEND_URL: `file://${folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "",
      PLUGINS_TEST_SETTINGS: JSON.stringify(settings),
    };
    const options = { cwd: path.join(folder, "program"), env, all: true, reject: false, stdin: "ignore" } as const;
    const { exitCode, all } = await execa("pulumi", [...args, "--non-interactive", "--stack", "test"], options);
    return { exitCode: exitCode ?? 1, all };
  }

  /** `up` with the given changes; they stay for the runs after it. */
  async function up(changes: Partial<ProgramSettings> = {}, ...flags: string[]): Promise<string> {
    const { exitCode, all } = await tryUp(changes, ...flags);
    assert.equal(exitCode, 0, all);
    return all;
  }

  function tryUp(changes: Partial<ProgramSettings>, ...flags: string[]): Promise<{ exitCode: number; all: string }> {
    settings = { ...settings, ...changes };
    return pulumi("up", "--yes", "--skip-preview", ...flags);
  }

  async function inNamespace(...args: string[]): Promise<string> {
    return (await kubectl("-n", namespace, ...args)).stdout;
  }

  const jsonPath = (object: string, where: string): Promise<string> =>
    inNamespace("get", object, "-o", `jsonpath={${where}}`);

  before(async function () {
    this.timeout(300_000);
    await worldEnvironment();
    await kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait");
    folder = mkdtempSync(path.join(tmpdir(), "e2e-plugins-"));
    const program = path.join(folder, "program");
    mkdirSync(path.join(folder, "state"));
    cpSync(path.join(import.meta.dirname, "plugins-program"), program, { recursive: true });
    symlinkSync(path.resolve("node_modules"), path.join(program, "node_modules"));
    const runtime = "runtime:\n  name: nodejs\n  options:\n    typescript: false\n";
    writeFileSync(path.join(program, "Pulumi.yaml"), `name: plugins-test\nmain: index.ts\n${runtime}`);
    const dependencies = { "@pulumi/docker": "*", "@pulumi/kubernetes": "*", "@pulumi/pulumi": "*" };
    writeFileSync(path.join(program, "package.json"), JSON.stringify({ type: "module", dependencies }));
    const { exitCode, all } = await pulumi("stack", "init");
    assert.equal(exitCode, 0, all);
  });

  after(async function () {
    this.timeout(300_000);
    await tryKubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait");
    rmSync(folder, { recursive: true, force: true });
  });

  it("create what the program says, and wait until it is ready", async () => {
    const printed = await up();
    assert.match(printed, /\[1\/2\] Waiting for StatefulSet to create Pods \(0\/1 Pods ready\)/);
    assert.match(printed, /readyReplicas: 1/);
    assert.equal(await jsonPath("statefulset/set", ".status.readyReplicas"), "1");
    assert.match(await inNamespace("get", "configmap", "-o", "name"), /configmap\/unnamed-[0-9a-f]{8}\b/);
  });

  it("change nothing where nothing changed, whatever the API server filled in", async () => {
    const { exitCode, all } = await pulumi("preview", "--refresh", "--expect-no-changes");
    assert.equal(exitCode, 0, all);
    assert.match(await up({}, "--refresh", "--expect-no-changes"), /8 unchanged/);
  });

  it("keep the data of a Secret out of what is printed and out of the state", async () => {
    const encoded = Buffer.from("hush").toString("base64");
    const exported = (await pulumi("stack", "export")).all;
    assert.match(exported, /"stringData"/);
    assert.doesNotMatch(exported, new RegExp(`hush|${encoded}`));
    assert.equal(await jsonPath("secret/secret", ".data.password"), encoded);
  });

  it("change a StatefulSet in place, and wait for the rollout", async () => {
    const uid = await jsonPath("statefulset/set", ".metadata.uid");
    assert.match(await up({ replicas: 2 }), /1 updated/);
    assert.equal(await jsonPath("statefulset/set", ".status.readyReplicas"), "2");
    assert.equal(await jsonPath("statefulset/set", ".metadata.uid"), uid);
  });

  it("do not take a field from somebody else unless they are told to", async () => {
    await inNamespace("scale", "statefulset/set", "--replicas=1");
    const refused = await tryUp({ replicas: 3 });
    assert.notEqual(refused.exitCode, 0);
    assert.match(refused.all, /Server-Side Apply field conflict detected/i);
    assert.match(refused.all, /conflict with "kubectl" with subresource "scale" using apps\/v1: \.spec\.replicas/);
    assert.equal(await jsonPath("statefulset/set", ".spec.replicas"), "1");
    await up({ patchForce: true });
    assert.equal(await jsonPath("statefulset/set", ".spec.replicas"), "3");
  });

  it("see what was changed by hand on refresh, and set it back", async () => {
    await inNamespace("scale", "statefulset/set", "--replicas=1");
    await inNamespace("delete", "configmap", "named");
    const preview = await pulumi("preview", "--refresh", "--diff");
    assert.match(preview.all, /replicas: 1 => 3/);
    const printed = await up({}, "--refresh");
    assert.match(printed, /1 created/);
    assert.match(printed, /1 updated/);
    assert.equal(await jsonPath("statefulset/set", ".spec.replicas"), "3");
    assert.equal(await jsonPath("configmap/named", ".data.text"), "first");
  });

  it("replace what can't be changed: the old one first where the name stays, the new one first where it does not", async () => {
    const uid = await jsonPath("statefulset/set", ".metadata.uid");
    const before = await inNamespace("get", "configmap", "-o", "name");
    settings = { ...settings, serviceName: "another", text: "second", replicas: 1 };
    assert.match((await pulumi("preview")).all, /3 to replace/);
    const printed = await up();
    assert.match(printed, /3 replaced/);
    assert.notEqual(await jsonPath("statefulset/set", ".metadata.uid"), uid);
    assert.equal(await jsonPath("configmap/named", ".data.text"), "second");
    const after = await inNamespace("get", "configmap", "-o", "name");
    const unnamed = /configmap\/unnamed-\w+/;
    assert.notEqual(unnamed.exec(after)?.[0], unnamed.exec(before)?.[0]);
    assert.equal(after.match(/unnamed/g)?.length, 1);
  });

  it("fail in time with the pods' own reasons, and go on from there", async () => {
    const failed = await tryUp({ image: `${image}-missing`, timeout: 10 });
    assert.notEqual(failed.exitCode, 0);
    assert.match(failed.all, /'set' timed out waiting to be Ready/);
    assert.match(failed.all, /0 out of 1 replicas succeeded readiness checks/);
    assert.match(failed.all, /\[Pod e2e-plugins\/set-0\]: .*\[(ErrImagePull|ImagePullBackOff)\].*-missing/s);
    // The same wish again waits again, though nothing in it changed: the last run did not come to its end.
    assert.notEqual((await tryUp({ timeout: 3 })).exitCode, 0);
    await up({ image, timeout: 60 });
    assert.equal(await jsonPath("statefulset/set", ".status.readyReplicas"), "1");
  });

  it("stop before anything is done where the object would not be accepted", async () => {
    const { exitCode, all } = await (async () => {
      const kept = settings;
      settings = { ...settings, replicas: -1 };
      const result = await pulumi("preview");
      settings = kept;
      return result;
    })();
    assert.notEqual(exitCode, 0);
    assert.match(all, /spec\.replicas.*must be greater than or equal to 0/s);
  });

  it("build an image once, push it, and know it by its digest", async function () {
    if (registry === undefined) {
      this.skip();
    }
    const context = path.join(folder, "context");
    mkdirSync(context);
    writeFileSync(path.join(context, "Dockerfile"), "FROM scratch\nCOPY hello /hello\n");
    writeFileSync(path.join(context, "hello"), String(Date.now()));
    const imageName = `${registry}/e2e-plugins/hello:1`;
    const digestIn = (printed: string): string => /repoDigest *: "([^"]+)"/.exec(printed)?.[1] ?? "";
    const first = digestIn(await up({ build: { context, imageName } }));
    assert.match(first, /\/e2e-plugins\/hello@sha256:[0-9a-f]{64}$/);
    assert.match(await up({}, "--refresh", "--expect-no-changes"), /unchanged/);
    writeFileSync(path.join(context, "hello"), "changed");
    const second = /=> "([^"]+)"/.exec(await up())?.[1] ?? "";
    assert.match(second, /hello@sha256:[0-9a-f]{64}$/);
    assert.notEqual(second, first);
  });

  it("delete everything, and come back only when it is gone", async () => {
    const { exitCode, all } = await pulumi("destroy", "--yes", "--skip-preview");
    assert.equal(exitCode, 0, all);
    assert.equal((await tryKubectl("get", "namespace", namespace)).exitCode, 1);
  });
}).timeout(180_000);
