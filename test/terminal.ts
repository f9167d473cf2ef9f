import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";

const LOOK_EVERY_MS = 20;

/** A program at a pseudo terminal of its own (by util-linux' `script`, which every Debian has), and somebody who types. */
export class Terminal {
  readonly #script: ChildProcessByStdio<Writable, Readable, null>;
  readonly #ended: Promise<number>;
  #shown = "";

  constructor(command: readonly string[], env: Readonly<Record<string, string>>) {
    const quoted = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(" ");
    this.#script = spawn("script", ["--quiet", "--return", "--command", `exec ${quoted}`, "/dev/null"], {
      env: { ...process.env, ...env, TERM: "xterm" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#script.stdout.on("data", (part: Buffer) => (this.#shown += part.toString()));
    this.#ended = new Promise((resolve, reject) => {
      this.#script.on("error", reject);
      this.#script.on("close", (code) => resolve(code ?? -1));
    });
  }

  /** All that was ever written to the screen. */
  get shown(): string {
    return this.#shown;
  }

  /** As keys: "\r" is Enter, "\u0003" Ctrl-C, "\u0004" Ctrl-D. */
  type(keys: string): void {
    this.#script.stdin.write(keys);
  }

  /** Waits until something is on the screen. */
  async shows(what: RegExp, withinMs: number): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (!what.test(this.#shown)) {
      if (Date.now() > deadline) {
        // A program that goes on waiting for keys would keep the tests from ending.
        this.#script.kill();
        throw new Error(`no ${what.source} within ${withinMs / 1000} s:\n${this.#shown}`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /** Waits for the program's end. @returns its exit code, 128 and the signal's number where one ended it */
  async ended(): Promise<number> {
    return await this.#ended;
  }
}
