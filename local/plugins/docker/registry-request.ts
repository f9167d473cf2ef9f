import type { IncomingHttpHeaders } from "node:http";
import { http, https } from "../rpc/http.ts";
import { parseJson, textAt } from "../rpc/values.ts";
import type { Credentials } from "./inputs.ts";

/** What a registry answered to one request. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

// The forms of manifests an image may have (OCI distribution specification, and Docker's own before it).
const manifestTypes = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
].join(", ");

/** How often a registry may send elsewhere; those in the cloud do so once, to where their blobs lie. */
const redirects = 3;

function send(method: string, url: URL, authorization: string | undefined, signal: AbortSignal): Promise<Answer> {
  const headers = { accept: manifestTypes, ...(authorization === undefined ? {} : { authorization }) };
  return new Promise((resolve, reject) => {
    const sent = (url.protocol === "http:" ? http : https).request(url, { method, headers, signal }, (response) => {
      response.setEncoding("utf8");
      let body = "";
      response.on("data", (chunk: string) => (body += chunk));
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

async function sendAndFollow(
  method: string,
  start: URL,
  authorization: string | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  let url = start;
  for (let round = 0; ; round++) {
    // Another host gets no credentials: what it needs is in the address.
    const answer = await send(method, url, url.origin === start.origin ? authorization : undefined, signal);
    const location = answer.headers.location;
    if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined || round === redirects) {
      return answer;
    }
    url = new URL(location, url);
  }
}

function basic(credentials: Credentials | undefined): string | undefined {
  if (credentials === undefined) return undefined;
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64")}`;
}

/** Where to fetch a token: https://distribution.github.io/distribution/spec/auth/token/. */
export function tokenAddress(challenge: string | undefined): URL | undefined {
  const [, parameters] = /^Bearer\s+(.*)$/i.exec(challenge ?? "") ?? [];
  const values = new Map([...(parameters ?? "").matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
  const realm = values.get("realm") ?? "";
  if (!URL.canParse(realm)) return undefined;
  const url = new URL(realm);
  for (const key of ["service", "scope"]) {
    const value = values.get(key);
    if (value !== undefined) url.searchParams.set(key, value);
  }
  return url;
}

/** Even a public image may need a token, which is given to everybody (Docker Hub's do). */
async function bearer(
  refused: Answer,
  plain: boolean,
  credentials: Credentials | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const address = refused.status === 401 ? tokenAddress(refused.headers["www-authenticate"]) : undefined;
  // Credentials leave the machine by TLS only.
  if (address === undefined || (address.protocol !== "https:" && !plain)) return undefined;
  const answer = await sendAndFollow("GET", address, basic(credentials), signal);
  if (answer.status !== 200) return undefined;
  const value = parseJson(answer.body);
  const token = textAt(value, "token") ?? textAt(value, "access_token");
  return token === undefined ? undefined : `Bearer ${token}`;
}

/** Asks a registry, within some ms in all; with a token where it wants one. */
export async function request(
  method: string,
  registry: string,
  path: string,
  credentials: Credentials | undefined,
  withinMs: number,
): Promise<Answer> {
  // Docker's own rule: a registry on the loopback interface needs no TLS.
  const plain = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(registry);
  const url = new URL(`${plain ? "http" : "https"}://${registry}${path}`);
  const signal = AbortSignal.timeout(withinMs);
  const answer = await sendAndFollow(method, url, basic(credentials), signal);
  const token = await bearer(answer, plain, credentials, signal);
  return token === undefined ? answer : sendAndFollow(method, url, token, signal);
}
