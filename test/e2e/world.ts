import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { Terminal } from "../terminal.ts";
import { underWay } from "../under-way.ts";

/** The salt of the empty passphrase: without one in its settings file, the engine writes one into it. */
const { encryptionsalt } = parse(readFileSync("Pulumi.dev.yaml", "utf8")) as { encryptionsalt: string };

const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Readonly<Record<string, string>> };

/** The arguments with which node runs a script of package.json. */
export function script(name: string): string[] {
  const [program, ...args] = (scripts[name] ?? "").split(" ");
  if (program !== "node") throw new Error(`package.json has no script "${name}" that is a command of this project`);
  return args;
}

/** Where the e2e tests run: a cluster one has (E2E_CONTEXT), or the local one. */
export const worldContext = process.env["E2E_CONTEXT"] ?? "etcd-local";
const isLocal = worldContext === "etcd-local";

/** Where the tests' images go. */
export const registry = isLocal ? "localhost:5000" : (process.env["E2E_REGISTRY"] ?? "");

/** What only the local cluster needs to be told: its registry's bases, as in Pulumi.dev.yaml. */
const localSettings = {
  "etcd:registry": registry,
  "etcd:etcdImage": "localhost:5000/base/etcd",
  "etcd:nodeImage": "localhost:5000/base/node:24",
};

/** What every test may do by hand, as a person would: kubectl, and the commands of package.json. */
export interface Command {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  /** Both streams, for a look at what was printed. */
  readonly all: string;
}

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly all: string;
  readonly exitCode?: number | undefined;
}

function commandOf({ stdout, stderr, all, exitCode }: Ended): Command {
  return { stdout, stderr, all, exitCode: exitCode ?? 1 };
}

async function orThrow(what: string, running: Promise<Command>): Promise<Command> {
  const result = await running;
  if (result.exitCode !== 0) throw new Error(`${what} ended with ${result.exitCode}:\n${result.all}`);
  return result;
}

let environment: Promise<Record<string, string>> | undefined;

/** Programs and credentials: the local cluster's, started where it is not up, or what the caller's shell has. */
export function worldEnvironment(): Promise<Record<string, string>> {
  environment ??= isLocal
    ? import("../../local/machine.ts").then(({ prepareMachine }) => prepareMachine())
    : Promise.resolve({});
  return environment;
}

/** kubectl on the test's cluster; never on the current context. */
export async function kubectl(...args: string[]): Promise<Command> {
  return orThrow(`kubectl ${args.join(" ")}`, tryKubectl(...args));
}

export async function tryKubectl(...args: string[]): Promise<Command> {
  const env = await worldEnvironment();
  const running = execa("kubectl", ["--context", worldContext, ...args], { env, all: true, reject: false });
  return commandOf(await underWay(`kubectl ${args.join(" ")}`, running));
}

/** Waits for a condition with a deadline; what it last saw is in the error. */
export function eventually<T>(what: string, withinMs: number, look: () => Promise<T | undefined>): Promise<T> {
  return underWay(what, lookAgain(what, withinMs, look));
}

