import { UserError } from "../local/errors.ts";
import type { Answer, Asked } from "./answers.ts";
import { refusal } from "./answers.ts";
import { clean, cleanText } from "./clean.ts";
import type { Credentials } from "./credentials.ts";
import type { Value } from "./object.ts";
import { textAt } from "./object.ts";

/** The largest answer that is read, in bytes, unpacked: a page of 100 properties with examples is far below. */
const largest = 8 * 1024 * 1024;

export interface Request {
  readonly url: URL;
  readonly asked: Asked;
  readonly credentials: Credentials;
  /** What else must appear in no output. */
  readonly secrets?: readonly string[];
  /** Seconds until all of the answer must be there. */
  readonly timeout: number;
  /** The body, for a launch; without one it is a GET. */
  readonly body?: string;
  /** The one status that is the wanted one. */
  readonly wanted: number;
}

/** What follows for a launch whose answer didn't come whole. */
function doubt({ asked }: Request): string {
  return "launch" in asked
    ? "the run may have begun: look with npm run antithesis -- runs before launching again"
    : "try again";
}

async function bodyOf(response: Response, request: Request): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > largest) {
      throw new UserError(`the answer of ${request.url.host} is larger than ${largest} bytes: ${doubt(request)}`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parsed(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return undefined;
  }
}

function answerOf(response: Response, body: Value | undefined, secrets: readonly string[]): Answer {
  const location = response.headers.get("location");
  const redirect = location === null ? undefined : URL.parse(location, response.url)?.host;
  const retryAfter = response.headers.get("retry-after");
  const said = textAt(body, "message") || textAt(body, "error") || textAt(body, "error", "message");
  return {
    status: response.status,
    said: cleanText(said.slice(0, 500), secrets),
    ...(redirect === undefined ? {} : { redirect: cleanText(redirect, secrets) }),
    ...(retryAfter === null ? {} : { retryAfter }),
  };
}

function unreachable(error: unknown, request: Request): UserError {
  if (error instanceof UserError) return error;
  const { host } = request.url;
  if (error instanceof RangeError)
    return new UserError(`the answer of ${host} is nested too deeply: ${doubt(request)}`);
  if (error instanceof Error && error.name === "TimeoutError") {
    return new UserError(`no whole answer of ${host} in ${request.timeout} s (--timeout): ${doubt(request)}`);
  }
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  return new UserError(`the connection to ${host} failed or was cut off${code}: ${doubt(request)}`);
}

/**
 * Sends one request, once, and gives the JSON of its answer, with all texts clean. Redirects are not followed: they
 * would carry the key elsewhere.
 *
 * @throws UserError for every other status, and an answer that is late, cut off, too large or not JSON
 */
export async function send(request: Request): Promise<Value> {
  const { url, credentials, timeout, body, wanted, asked } = request;
  const secrets = [...credentials.secrets, ...(request.secrets ?? [])];
  try {
    const response = await fetch(url, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        authorization: credentials.authorization,
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body }),
      redirect: "manual",
      signal: AbortSignal.timeout(timeout * 1000),
    });
    const json = parsed(await bodyOf(response, request));
    if (response.status !== wanted) {
      const known = json === undefined ? undefined : clean(json, secrets);
      throw new UserError(refusal(answerOf(response, known, secrets), asked));
    }
    if (json === undefined) throw new UserError(`the answer of ${url.host} is not JSON: ${doubt(request)}`);
    return clean(json, secrets);
  } catch (error) {
    throw unreachable(error, request);
  }
}

/** The seconds of --timeout. */
export function secondsOf(text: string): number {
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds > 0 && seconds <= 3600) return seconds;
  throw new UserError("--timeout must be seconds above 0, at most 3600", 2);
}
