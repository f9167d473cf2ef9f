import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { uniqueName } from "../random.ts";
import { formatVersion, type Action, type Answers, type Decimal, type Header, type Seen } from "./format.ts";

export type Result<Op extends Action["op"] = Action["op"]> =
  { readonly ok: Answers[Op] } | { readonly failed: string } | { readonly unknown: string };

export interface HistoryOptions {
  /** See Header.since. */
  readonly since?: Decimal;
  /** Default: host name and process ID. */
  readonly process?: string;
}

/** So much may be lost of what needs no protection (see begin) when the process is killed. */
const bufferedBytes = 64 * 1024;

/**
 * Writes the history of this operating system process to a file of its own.
 *
 * What would mislead the checker if it were lost is handed to the kernel at once, and survives the death of the process: that
 * a write has begun. All else waits for the next such line, a full buffer, or flush: an end that got lost makes an operation
 * unknown, a lost read was never needed.
 */
export class HistoryWriter {
  readonly #file: number;
  #waiting: string[] = [];
  #waitingBytes = 0;

  /**
   * @param target path of the file, or the number of an open one, such as 1 for standard output
   * @throws when the file exists already: a history is never written over or mixed with another
   */
  constructor(target: string | number, options: HistoryOptions = {}) {
    this.#file = typeof target === "number" ? target : openSync(target, "ax", 0o644);
    const header: Header = {
      history: formatVersion,
      id: uniqueName(),
      process: options.process ?? `${hostname()}/${process.pid}`,
      clock: bootId(),
      wall: new Date().toISOString(),
      t: monotonicMicroseconds(),
      ...(options.since === undefined ? {} : { since: options.since }),
    };
    this.#add(header);
    this.flush();
  }

  /**
   * To be called before the request is sent.
   * @param process number of the logical client, which runs one operation at a time
   */
  begin(process: number, member: string, action: Action): void {
    this.#add({ t: monotonicMicroseconds(), p: process, member, ...action });
    if (action.op !== "get" && action.op !== "range" && action.op !== "watch") this.flush();
  }

  /** To be called when the outcome of the client's running operation is known. */
  end<Op extends Action["op"]>(process: number, result: Result<Op>): void {
    this.#add({ t: monotonicMicroseconds(), p: process, ...result });
  }

  /** An answer of the client's running watch. */
  seen(process: number, seen: Seen): void {
    this.#add({ t: monotonicMicroseconds(), p: process, seen });
  }

  /** Hands everything to the kernel. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const bytes = Buffer.from(this.#waiting.join(""));
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (let written = 0; written < bytes.length;) written += writeSome(this.#file, bytes, written);
  }

  close(): void {
    this.flush();
    closeSync(this.#file);
  }

  #add(line: object): void {
    const text = `${JSON.stringify(line)}\n`;
    this.#waiting.push(text);
    this.#waitingBytes += text.length;
    if (this.#waitingBytes >= bufferedBytes) this.flush();
  }
}

/** Waits where the target is a pipe that is full and was set not to block, as Node sets its own standard output. */
function writeSome(file: number, bytes: Buffer, from: number): number {
  try {
    return writeSync(file, bytes, from);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    return 0;
  }
}

/** Rounded down: an end that reads earlier than a start by this clock really was earlier. */
function monotonicMicroseconds(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000_000 + Math.floor(nanoseconds / 1000);
}

/** All containers of one machine share its monotonic clock, which starts with the machine. */
function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}
