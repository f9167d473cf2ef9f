import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ProgramAhead } from "../../../local/plugins/language-nodejs/ahead.ts";
import { installedPackages } from "../../../local/plugins/language-nodejs/packages.ts";
import type { ProgramRun } from "../../../local/plugins/language-nodejs/program.ts";
import {
  commandLine,
  outcomeOf,
  programEnvironment,
  splitArguments,
  startProgram,
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
    const { flags, launcher, args, directory } = commandLine(run);
    assert.deepEqual(flags, ["--max-old-space-size=100", "--title", "a b"]);
    assert.ok(launcher.endsWith("@pulumi/pulumi/cmd/run/index.js"));
    assert.deepEqual(args.slice(-4), ["--dry-run", "--parallel", "16", "index.ts"]);
    assert.equal(directory, project);
    assert.equal(commandLine({ ...run, dryRun: false }).args.includes("--dry-run"), false);
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

  describe("with a program", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "language-host-"));
    const sdk = path.join(folder, "node_modules/@pulumi/pulumi");
    const here: ProgramRun = {
      ...run,
      directory: folder,
      pwd: folder,
      options: { ...run.options, nodeargs: process.execArgv.join(" ") },
    };

    before(() => {
      mkdirSync(path.join(sdk, "cmd/run"), { recursive: true });
      mkdirSync(path.join(sdk, "runtime/closure"), { recursive: true });
      for (const name of ["index", "cmd/run/instrumentation", "cmd/run/tracing"]) {
        writeFileSync(path.join(sdk, `${name}.js`), `(globalThis.loaded ??= []).push("${name}");`);
      }
      writeFileSync(
        path.join(sdk, "runtime/closure/v8Hooks.js"),
        'exports.isInitializedAsync = async () => globalThis.loaded.push("hooks");',
      );
      const launcher = `
        console.log("loaded", (globalThis.loaded ?? []).join());
        console.error("in", process.cwd(), process.env.PULUMI_CONFIG);
        console.log(process.argv.slice(2).join(" "));
        process.stdout.write("the last\\nwithout an end", () => process.exit(32));`;
      writeFileSync(path.join(sdk, "cmd/run/index.js"), launcher);
      writeFileSync(path.join(folder, "package.json"), "{}");
    });
    after(() => rmSync(folder, { recursive: true }));

    async function told(ahead?: ProgramAhead): Promise<string[]> {
      const lines: string[] = [];
      const { outcome } = startProgram(here, (line, stream) => lines.push(`${stream}: ${line}`), ahead);
      assert.deepEqual(await outcome, { kind: "bailed" });
      return lines.sort();
    }

    const expected = [
      `1: ${commandLineText()}`,
      "1: the last",
      "1: without an end",
      `2: in ${folder} {"etcd:replicas":"3"}`,
    ];

    function commandLineText(): string {
      return (
        "--monitor 127.0.0.1:1 --engine 127.0.0.1:2 --organization organization " +
        `--root-directory ${project} --project etcd --stack dev --pwd ${folder} --dry-run --parallel 16 index.ts`
      );
    }

    it("hands on all it writes, by its streams, and how it ended", async () => {
      assert.deepEqual(await told(), [...expected, "1: loaded "].sort());
    });

    it("runs it in the Node.js that has the SDK loaded already, as it would in a new one", async () => {
      const ahead = new ProgramAhead(folder);
      const loaded = "1: loaded cmd/run/instrumentation,cmd/run/tracing,index,hooks";
      assert.deepEqual(await told(ahead), [...expected, loaded].sort());
      // It runs one program: the next has a Node.js of its own.
      assert.deepEqual(await told(ahead), [...expected, "1: loaded "].sort());
    });

    it("runs it in a new one where that is of other flags, or has ended", async () => {
      const ahead = new ProgramAhead(folder);
      assert.equal(ahead.run(folder, commandLine({ ...here, options: run.options })), undefined);
      assert.equal(ahead.run(project, commandLine(here)), undefined);
      assert.deepEqual((await told(ahead)).length, 5);
      writeFileSync(path.join(sdk, "index.js"), "process.exit(1);");
      const ended = new ProgramAhead(folder);
      while (ended.waits) await new Promise((resolve) => setTimeout(resolve, 20));
      assert.deepEqual(await told(ended), [...expected, "1: loaded "].sort());
    });
  });

  it("names the plugins of the installed SDK packages", async () => {
    const plugins = (await installedPackages(project)).flatMap(({ plugin }) =>
      plugin === undefined ? [] : [plugin.name],
    );
    assert.deepEqual(plugins, ["docker", "kubernetes"]);
  });

  it("says which package is missing where the SDK is not installed", () => {
    assert.throws(() => commandLine({ ...run, directory: "/" }), /@pulumi\/pulumi is not installed for \/: run npm ci/);
  });
});
