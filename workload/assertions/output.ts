import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * The file assertions go to. Inside Antithesis ANTITHESIS_OUTPUT_DIR is set, and what is appended to sdk.jsonl there is
 * taken as a program's word; elsewhere it is /tmp/antithesis/sdk.jsonl (tmpdir() as Node tells it), for `npm run assertions`.
 */
export function assertionsFile(environment: NodeJS.ProcessEnv): string {
  const folder = environment["ANTITHESIS_OUTPUT_DIR"];
  return join(folder === undefined || folder === "" ? join(tmpdir(), "antithesis") : folder, "sdk.jsonl");
}

/** Takes whole lines; several processes may append to one file at once. */
export interface Output {
  append(event: object): void;
}

/**
 * Appends each event as one line by one write to a file opened with O_APPEND: on a local filesystem Linux holds the file's
 * lock for the whole of such a write, whatever its length, so lines of several processes never mix. (The limit of PIPE_BUF
 * is one of pipes.) Should the disk take only part of a line, the rest is dropped and the part closed by a line feed as soon
 * as there is room: one unreadable line, which the reader counts, rather than two lines run into one.
 */
export class AppendedFile implements Output {
  readonly #path: string;
  #file: number | undefined;
  #torn = false;

  constructor(path: string) {
    this.#path = path;
  }

  append(event: object): void {
    const file = (this.#file ??= this.#open());
    const line = Buffer.from(`${this.#torn ? "\n" : ""}${JSON.stringify(event)}\n`);
    const written = writeSync(file, line);
    this.#torn = written < line.length;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #open(): number {
    mkdirSync(join(this.#path, ".."), { recursive: true });
    return openSync(this.#path, "a", 0o644);
  }
}
