import assert from "node:assert/strict";
import path from "node:path";
import { installedPackages } from "../../../local/plugins/language-nodejs/packages.ts";
import type { ProgramRun } from "../../../local/plugins/language-nodejs/program.ts";
import {
  nodeArguments,
  outcomeOf,
  programEnvironment,
  splitArguments,
} from "../../../local/plugins/language-nodejs/program.ts";

const project = path.resolve(import.meta.dirname, "../../..");
const run: ProgramRun = {
  directory: project,
  rootDirectory: project,
  pwd: project,
  entryPoint: "index.ts",
  args: [],
  organization: "organization",
  project: "etcd",
  stack: "dev",
  dryRun: true,
  parallel: 16,
  monitorAddress: "127.0.0.1:1",
  engineAddress: "127.0.0.1:2",
  config: new Map([["etcd:replicas", "3"]]),
  configSecretKeys: ["etcd:token"],
  options: { typescript: false, tsconfig: "", nodeargs: "--max-old-space-size=100 --title 'a b'" },
};

describe("the language host", () => {
  it("starts the SDK's launcher with Node's arguments before and the program after it", () => {
    const [first, second, third, launcher, ...rest] = nodeArguments(run);
    assert.deepEqual([first, second, third], ["--max-old-space-size=100", "--title", "a b"]);
    assert.ok(launcher?.endsWith("@pulumi/pulumi/cmd/run/index.js"));
    assert.deepEqual(rest.slice(-4), ["--dry-run", "--parallel", "16", "index.ts"]);
    assert.equal(nodeArguments({ ...run, dryRun: false }).includes("--dry-run"), false);
  });

  it("gives the settings in the environment, as the SDK reads them", () => {
    assert.deepEqual(programEnvironment(run), {
      PULUMI_CONFIG: '{"etcd:replicas":"3"}',
      PULUMI_CONFIG_SECRET_KEYS: '["etcd:token"]',
      PULUMI_NODEJS_TYPESCRIPT: "false",
    });
  });

  it("adds nothing where the program has told what is wrong", () => {
    assert.deepEqual(outcomeOf(0, null), { kind: "done" });
    assert.deepEqual(outcomeOf(32, null), { kind: "bailed" });
    assert.deepEqual(outcomeOf(1, null), { kind: "failed", message: "Program exited with non-zero exit code: 1" });
    assert.deepEqual(outcomeOf(null, "SIGKILL"), {
      kind: "failed",
      message: "Program exited due to a signal: SIGKILL",
    });
  });

  it("splits arguments as a shell does", () => {
    assert.deepEqual(splitArguments(`a  --b="c d" 'e f'g ""`), ["a", "--b=c d", "e fg", ""]);
    assert.deepEqual(splitArguments(""), []);
  });

  it("names the plugins of the installed SDK packages", async () => {
    const plugins = (await installedPackages(project)).flatMap(({ plugin }) =>
      plugin === undefined ? [] : [plugin.name],
    );
    assert.deepEqual(plugins, ["docker", "kubernetes"]);
  });

  it("says which package is missing where the SDK is not installed", () => {
    assert.throws(
      () => nodeArguments({ ...run, directory: "/" }),
      /@pulumi\/pulumi is not installed for \/: run npm ci/,
    );
  });
});
