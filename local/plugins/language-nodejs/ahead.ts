import { spawn, type ChildProcessByStdio } from "node:child_process";
import path from "node:path";
import process from "node:process";
import type { Readable, Writable } from "node:stream";

/** What a Node.js is to run: the SDK's launcher with its arguments. */
export interface CommandLine {
  /** Node's own arguments. */
  readonly flags: readonly string[];
  readonly launcher: string;
  readonly args: readonly string[];
  /** Where it runs. */
  readonly directory: string;
  /** Variables beside those this process has. */
  readonly environment: Readonly<Record<string, string>>;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * A Node.js that loads the SDK while the engine gets ready, which is half of what a program takes that changes nothing. It
 * runs one program, and none if it is not asked for: it ends with this process.
 */
export class ProgramAhead {
  readonly #directory: string;
  #child: Child | undefined;

  /** @param directory of the program */
  constructor(directory: string) {
    this.#directory = directory;
    const manifest = path.join(directory, "package.json");
    const main = path.join(import.meta.dirname, "program-ahead.ts");
    this.#child = spawn(process.execPath, [...process.execArgv, main, manifest], { stdio: ["pipe", "pipe", "pipe"] });
    // Who is gone before it was asked is started anew.
    this.#child.on("error", () => (this.#child = undefined));
    this.#child.on("exit", () => (this.#child = undefined));
    this.#child.stdin.on("error", () => undefined);
  }

  /** Whether it can still be asked: it has run no program, and has not ended. */
  get waits(): boolean {
    return this.#child !== undefined;
  }

  /** Runs the program, if this Node.js is the right one for it. */
  run(program: string, line: CommandLine): Child | undefined {
    const child = this.#child;
    const fits = path.resolve(program) === this.#directory && line.flags.join("\n") === process.execArgv.join("\n");
    if (child === undefined || !fits) return undefined;
    this.#child = undefined;
    child.stdin.end(JSON.stringify(line));
    return child;
  }
}
