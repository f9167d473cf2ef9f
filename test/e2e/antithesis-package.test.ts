import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { parseAllDocuments } from "yaml";
import { removeBuilt } from "./built-images.ts";
import type { PulledImage } from "./registry-image.ts";
import { forget, pull } from "./registry-image.ts";
import { smallMembers } from "./small-members.ts";
import { registry, TestStack, worldEnvironment } from "./world.ts";

const repository = `${registry}/e2e-package`;

interface Packaged {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The images that containers of manifests name. */
function imagesIn(text: string): string[] {
  const found: string[] = [];
  for (const document of parseAllDocuments(text)) {
    JSON.stringify(document.toJS(), (key, value: unknown) => {
      if (key === "image" && typeof value === "string") found.push(value);
      return value;
    });
  }
  return found;
}

describe("what a run at Antithesis needs (npm run antithesis -- package)", function () {
  this.timeout("5m");
  // The salt in a name makes the manifests new to a registry that remembers earlier runs.
  const salt = Date.now().toString(36);
  const stack = new TestStack("package", { "etcd:namespace": `e2e-${salt}`, "etcd:resources": smallMembers });
  const brought = new Set<string>();
  let config: PulledImage | undefined;

  // A registry that asks for none takes any; docker's settings name a helper for it.
  const secret = `s3cret-${salt}`;
  const settings = mkdtempSync(join(tmpdir(), "docker-settings-"));
  const credentials = registry.startsWith("localhost") ? { DOCKER_CONFIG: settings } : {};

  /** A command of `npm run antithesis`; what it notes goes with the test. */
  async function antithesis(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const world = await worldEnvironment();
    const path = `${settings}:${world["PATH"] ?? process.env["PATH"] ?? ""}`;
    const env = { ...world, PATH: path, XDG_STATE_HOME: settings, ...credentials, ...environment };
    return execa(process.execPath, ["antithesis/command.ts", ...args], { env, reject: false, stdin: "ignore" });
  }

  async function packaged(environment: Readonly<Record<string, string>> = {}): Promise<Packaged> {
    const line = ["package", "--registry", repository, "--config-file", stack.configFile];
    const { exitCode, stdout, stderr } = await antithesis(line, environment);
    for (const shown of [secret, btoa(`ann:${secret}`)]) assert.ok(!`${stdout}${stderr}`.includes(shown), "a secret");
    if (stdout !== "") brought.add(stdout);
    return { exitCode: exitCode ?? 1, stdout, stderr };
  }

  /** Without the Docker Engine nothing can be built or pushed: a run that succeeds had nothing to push. */
  const withoutDocker = { DOCKER_HOST: "unix:///nonexistent/docker.sock" };

  function referencesIn(image: PulledImage | undefined): string[] {
    return [...(image?.files.values() ?? [])].flatMap(imagesIn);
  }

  before(() => {
    stack.set("imagePullPolicy", "Never");
    writeFileSync(join(settings, "config.json"), JSON.stringify({ credHelpers: { [registry]: "e2e" } }));
    const script = `#!/bin/sh\ntouch ${settings}/asked\necho '{"Username":"ann","Secret":"${secret}"}'\n`;
    writeFileSync(join(settings, "docker-credential-e2e"), script, { mode: 0o755 });
  });
  after(async () => {
    for (const reference of brought) await forget(reference);
    await removeBuilt(repository);
    stack.forget();
    rmSync(settings, { recursive: true });
  });

  it("refuses what Antithesis would refuse, before anything is built", async () => {
    stack.set("imagePullPolicy", "Always");
    const refused = await packaged(withoutDocker);
    stack.set("imagePullPolicy", "Never");
    assert.equal(refused.exitCode, 1);
    assert.match(
      refused.stderr,
      /nothing was built, because Antithesis would refuse the manifests:\n✘ [a-z-]+: StatefulSet/,
    );
    assert.equal(refused.stdout, "");
  });

  it("makes a config image with the manifests and nothing else, of 50 KB at most", async () => {
    const { exitCode, stdout, stderr } = await packaged();
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /config image: \S+ pushed/);
    assert.equal(existsSync(join(settings, "asked")), "DOCKER_CONFIG" in credentials);
    assert.match(stdout, new RegExp(`^${repository}/etcd-config@sha256:[0-9a-f]{64}$`));
    config = await pull(stdout);
    const names = [...config.files.keys()];
    assert.ok(names.length >= 5, names.join(" "));
    for (const name of names) assert.match(name, /^manifests\/\d\d-[a-z]+\.yaml$/);
    assert.ok(config.size.unpacked <= 50_000, `${config.size.unpacked} bytes`);
    assert.match([...config.files.values()].join(""), new RegExp(`namespace: e2e-${salt}\n`));
  });

  it("names in the manifests the images it pushed, by digest; the client's has 220 MB at most", async () => {
    const references = referencesIn(config);
    assert.equal(references.length, 2);
    for (const reference of references) {
      assert.match(reference, new RegExp(`^${repository}/etcd-(member|client)@sha256:[0-9a-f]{64}$`));
      brought.add(reference);
      const image = await pull(reference);
      assert.equal(image.architecture, "amd64");
      const program = reference.includes("etcd-client") ? "opt/antithesis/lib/workload.js" : "usr/local/bin/etcd";
      assert.ok(image.files.has(program), `${reference} has no ${program}`);
      if (reference.includes("etcd-client")) assert.ok(image.size.unpacked <= 220e6, `${image.size.unpacked} bytes`);
    }
  });

  it("is what a launch takes then", async () => {
    const line = ["launch", "--dry-run", "--tenant", "acme", "--registry", repository, "--duration", "15"];
    const { exitCode, stdout, stderr } = await antithesis(line);
    assert.equal(exitCode, 0, stderr);
    const [, image = ""] = /"antithesis.config_image": "(\S+)"/.exec(stdout) ?? [];
    assert.ok(brought.has(image) && image.includes("/etcd-config@sha256:"), stdout);
    assert.ok(stderr.startsWith(`config image ${image}, packaged `), stderr);
  });

  it("pushes nothing when nothing changed", async () => {
    const { exitCode, stdout, stderr } = await packaged(withoutDocker);
    assert.equal(exitCode, 0, stderr);
    assert.equal(stderr.match(/ is there /g)?.length, 3, stderr);
    assert.ok(brought.has(stdout), "another config image than before");
  });

  it("pushes what changed, and says so where it can't", async () => {
    stack.set("clientReplicas", 1);
    const failed = await packaged(withoutDocker);
    assert.equal(failed.exitCode, 1);
    assert.match(
      failed.stderr,
      /^error: the Docker Engine at unix:\/\/\/nonexistent\/docker.sock could not be reached/m,
    );
    const { exitCode, stdout, stderr } = await packaged();
    assert.equal(exitCode, 0, stderr);
    assert.equal(stderr.match(/ is there /g)?.length, 2, stderr);
    assert.deepEqual(referencesIn(await pull(stdout)), referencesIn(config));
  });
});
