import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import grpc from "@grpc/grpc-js";
import providerService from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import providerProto from "@pulumi/pulumi/proto/provider_pb.js";
import { StandInsBesideEngine } from "../../../local/plugins/beside-engine.ts";

describe("the stand-ins beside the engine", function () {
  this.timeout(20_000);

  before(function () {
    // Where there is no /proc, these tests could not see which processes there are.
    if (!existsSync("/proc/self/environ")) this.skip();
  });

  /** The processes that this one's stand-ins run in, by their command lines. */
  function processes(): string[] {
    return globSync("/proc/[0-9]*/cmdline").flatMap((file) => {
      try {
        const line = readFileSync(file, "utf8");
        return /local\/plugins\/(stand-ins|language-nodejs\/program-ahead)\.ts/.test(line) && isOurs(file)
          ? [line]
          : [];
      } catch {
        // It has just ended.
        return [];
      }
    });
  }

  /** Other tests and commands may run at the same time: ours have a variable of their own. */
  function isOurs(file: string): boolean {
    return readFileSync(file.replace("cmdline", "environ"), "utf8").includes(`STAND_INS_TEST=${process.pid}`);
  }

  async function until(what: string, is: () => boolean): Promise<void> {
    for (const deadline = Date.now() + 10_000; !is();) {
      if (Date.now() > deadline) throw new Error(`${what}: not within 10 s`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  const environment = { STAND_INS_TEST: String(process.pid) };

  it("are where the variables say, each on a port of its own", async () => {
    const standIns = new StandInsBesideEngine(["nodejs", "docker", "kubernetes"], environment, false);
    try {
      const { PULUMI_DEBUG_PROVIDERS: providers = "", PULUMI_DEBUG_LANGUAGES: languages } = await standIns.variables();
      assert.match(languages ?? "", /^nodejs:\d+$/);
      const [docker, kubernetes] = providers.split(",");
      assert.match(docker ?? "", /^docker:\d+$/);
      assert.match(kubernetes ?? "", /^kubernetes:\d+$/);
      assert.equal(await versionOf(docker), installed("docker"));
      assert.equal(await versionOf(kubernetes), installed("kubernetes"));
      assert.equal(processes().length, 1);
    } finally {
      standIns.end();
    }
    await until("they are gone", () => processes().length === 0);
  });

  it("live as long as the engine that holds them, and with them the Node.js that waits for the program", async () => {
    const standIns = new StandInsBesideEngine(["nodejs"], environment, true);
    await standIns.variables();
    const engine = spawn("sleep", ["60"], { stdio: ["ignore", "ignore", "ignore", standIns.lifeline] });
    try {
      await until("the program's Node.js has started", () => processes().length === 2);
      standIns.end();
      await new Promise((resolve) => setTimeout(resolve, 500));
      assert.equal(processes().length, 2);
    } finally {
      engine.kill("SIGKILL");
    }
    await until("they are gone", () => processes().length === 0);
  });

  it("say so when they can't start", async () => {
    const standIns = new StandInsBesideEngine(["nodejs"], { ...environment, NODE_OPTIONS: "--no-such-option" }, false);
    await assert.rejects(
      standIns.variables(),
      /the local stand-ins for Pulumi's plugins ended before they were of use/,
    );
    standIns.end();
  });
});

function installed(name: string): string {
  return (JSON.parse(readFileSync(`node_modules/@pulumi/${name}/package.json`, "utf8")) as { version: string }).version;
}

/** The version that a plugin says after the handshake; `place` is name:port. */
async function versionOf(place: string | undefined): Promise<string> {
  const address = `127.0.0.1:${place?.split(":")[1]}`;
  const client = new providerService.ResourceProviderClient(address, grpc.credentials.createInsecure());
  const handshake = new providerProto.ProviderHandshakeRequest();
  handshake.setEngineAddress("127.0.0.1:1");
  try {
    await new Promise((resolve, reject) =>
      client.handshake(handshake, (error, answer) => (error === null ? resolve(answer) : reject(error))),
    );
    const { default: emptyProto } = await import("google-protobuf/google/protobuf/empty_pb.js");
    return await new Promise((resolve, reject) =>
      client.getPluginInfo(new emptyProto.Empty(), (error, info) =>
        error === null ? resolve(info.getVersion()) : reject(error),
      ),
    );
  } finally {
    client.close();
  }
}
