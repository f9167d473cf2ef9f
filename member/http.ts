import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { createSecureContext, type SecureContext } from "node:tls";
import { Trouble } from "./trouble.ts";

export interface Call {
  readonly url: string;
  readonly method?: "GET" | "POST" | "PATCH" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Certificate authority to trust instead of the system's. */
  readonly ca?: string;
  /** The whole call must have ended within this many milliseconds. */
  readonly withinMs: number;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** No answer came: refused, unresolved, cut off or too late. Whether a change was made is unknown. */
export class NoAnswer extends Trouble {}

/** Reading a certificate authority costs as much as a call, and leaves memory that is given back late: it is kept. */
let trusted: { readonly ca: string; readonly context: SecureContext } | undefined;

function trusting(ca: string): SecureContext {
  if (trusted?.ca !== ca) trusted = { ca, context: createSecureContext({ ca }) };
  return trusted.context;
}

/**
 * One HTTP call with one deadline. Not fetch: it costs a resident program 8 MB.
 *
 * @throws NoAnswer
 */
export function call(what: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const send = what.url.startsWith("https:") ? httpsRequest : httpRequest;
    const request = send(
      what.url,
      {
        method: what.method ?? "GET",
        headers: {
          ...what.headers,
          ...(what.body === undefined ? {} : { "content-length": Buffer.byteLength(what.body) }),
        },
        agent: false,
        ...(what.ca === undefined ? {} : { secureContext: trusting(what.ca) }),
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => {
          clearTimeout(deadline);
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") });
        });
        response.on("error", fail);
      },
    );
    const deadline = setTimeout(
      () => request.destroy(new Error(`no answer within ${what.withinMs} ms`)),
      what.withinMs,
    );
    function fail(error: Error): void {
      clearTimeout(deadline);
      reject(new NoAnswer(`${new URL(what.url).host}: ${error.message}`));
    }
    request.on("error", fail);
    request.end(what.body);
  });
}
