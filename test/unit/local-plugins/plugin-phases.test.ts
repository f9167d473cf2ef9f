import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { installedVersion } from "../../../local/plugins/versions.ts";

const project = path.resolve(import.meta.dirname, "../../..");
const script = `
  import { pluginPhases, standInsInPlace } from ${JSON.stringify(path.join(project, "local/plugins/plugins.ts"))};
  for (const phase of pluginPhases(process.env)) {
    console.log(phase.title + ": " + await phase.run(() => undefined));
  }
  console.log("stand-ins: " + await standInsInPlace(process.env));
`;

describe("the phases that make the plugins available", () => {
  let folder = "";
  const kubernetes = `resource-kubernetes-v${installedVersion("kubernetes")}`;
  const docker = `resource-docker-v${installedVersion("docker")}`;
  const inHome = (...parts: string[]): string => path.join(folder, "home", "plugins", ...parts);

  /** A program in the PATH of the phases. */
  function program(name: string, text: string, where = "bin"): void {
    mkdirSync(path.join(folder, where), { recursive: true });
    const file = path.join(folder, where, name);
    writeFileSync(file, `#!/bin/sh\n${text}\n`);
    chmodSync(file, 0o755);
  }

  function decisions(): string[] {
    const env = {
      PATH: `${folder}/bin`,
      HOME: `${folder}/user`,
      XDG_CACHE_HOME: `${folder}/cache`,
      PULUMI_HOME: `${folder}/home`,
    };
    const options = { env, encoding: "utf8", cwd: project } as const;
    return execFileSync(process.execPath, ["--input-type=module", "-e", script], options).trim().split("\n");
  }

  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "phases-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("put the stand-ins where the engine looks, when there is no way to the official ones", () => {
    program("pulumi", `echo called >> ${folder}/calls; echo 'dial tcp: no such host' >&2; exit 1`);
    assert.deepEqual(decisions(), [
      "Node.js language host: local stand-in, this pulumi comes without one",
      `kubernetes plugin ${installedVersion("kubernetes")}: local stand-in, the official one is not reachable`,
      `docker plugin ${installedVersion("docker")}: local stand-in, the official one is not reachable`,
      "stand-ins: nodejs,kubernetes,docker",
    ]);
    assert.equal(
      readlinkSync(inHome(kubernetes, "pulumi-resource-kubernetes")),
      path.join(project, "local/plugins/kubernetes/pulumi-resource-kubernetes"),
    );
    assert.ok(readlinkSync(inHome(docker, "pulumi-resource-docker")).startsWith(project));
    assert.ok(readlinkSync(inHome(`language-nodejs-v${installedVersion("pulumi")}`, "pulumi-language-nodejs")));
  });

  it("don't try again for a day what could not be reached", () => {
    program("pulumi", `echo called >> ${folder}/calls; exit 1`);
    const calls = (): number => Number(execFileSync("sh", ["-c", `wc -l < ${folder}/calls`], { encoding: "utf8" }));
    decisions();
    decisions();
    assert.equal(calls(), 1);
    const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000);
    utimesSync(
      path.join(folder, "cache/etcd-on-kubernetes/plugins/official-plugins.unreachable"),
      yesterday,
      yesterday,
    );
    decisions();
    assert.equal(calls(), 2);
  });

  it("take the official plugins where they can be downloaded, in place of the stand-ins", () => {
    program("pulumi", "exit 1");
    decisions();
    rmSync(path.join(folder, "cache"), { recursive: true });
    program("pulumi", 'd="$PULUMI_HOME/plugins/$3-$4-$5"; /bin/mkdir -p "$d"; echo official > "$d/pulumi-$3-$4"');
    assert.deepEqual(decisions().slice(1), [
      `kubernetes plugin ${installedVersion("kubernetes")}: the official one, downloaded`,
      `docker plugin ${installedVersion("docker")}: the official one, downloaded`,
      "stand-ins: nodejs",
    ]);
    assert.throws(() => readlinkSync(inHome(kubernetes, "pulumi-resource-kubernetes")), /EINVAL/);
    assert.equal(decisions()[1], `kubernetes plugin ${installedVersion("kubernetes")}: the official one`);
  });

  it("leave a stand-in that is in place unused where an official one is in PATH by now, or beside the CLI", () => {
    program("pulumi", "exit 1");
    assert.equal(decisions().at(-1), "stand-ins: nodejs,kubernetes,docker");
    program("pulumi-language-nodejs", "");
    program("pulumi-resource-docker", "");
    assert.equal(decisions().at(-1), "stand-ins: kubernetes");
  });

  it("leave alone what the CLI brings, what is in PATH, and what the user has installed", () => {
    program("pulumi", "exit 1");
    program("pulumi-language-nodejs", "");
    program("pulumi-resource-docker", "");
    program("pulumi-resource-kubernetes", "", `user/.pulumi/plugins/${kubernetes}`);
    assert.deepEqual(
      decisions().map((line) => line.replace(folder, "…")),
      [
        "Node.js language host: the official one (…/bin/pulumi-language-nodejs)",
        `kubernetes plugin ${installedVersion("kubernetes")}: the official one, from ~/.pulumi`,
        `docker plugin ${installedVersion("docker")}: the one in PATH (…/bin/pulumi-resource-docker)`,
        "stand-ins:",
      ],
    );
  });
});
