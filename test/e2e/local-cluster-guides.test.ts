import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { packagedFile } from "../../antithesis/packaged.ts";
import { kubeconfigFile } from "../../local/cluster/folders.ts";
import type { Block } from "../guides.ts";
import { blocks, callsOf, runBlock, titleOf, unknownOptions } from "../guides.ts";
import { removeBuilt } from "./built-images.ts";
import { forget, pull } from "./registry-image.ts";
import { smallMembers } from "./small-members.ts";
import { TestStack, worldContext, worldEnvironment } from "./world.ts";

const local = blocks.filter(({ where }) => where === "local");
const run = new Set<Block>();

/** The block under a heading, which counts as run. */
function block(heading: string): Block {
  const found = local.find((one) => one.heading === heading);
  assert.ok(found !== undefined, `no block to run on the local cluster is under "${heading}"`);
  run.add(found);
  return found;
}

describe("what the guides let one type, on the local cluster", function () {
  this.timeout("6m");
  const folder = mkdtempSync(join(tmpdir(), "guides-"));
  after(() => rmSync(folder, { recursive: true }));

  describe("guide-antithesis.md: package on this machine", () => {
    const repository = "localhost:5000/try";
    const brought: string[] = [];
    after(async () => {
      for (const reference of brought) await forget(reference);
      await removeBuilt(repository);
      rmSync(packagedFile(repository), { force: true });
      rmSync("build/Pulumi.try.yaml", { force: true });
    });

    it("packages, and shows the launch of what it packaged", async () => {
      await worldEnvironment();
      const all = await runBlock(block("Package on this machine"));
      const [, image = ""] = /"antithesis.config_image": "(\S+)"/.exec(all) ?? [];
      assert.ok(image.startsWith(`${repository}/etcd-config@sha256:`), all);
      assert.ok(all.includes(`\nconfig image ${image}, packaged `), all);
      brought.push(image);
      const manifests = [...(await pull(image)).files.values()].join("");
      brought.push(...[...manifests.matchAll(/ image: (\S+)/g)].map(([, name]) => name ?? ""));
      assert.equal(brought.length, 3);
    });
  });

  describe("guide-production.md: settings, with a passphrase", () => {
    const settings = join(folder, "Pulumi.prod.yaml");
    let env: Record<string, string> = {};
    before(async () => {
      for (const file of ["Pulumi.yaml", "Pulumi.prod.yaml"]) copyFileSync(file, join(folder, file));
      env = { ...(await worldEnvironment()), PULUMI_BACKEND_URL: `file://${folder}` };
    });

    it("writes one line into the stack's settings: a salt, not the passphrase", async () => {
      const shipped = readFileSync(settings, "utf8");
      assert.doesNotMatch(shipped, /encryptionsalt/);
      const all = await runBlock(block("Settings"), { cwd: folder, env });
      assert.match(all, /^context\s+my-context$/m);
      const written = readFileSync(settings, "utf8");
      assert.equal(written.match(/^encryptionsalt: v1:\S+$/gm)?.length, 1, written);
      assert.ok(!written.includes("a passphrase of yours"));
      const keys = (text: string) => [...text.matchAll(/^ {2}(etcd:\w+)/gm)].map(([, key]) => key);
      assert.deepEqual(keys(written).sort(), keys(shipped).sort());
    });

    it("lets a preview through with the passphrase, and with no other", async () => {
      const text = readFileSync(settings, "utf8")
        .replace("etcd:context: my-context", `etcd:context: ${worldContext}\n  etcd:kubeconfig: ${kubeconfigFile}`)
        .replace("registry.example.com/team", "localhost:5000")
        .replace(
          "config:\n",
          "config:\n  etcd:etcdImage: localhost:5000/base/etcd\n  etcd:nodeImage: localhost:5000/base/node:24\n",
        );
      writeFileSync(settings, text);
      const preview = (passphrase: string) =>
        execa(process.execPath, ["local/run.ts", "preview", "--stack", "prod", "--config-file", settings], {
          env: { ...env, PULUMI_CONFIG_PASSPHRASE: passphrase },
          reject: false,
          all: true,
          stdin: "ignore",
        });
      const right = await preview("a passphrase of yours");
      assert.equal(right.exitCode, 0, right.all);
      assert.match(right.all, /\+ \d+ to create/);
      const wrong = await preview("another");
      assert.notEqual(wrong.exitCode, 0);
      assert.match(wrong.all, /incorrect passphrase/);
    });
  });

  describe("guide-production.md: backup", () => {
    const small = { "etcd:replicas": 1, "etcd:clientReplicas": 0, "etcd:resources": smallMembers };
    const stack = new TestStack("guide", { ...small, "etcd:storageSize": "256Mi" });
    before(() => stack.removeLeftovers());
    after(async () => {
      await stack.cleanUp();
      rmSync("build/etcd-backup.db", { force: true });
    });

    it("gives a whole snapshot, and says so", async () => {
      await stack.run("up");
      await stack.etcdctl("etcd-0", "put", "kept", "yes");
      const { text } = block("Backup");
      const here = text.replaceAll("kubectl -n etcd ", `kubectl --context ${worldContext} -n ${stack.namespace} `);
      assert.match(await runBlock({ text: here }, { env: await worldEnvironment() }), /TOTAL KEYS/i);
      assert.equal(await stack.exec("etcd-0", "ls", "/var/lib/etcd").then((names) => names.includes("backup")), false);
    });
  });

  it("is, for programs of others, known to their own help where it needs a place of one's own", async () => {
    const env = await worldEnvironment();
    const calls = await Promise.all(
      blocks
        .filter(({ where }) => where === "elsewhere")
        .map(async (one) =>
          (await callsOf(one, ["npm", "pulumi", "docker", "kubectl"])).map((call) => ({ one, call })),
        ),
    );
    const others = calls.flat().filter(({ call: [program] }) => program !== "npm");
    assert.ok(others.length > 3);
    for (const { one, call } of others) {
      const [program = "", ...args] = call;
      const command = args.slice(
        0,
        args.findIndex((word) => !/^[a-z]+$/.test(word)),
      );
      const help = await execa(program, [...command, "--help"], { env, all: true });
      // kubectl tells the options of all its commands in a place of their own.
      const ofAll = program === "kubectl" ? await execa(program, ["options"], { env, all: true }) : { all: "" };
      const all = `${help.all}\n${ofAll.all}`;
      assert.deepEqual(unknownOptions(args, all), [], `${titleOf(one)}: ${call.join(" ")}\n${all}`);
    }
  });

  describe("all of it", () => {
    it("has been run by now", () => {
      assert.deepEqual(local.filter((one) => !run.has(one)).map(titleOf), []);
    });
  });
});
