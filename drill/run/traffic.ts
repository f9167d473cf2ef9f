import { createWriteStream } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { type World } from "../cluster/world.ts";

/** What traffic is like. */
export interface TrafficShape {
  /** Operations by weight, as the traffic command takes them. */
  readonly mix: string;
  /** Logical clients in each pod. */
  readonly concurrency: number;
  /** Watches at the same time in each pod, besides them. */
  readonly watchers: number;
  readonly keys: number;
  /** Bytes of a value. */
  readonly valueSize: number;
}

/** What the clients are told to do. */
export interface TrafficSettings extends TrafficShape {
  /** What the keys of this run begin with. */
  readonly prefix: string;
  /** Operations per second of each client pod; 0: as fast as answers come. */
  readonly rate: number;
  /** How long an operation may take, in milliseconds. */
  readonly deadlineMs: number;
  /** The longest it may run if nobody ends it, in milliseconds. */
  readonly atMostMs: number;
}

/** How long after its last operation a process of traffic may take to end, in milliseconds. */
const endsWithinMs = 8_000;

const program = "/opt/etcd-on-kubernetes/traffic";

/** Of everything something. */
export const usualTraffic: TrafficShape = {
  mix: "put=38,get=38,serializable-get=4,range=4,delete=4,swap=6,multi=4,lease=1,watch=1",
  concurrency: 6,
  watchers: 1,
  keys: 60,
  valueSize: 16,
};

/** The connection to one process of traffic in a client pod. */
interface Client {
  readonly pod: string;
  /** In the pod: what is recorded does not wait for anyone to read it. */
  readonly file: string;
  readonly end: () => void;
  /** Ends the connection. */
  readonly cut: () => void;
  readonly ended: Promise<string>;
  running: boolean;
}

/** Recorded traffic from the client pods. It ends when told to, when its time is over, or when this process is gone. */
export class Traffic {
  readonly warnings: string[] = [];
  readonly #world: World;
  readonly #settings: TrafficSettings;
  readonly #clients: Client[] = [];
  #stopping = false;

  constructor(world: World, settings: TrafficSettings) {
    this.#world = world;
    this.#settings = settings;
  }

  /** @param pods client pods; one process each */
  start(pods: readonly string[]): void {
    for (const pod of pods) this.#startIn(pod);
  }

  get running(): number {
    return this.#clients.filter(({ running }) => running).length;
  }

  /** Lets what runs come to its end, which takes no longer than an operation may. What hangs is left with what it wrote. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#clients.forEach(({ end }) => end());
    const ended = Promise.all(this.#clients.map((client) => client.ended));
    await Promise.race([ended, sleep(endsWithinMs + this.#settings.deadlineMs, undefined, { ref: false })]);
    for (const { pod, cut } of this.#clients.filter(({ running }) => running)) {
      this.warnings.push(`traffic in ${pod} did not end within ${endsWithinMs / 1000} s of being told to`);
      cut();
    }
    await ended;
  }

  /** Brings the histories to a folder and removes them from the pods. @returns the files */
  async collect(folder: string): Promise<string[]> {
    const files: string[] = [];
    for (const [number, { pod, file }] of this.#clients.entries()) {
      const here = path.join(folder, `${pod}-${number}.jsonl`);
      try {
        const args = [...this.#world.kubernetes.kubectlArgs(), "exec", pod, "--"];
        const reading = execa("kubectl", [...args, "cat", file], { timeout: 120_000, buffer: false, stdin: "ignore" });
        reading.stdout.pipe(createWriteStream(here));
        await reading;
        await this.#world.kubernetes.exec(pod, ["rm", "-f", file]);
        files.push(here);
      } catch (error) {
        const why = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
        this.warnings.push(`the history of ${pod} is lost: ${why}`);
      }
    }
    return files;
  }

  #startIn(pod: string): void {
    const { mix, prefix, rate, concurrency, watchers, keys, valueSize, deadlineMs, atMostMs } = this.#settings;
    const file = `/tmp/${prefix.replaceAll(/\W/g, "")}-${this.#clients.length}.jsonl`;
    const flags = {
      ...{ mix, prefix, keys, concurrency, rate, watchers, out: file, "value-size": valueSize },
      ...{ duration: Math.ceil(atMostMs / 1000), "deadline-ms": deadlineMs },
    };
    const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const child = execa(
      "kubectl",
      [...this.#world.kubernetes.kubectlArgs(), "exec", "-i", pod, "--", program, ...args, "--until-stdin-closes"],
      // Ctrl-C is the drill's to answer: what it started itself goes on until the drill ends it.
      { reject: false, stdin: "pipe", detached: true },
    );
    const client: Client = {
      pod,
      file,
      end: () => child.stdin.end(),
      cut: () => child.kill("SIGKILL"),
      ended: child.then(({ stderr, exitCode }) => {
        client.running = false;
        const last = stderr.trim().split("\n").at(-1) ?? "";
        if (!this.#stopping) this.#ranOut(pod, `${last} (exit code ${exitCode ?? "?"})`);
        return last;
      }),
      running: true,
    };
    this.#clients.push(client);
  }

  /** Traffic that ends by itself leaves its history behind; another process goes on. */
  #ranOut(pod: string, why: string): void {
    this.warnings.push(`traffic in ${pod} ended before it was told to and was started again: ${why}`);
    if (this.#clients.length < 20) this.#startIn(pod);
  }
}
