import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { evaluate, type Evaluation } from "../../workload/assertions/evaluate.ts";
import { readAssertions } from "../../workload/assertions/read.ts";
import { check } from "../../workload/checker/check.ts";
import { readHistory } from "../../workload/history/reader.ts";
import { eventually, TestStack, tryKubectl } from "./world.ts";

const template = "/opt/antithesis/test/v1/main";
const small = { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "384Mi" } };

describe("the test template in the client pods of a real cluster", () => {
  const stack = new TestStack("workload", { "etcd:resources": small });
  let pods: readonly string[] = [];
  const folder = mkdtempSync(join(tmpdir(), "template-"));

  before(async function () {
    this.timeout(540_000);
    await stack.removeLeftovers();
    await stack.run("up");
    pods = await eventually("two client pods run", 60_000, async () => {
      const { stdout } = await stack.kubectl("get", "pods", "-l", "app=etcd-client", "-o", "name");
      const names = stdout.split("\n").filter(Boolean);
      return names.length === 2 ? names : undefined;
    });
  });

  after(async function () {
    this.timeout(120_000);
    rmSync(folder, { recursive: true });
    await stack.cleanUp();
  });

  const pod = (index: number): string => pods[index] ?? assert.fail("no such pod");
  const exec = (index: number, ...command: string[]) =>
    tryKubectl("-n", stack.namespace, "exec", pod(index), "--", ...command);

  async function passes(index: number, command: string, ...args: string[]): Promise<string> {
    const { exitCode, all } = await exec(index, `${template}/${command}`, ...args);
    assert.equal(exitCode, 0, all);
    return all;
  }

  async function sdkLines(index: number): Promise<string> {
    const { stdout } = await stack.kubectl("exec", pod(index), "--", "cat", "/tmp/antithesis/sdk.jsonl");
    return stdout;
  }

  async function evaluated(): Promise<Evaluation> {
    for (const index of [0, 1]) writeFileSync(join(folder, `pod-${index}.jsonl`), `${await sdkLines(index)}\n`);
    return evaluate(readAssertions(folder).events);
  }

  it("lies in the image as the composer wants it: known prefixes, executable for the pod's user, and nothing else", async () => {
    const listed = await exec(
      0,
      "sh",
      "-c",
      `cd ${template} && for f in *; do test -x $f && head -c 2 $f && echo " $f"; done`,
    );
    const commands = listed.stdout.split("\n");
    assert.equal(commands.length, 7, listed.all);
    for (const command of commands) {
      assert.match(
        command,
        /^#! (first|parallel_driver|serial_driver|singleton_driver|anytime|eventually|finally)_\w+$/,
      );
    }
    assert.equal((await exec(0, "sh", "-c", "ls /opt/antithesis/test/v1")).stdout, "main");
    assert.equal((await exec(0, "test", "-x", "/opt/etcd-on-kubernetes/traffic")).exitCode, 0);
  });

  it("finds that one of the two pods has said, once, that the setup is complete", async () => {
    const said = await eventually("the setup is said to be complete", 60_000, async () => {
      const logs = await Promise.all(pods.map((name) => stack.kubectl("logs", name)));
      return logs.every(({ stdout }) => /Client: /.test(stdout)) ? logs.map(({ stdout }) => stdout) : undefined;
    });
    assert.equal(said.filter((log) => log.includes("cluster is healthy!")).length, 1, said.join("\n"));
    const again = await exec(0, "node", "/opt/antithesis/lib/workload.js", "setup-complete");
    assert.match(again.stdout, /not said here that the setup is complete: .* has said it/);
    assert.equal((await evaluated()).setups, 1);
  }).timeout(120_000);

  it("says it again where the pod that was to say it was cut off before, and only there", async () => {
    const whose = await stack.etcdctl("etcd-0", "get", "--print-value-only", "etcd-on-kubernetes/setup-complete");
    const owner = pods.findIndex((name) => name === `pod/${whose}`);
    const again = (index: number) => exec(index, "node", "/opt/antithesis/lib/workload.js", "setup-complete");
    // As a pod leaves it that was killed between its claim and its line, or in the middle of the line.
    const cutOff = `
      const file = "/tmp/antithesis/sdk.jsonl";
      fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace(/^{"antithesis_setup":.*/m, '{"antithesis_setup":{"stat'));`;
    await stack.kubectl("exec", pod(owner), "--", "node", "-e", cutOff);
    assert.equal((await evaluated()).setups, 0);
    assert.match((await again(1 - owner)).stdout, /not said here/);
    assert.match((await again(owner)).stdout, /cluster is healthy!/);
    assert.match((await again(owner)).stdout, /this pod has said it/);
    assert.equal((await evaluated()).setups, 1);
  }).timeout(120_000);

  it("runs each command to its end with exit code 0, and many drivers at once in both pods", async () => {
    await passes(0, "first_cluster_serves");
    const runs = Array.from({ length: 6 }, (_, run) => passes(run % 2, "parallel_driver_generate_traffic"));
    const keys = (await Promise.all(runs)).flatMap((all) => [...all.matchAll(/successful put with key '(\w+)'/g)]);
    assert.equal(new Set(keys.map(([, key]) => key)).size, keys.length);
    await Promise.all([passes(0, "serial_driver_delete_keys"), passes(1, "anytime_health")]);
    assert.match(await passes(1, "singleton_driver_check_history"), /sound: nothing contradicts/);
    await passes(1, "eventually_recovers");
    for (const index of [0, 1]) {
      const all = await passes(index, "finally_nothing_lost");
      const [, known, own] = /all (\d+) acknowledged writes are there; (\d+) of them were this pod's/.exec(all) ?? [];
      // Those of the other pod too, and the records of this one.
      assert.ok(Number(own) > 0 && Number(known) >= new Set(keys.map(([, key]) => key)).size, all);
    }
    const { properties } = await evaluated();
    const failing = properties.filter(({ good }) => !good).map(({ message }) => message);
    assert.deepEqual(failing.sort(), ["Client get requests can fail", "Client put requests can fail"]);
    assert.ok(
      properties.every(({ verdict, kind }) => verdict === "passed" || kind === "Sometimes"),
      failing.join(),
    );
  }).timeout(180_000);

  it("records a history through kubectl exec that checks sound", async () => {
    const args = ["--duration", "5", "--rate", "100", "--keys", "5"];
    const { stdout, exitCode } = await exec(0, "/opt/etcd-on-kubernetes/traffic", ...args);
    assert.equal(exitCode, 0);
    const file = join(folder, "history.txt");
    writeFileSync(file, `${stdout}\n`);
    assert.deepEqual(check(readHistory([file])).violations, []);
  }).timeout(60_000);

  it("replays a run from its recorded draws: the same keys", async () => {
    const driver = "parallel_driver_generate_traffic";
    const keysOf = (all: string) => [...all.matchAll(/put with key '(\w+)' and value '(\w+)'/g)].map(([text]) => text);
    const first = keysOf(await passes(0, driver, "--record", "/tmp/draws"));
    assert.deepEqual(keysOf(await passes(0, driver, "--replay", "/tmp/draws")), first);
    await stack.kubectl("exec", pod(0), "--", "rm", "-r", "/tmp/draws");
  }).timeout(60_000);

  it("finds a write that was lost, whichever pod it was acknowledged to: finally_ fails and says which", async () => {
    await passes(0, "finally_nothing_lost");
    const written = await passes(0, "parallel_driver_generate_traffic");
    const [, key = ""] = /successful put with key '(\w+)'/.exec(written) ?? [];
    await stack.etcdctl("etcd-0", "del", key);
    for (const index of [0, 1]) {
      const { exitCode, all } = await exec(index, `${template}/finally_nothing_lost`);
      assert.equal(exitCode, 1, all);
      assert.ok(all.includes(`the put of key '${key}'`) && all.includes("found no such key"), all);
    }
    const property = (await evaluated()).properties.find(({ message }) => /acknowledged write is there/.test(message));
    assert.equal(property?.verdict, "failed");
    assert.match(JSON.stringify(property.counterexamples), new RegExp(key));
  }).timeout(60_000);
});
