import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { buildSync } from "esbuild";
import image from "../../../workload/image.json" with { type: "json" };

const project = join(import.meta.dirname, "../../..");
const template = "opt/antithesis/test/v1/main/";
const prefixes = /^(first|parallel_driver|serial_driver|singleton_driver|anytime|eventually|finally|helper)_/;

/** Fills a folder as the bundling step fills the build context. */
function fill(folder: string): void {
  for (const { source, target } of image.entries) {
    const outfile = join(folder, target);
    buildSync({ entryPoints: [join(project, source)], bundle: true, platform: "node", format: "cjs", outfile });
  }
  for (const { source, target } of image.assets) {
    mkdirSync(dirname(join(folder, target)), { recursive: true });
    cpSync(join(project, source), join(folder, target));
  }
}

describe("the client image as workload/image.json lists it", () => {
  let folder = "";
  before(() => fill((folder = mkdtempSync(join(tmpdir(), "client-image-")))));
  after(() => rmSync(folder, { recursive: true }));

  it("has only test commands in the template, each with a prefix the composer knows, executable, with a shebang", () => {
    const commands = image.assets.filter(({ target }) => target.startsWith(template));
    for (const { source, target, mode } of commands) {
      assert.match(target.slice(template.length), prefixes);
      assert.equal(mode, "0755");
      assert.ok(statSync(join(project, source)).mode & 0o100, `${source} is not executable`);
      assert.match(readFileSync(join(project, source), "utf8"), /^#!\/bin\/sh\n/);
    }
    const kinds = commands.map(({ target }) => prefixes.exec(target.slice(template.length))?.[1]);
    assert.deepEqual([...new Set(kinds)].sort(), [
      "anytime",
      "eventually",
      "finally",
      "first",
      "parallel_driver",
      "serial_driver",
      "singleton_driver",
    ]);
    assert.ok(!image.entries.some(({ target }) => target.startsWith("opt/antithesis/test/")));
  });

  it("has the program its scripts start, under the name of each", () => {
    for (const { source, target, mode } of image.assets) {
      if (mode !== "0755") continue;
      const script = readFileSync(join(project, source), "utf8");
      const [, started = "", name = ""] = /^exec node (\S+) (\S+) "\$@"$/m.exec(script) ?? [];
      assert.equal(name, basename(target));
      const help = spawnSync(process.execPath, [join(folder, started), name, "--help"], { encoding: "utf8" });
      assert.equal(help.status, 0, help.stderr);
      assert.ok(help.stdout.startsWith(`Usage: ${name} `), help.stdout);
    }
  }).timeout(60_000);

  it("has the recording traffic out of the composer's sight, executable", () => {
    const traffic = image.assets.find(({ target }) => target === "opt/etcd-on-kubernetes/traffic");
    assert.equal(traffic?.mode, "0755");
    assert.match(readFileSync(join(project, traffic.source), "utf8"), /^#!\/bin\/sh\n/);
  });

  it("runs with nothing but node beside it, and finds etcd's protocol files", () => {
    const program = join(folder, "opt/antithesis/lib/workload.js");
    const run = (environment: NodeJS.ProcessEnv, ...args: string[]) =>
      spawnSync(process.execPath, [program, "parallel_driver_generate_traffic", ...args], {
        cwd: folder,
        encoding: "utf8",
        env: { ANTITHESIS_OUTPUT_DIR: folder, ...environment },
      });
    const alone = run({ ETCD_CLUSTER_NAME: "etcd", ETCD_PEER_SERVICE: "no-such-service.invalid" });
    assert.equal(alone.status, 0, alone.stderr);
    assert.match(alone.stdout, /no member of etcd resolves under no-such-service.invalid/);
    const missing = run({});
    assert.equal(missing.status, 2);
    assert.match(missing.stderr, /^error: ETCD_CLUSTER_NAME is not set/);
    assert.equal(run({}, "--nonsense").status, 2);
  });
});