async function lookAgain<T>(what: string, withinMs: number, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + withinMs;
  let last: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined) return seen;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${withinMs / 1000} s`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

type Operation = "up" | "preview" | "refresh" | "destroy";

/** A stack of the test's own: its name, its namespace, its settings; nothing of the dev stack is touched. */
export class TestStack {
  readonly stack: string;
  readonly namespace: string;
  readonly #folder: string;
  readonly #initial: Readonly<Record<string, unknown>>;
  #settings: Record<string, unknown>;
  /** What the person's shell has beside what the test's has. */
  environment: Readonly<Record<string, string>> = {};

  /** @param name short and unique among the test files: an aborted run's leftovers are found by it */
  constructor(name: string, settings: Record<string, unknown> = {}) {
    this.stack = `e2e-${name}`;
    this.namespace = `e2e-${name}`;
    this.#folder = mkdtempSync(join(tmpdir(), "e2e-"));
    this.#initial = {
      "etcd:context": worldContext,
      "etcd:namespace": this.namespace,
      ...(isLocal ? localSettings : { "etcd:registry": registry }),
      ...settings,
    };
    this.#settings = { ...this.#initial };
    this.#write();
  }

  /** The stack's settings. */
  get configFile(): string {
    return join(this.#folder, `Pulumi.${this.stack}.yaml`);
  }

  #write(): void {
    writeFileSync(this.configFile, stringify({ encryptionsalt, config: this.#settings }));
  }

  /** Changes a setting for the commands to come. */
  set(key: string, value: unknown): void {
    this.#settings[`etcd:${key}`] = value;
    this.#write();
  }

  /** Back to the settings the stack was made with. */
  reset(): void {
    this.#settings = { ...this.#initial };
    this.#write();
  }

  /** `npm run <operation>`, as a person types it. */
  async run(operation: Operation, ...flags: string[]): Promise<Command> {
    return orThrow(`npm run ${operation}`, this.tryRun(operation, ...flags));
  }

  async tryRun(operation: Operation, ...flags: string[]): Promise<Command> {
    // The shell of a person who has made the local cluster's programs known to it, for stacks that are not local as well.
    const options = {
      all: true,
      reject: false,
      stdin: "ignore",
      env: { ...(await worldEnvironment()), ...this.environment },
    } as const;
    return commandOf(await execa(process.execPath, [...this.commandLine(operation), ...flags], options));
  }

  /** `npm run status`, `plan` or `member` on this stack, as a person types it. */
  async desk(command: string, ...args: string[]): Promise<Command> {
    const options = {
      all: true,
      reject: false,
      stdin: "ignore",
      env: { ...(await worldEnvironment()), ...this.environment },
    } as const;
    return commandOf(await execa(process.execPath, this.#deskLine(command, args), options));
  }

  /** The same at a terminal. */
  async deskAtTerminal(command: string, ...args: string[]): Promise<Terminal> {
    const env = { ...(await worldEnvironment()), ...this.environment };
    return new Terminal([process.execPath, ...this.#deskLine(command, args)], env);
  }

  #deskLine(command: string, args: readonly string[]): string[] {
    return [...script(command), ...args, "--stack", this.stack, "--config-file", this.configFile];
  }

  /** `npm run manifests` on this stack, as a person types it. */
  async manifests(out: string): Promise<Command> {
    const line = [...script("manifests"), "--stack", this.stack, "--config-file", this.configFile, "--out", out];
    return orThrow("npm run manifests", execa(process.execPath, line, { all: true, reject: false }).then(commandOf));
  }

  /** The arguments with which node runs `npm run <operation>` on this stack. */
  commandLine(operation: Operation): string[] {
    const unasked = operation === "preview" ? [] : ["--yes", "--skip-preview"];
    return [...script(operation), "--stack", this.stack, "--config-file", this.configFile, ...unasked];
  }

  /** The stack's state, as `pulumi stack export` prints it. */
  async export(): Promise<string> {
    const env = await worldEnvironment();
    return (await execa("pulumi", ["stack", "export", "--stack", this.stack], { env, stdin: "ignore" })).stdout;
  }

  /** kubectl in the stack's namespace. */
  kubectl(...args: string[]): Promise<Command> {
    return kubectl("-n", this.namespace, ...args);
  }

  /**
   * Deletes pods and returns when these are gone, whoever has their names by then. `kubectl delete` itself must not wait: where a
   * StatefulSet has made the next pod between kubectl's look at the old one and its watch, kubectl takes the new one for the old
   * and waits without end (kubectl 1.34, pkg/cmd/wait/delete.go).
   */
  async deletePods(names: readonly string[], ...flags: string[]): Promise<void> {
    const before = await this.#podUids();
    await this.kubectl("delete", "pod", ...names, "--wait=false", ...flags);
    await eventually(`${names.join(", ")}: gone`, 90_000, async () => {
      const now = await this.#podUids();
      return names.every((name) => now.get(name) !== before.get(name)) ? true : undefined;
    });
  }

  async #podUids(): Promise<Map<string, string>> {
    const path = 'jsonpath={range .items[*]}{.metadata.name} {.metadata.uid}{"\\n"}{end}';
    const { stdout } = await this.kubectl("get", "pods", "-o", path);
    return new Map(stdout.split("\n").map((line) => line.split(" ") as [string, string]));
  }

  /** A command in the etcd container of a member's pod. */
  async exec(pod: string, ...command: string[]): Promise<string> {
    return (await this.kubectl("exec", pod, "-c", "etcd", "--", ...command)).stdout;
  }

  async etcdctl(pod: string, ...args: string[]): Promise<string> {
    return this.exec(pod, "etcdctl", ...args);
  }

  /** Takes away what this or an aborted run left, and the test's own files. */
  async cleanUp(): Promise<void> {
    await this.removeLeftovers();
    this.forget();
  }

  /** Takes away the test's own files, of a stack that was never made. */
  forget(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async removeLeftovers(): Promise<void> {
    const destroyed = await this.tryRun("destroy");
    if (destroyed.exitCode !== 0)
      process.stdout.write(`      (destroy: ${destroyed.all.trim().split("\n").at(-1) ?? ""})\n`);
    await kubectl("delete", "namespace", this.namespace, "--ignore-not-found", "--wait");
  }
}
