import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toolchainBin } from "../../local/toolchain/toolchain.ts";
import { eventually, worldEnvironment } from "./world.ts";

/** The path of etcd, built where it is missing; undefined on a cluster one has, which brings no programs. */
export async function etcdProgram(): Promise<string | undefined> {
  const program = join(toolchainBin, "etcd");
  if (!existsSync(program)) await worldEnvironment();
  return existsSync(program) ? program : undefined;
}

/** One etcd process on loopback with a data folder of its own: for what needs a real etcd and no cluster. */
export class SingleEtcd {
  readonly clientPort: number;
  readonly #program: string;
  readonly #peerPort: number;
  readonly #flags: readonly string[];
  readonly #folder = mkdtempSync(join(tmpdir(), "single-etcd-"));
  #process: ChildProcess | undefined;

  private constructor(program: string, clientPort: number, peerPort: number, flags: readonly string[]) {
    this.#program = program;
    this.clientPort = clientPort;
    this.#peerPort = peerPort;
    this.#flags = flags;
  }

  /** @param program path of etcd */
  static async start(program: string, ...flags: string[]): Promise<SingleEtcd> {
    const etcd = new SingleEtcd(program, await freePort(), await freePort(), flags);
    await etcd.run();
    return etcd;
  }

  /** Starts it, again if it was killed, and waits until it serves. */
  async run(): Promise<void> {
    const client = `http://127.0.0.1:${this.clientPort}`;
    const peer = `http://127.0.0.1:${this.#peerPort}`;
    const urls = ["--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer];
    const cluster = ["--initial-advertise-peer-urls", peer, "--initial-cluster", `default=${peer}`];
    const args = ["--data-dir", this.#folder, ...urls, ...cluster, ...this.#flags];
    this.#process = spawn(this.#program, args, { stdio: "ignore" });
    await eventually("etcd serves", 20_000, async () => {
      const { ok } = await fetch(`${client}/health`);
      return ok ? true : undefined;
    });
  }

  /** Stops it in its tracks; when this comes back, all of its threads stand still. */
  async pause(): Promise<void> {
    const tasks = `/proc/${this.#process?.pid ?? assert.fail("etcd does not run")}/task`;
    this.#process?.kill("SIGSTOP");
    await eventually("etcd stands still", 5000, () => {
      const states = readdirSync(tasks).map((task) => readFileSync(`${tasks}/${task}/stat`, "utf8"));
      return Promise.resolve(states.every((state) => /\) T /.test(state)) ? true : undefined);
    });
  }

  resume(): void {
    this.#process?.kill("SIGCONT");
  }

  async kill(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    if (process?.exitCode !== null) return;
    await new Promise((resolve) => {
      process.once("exit", resolve);
      process.kill("SIGKILL");
    });
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === "object" && address !== null) resolve(address.port);
        else reject(new Error("no port to be had"));
      });
    });
  });
}
