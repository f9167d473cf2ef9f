import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Writable } from "node:stream";
import { cacheDir, projectDir } from "../paths.ts";
import type { StandIn } from "./plugins.ts";

/** As the stand-ins' own programs start Node, for the same reasons; see one of them (pulumi-resource-kubernetes). */
export const nodeFlags = ["--min-semi-space-size=16", "--max-semi-space-size=16"];

/**
 * The stand-ins in one process beside the engine, for the length of a command. An engine starts each plugin it needs anew,
 * twice within one `up` and one after the other: six starts of Node, which took longer than all that the plugins then do.
 */
export class StandInsBesideEngine {
  readonly names: readonly StandIn[];
  /** They live until nobody holds this any more: the engine holds it too, so that it is not left without them. */
  readonly lifeline: Writable;
  readonly #child: ChildProcess;
  readonly #ports: Promise<string[]>;

  /**
   * @param environment the engine's
   * @param program whether the command runs the program
   */
  constructor(names: readonly StandIn[], environment: Readonly<Record<string, string | undefined>>, program: boolean) {
    const compiled = process.env["NODE_COMPILE_CACHE"] ?? path.join(cacheDir, "compiled-plugins");
    const main = path.join(import.meta.dirname, "stand-ins.ts");
    const args = [...(program ? ["--program"] : []), ...names];
    const child = spawn(process.execPath, [...nodeFlags, main, ...args], {
      cwd: projectDir,
      env: { ...process.env, ...environment, NODE_COMPILE_CACHE: compiled },
      stdio: ["pipe", "pipe", "inherit"],
      // Ctrl-C is for the engine alone, which then tells its plugins what to give up.
      detached: true,
    });
    this.names = names;
    this.#child = child;
    this.#ports = firstLine(child).then((line) => line.split(" "));
    this.#ports.catch(() => undefined);
    this.lifeline = child.stdin;
  }

  /**
   * The variables by which the engine finds them.
   * @throws Error when they could not be started
   */
  async variables(): Promise<Record<string, string>> {
    const ports = await this.#ports;
    const places = this.names.map((name, index) => ({ name, place: `${name}:${ports[index]}` }));
    const of = (language: boolean): string =>
      places
        .filter(({ name }) => (name === "nodejs") === language)
        .map(({ place }) => place)
        .join(",");
    return { PULUMI_DEBUG_PROVIDERS: of(false), PULUMI_DEBUG_LANGUAGES: of(true) };
  }

  /** Lets them go: they end when the engine does not hold them either, and nothing waits for it. */
  end(): void {
    this.lifeline.destroy();
    this.#child.stdout?.destroy();
    this.#child.unref();
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  const { stdout } = child;
  if (stdout === null) throw new Error("the plugins' standard output is not a pipe");
  const line = await Promise.race([
    once(createInterface(stdout), "line").then(([first]: unknown[]) => String(first)),
    once(child, "exit").then(() => undefined),
  ]);
  if (line === undefined) throw new Error("the local stand-ins for Pulumi's plugins ended before they were of use");
  return line;
}
