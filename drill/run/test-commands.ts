import { writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type World } from "../cluster/world.ts";

const folderOfCommands = "/opt/antithesis/test/v1/main";

/** Those that may run while there are faults, in turn. */
const meanwhile = [
  "anytime_health",
  "parallel_driver_generate_traffic",
  "anytime_health",
  "serial_driver_delete_keys",
] as const;

/** From the end of one to the start of the next, in milliseconds: the machine is the members' and the recorded traffic's. */
const restMs = 4_000;

/** What a command may take, in seconds: under a fault that lasts it would wait for one deadline after the other. */
const atMostSeconds = 20;

/**
 * The test template of the client image, run as Antithesis's composer runs it: one command checks the cluster before the first
 * fault, drivers and checks come in turn meanwhile, and when all is over it must have recovered with nothing lost. What
 * they assert goes to a folder of this drill's own in each client pod.
 */
export class TestCommands {
  readonly warnings: string[] = [];
  readonly #world: World;
  readonly #pods: readonly string[];
  readonly #folder: string;
  readonly #stopping = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  /**
   * @param pods client pods, one or more
   * @param name of the drill, unique
   */
  constructor(world: World, pods: readonly string[], name: string) {
    this.#world = world;
    this.#pods = pods;
    this.#folder = `/tmp/${name.replaceAll(/\W/g, "")}-assertions`;
  }

  /** Before any fault. */
  async begin(): Promise<void> {
    const [first = ""] = this.#pods;
    await this.#run(first, "first_cluster_serves");
    this.#loop = this.#turns();
  }

  /** Returns when the one that runs has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  /** When all faults are over. Each driver once more, so that none was only ever run when nothing answered. */
  async conclude(): Promise<void> {
    const [first = ""] = this.#pods;
    await this.#run(first, "eventually_recovers");
    for (const command of new Set(meanwhile)) await this.#run(first, command);
    // Each pod knows what was acknowledged to it.
    for (const pod of this.#pods) await this.#run(pod, "finally_nothing_lost");
  }

  /** Brings what was asserted to a folder and removes it from the pods. @returns the files */
  async collect(folder: string): Promise<string[]> {
    const files: string[] = [];
    for (const pod of this.#pods) {
      const file = path.join(folder, `${pod}.sdk.jsonl`);
      try {
        const asserted = await this.#world.kubernetes.exec(pod, ["sh", "-c", `cat ${this.#folder}/sdk.jsonl`], 60_000);
        writeFileSync(file, `${asserted}\n`);
        await this.#world.kubernetes.exec(pod, ["rm", "-rf", this.#folder]);
        files.push(file);
      } catch (error) {
        const why = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
        this.warnings.push(`what test commands asserted in ${pod} is lost: ${why}`);
      }
    }
    return files;
  }

  async #turns(): Promise<void> {
    const { signal } = this.#stopping;
    for (let turn = 0; !signal.aborted; turn++) {
      const pod = this.#pods[Math.floor(turn / meanwhile.length) % this.#pods.length] ?? "";
      await this.#run(pod, meanwhile[turn % meanwhile.length] ?? meanwhile[0]);
      await sleep(restMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** How it ended does not matter: what it found is in what it asserted, and without the API server nothing can be run. */
  async #run(pod: string, command: string): Promise<void> {
    const folders = [`ANTITHESIS_OUTPUT_DIR=${this.#folder}`, `WORKLOAD_STATE_DIR=${this.#folder}`];
    const within = ["--within-s", String(atMostSeconds - 5)];
    const limited = ["timeout", String(atMostSeconds), "env", ...folders, `${folderOfCommands}/${command}`, ...within];
    await this.#world.kubernetes.exec(pod, limited, (atMostSeconds + 10) * 1000).catch(() => undefined);
  }
}
