import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export const key = "ak-3f9c-never-shown";

/** What one run of the command did. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
  readonly body: string;
}

type Answering = (request: Seen, response: ServerResponse) => void;

/** The real command against a local server; whatever a test does, the key is looked for in all that others could see. */
export class DocumentedServer {
  readonly seen: Seen[] = [];
  #answering: Answering;
  readonly #server = createServer((request, response) => void this.#take(request, response));

  constructor(answering: Answering) {
    this.#answering = answering;
  }

  answers(answering: Answering): void {
    this.#answering = answering;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const seen = {
      method: request.method ?? "",
      path: request.url ?? "",
      authorization: request.headers.authorization ?? "",
      body,
    };
    this.seen.push(seen);
    assertKeyless("process list", processList());
    this.#answering(seen, response);
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Runs the command; the environment is only what is given here, over a key and this server's address. */
  async run(args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): Promise<Outcome> {
    const child = spawn(process.execPath, ["antithesis/command.ts", ...args], {
      env: { PATH: process.env["PATH"], ANTITHESIS_API_KEY: key, ANTITHESIS_BASE_URL: this.url, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const [out, error, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    assertKeyless("arguments", child.spawnargs.join(" "));
    assertKeyless("output", out);
    assertKeyless("errors", error);
    assert.doesNotMatch(out + error, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/, "control characters");
    return { code, out, error };
  }
}

/** The command lines of all processes. */
function processList(): string {
  if (!existsSync("/proc/self/cmdline")) return execFileSync("ps", ["-axww", "-o", "command="], { encoding: "utf8" });
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const lines = ids.map((id) => {
    try {
      return readFileSync(`/proc/${id}/cmdline`, "utf8");
    } catch {
      return ""; // It has ended meanwhile.
    }
  });
  return lines.join("\n");
}

export function assertKeyless(where: string, shown: string): void {
  const basic = Buffer.from(`user:${key}`).toString("base64");
  for (const secret of [key, basic]) assert(!shown.includes(secret), `a secret is in the ${where}`);
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
