import type { Agent, IncomingMessage } from "node:http";
import type { AgentOptions, RequestOptions } from "node:https";
import tls from "node:tls";
import { http, https } from "../rpc/http.ts";
import type { PropertyMap, PropertyValue } from "../rpc/values.ts";
import { isMap, listAt, parseJson, textAt } from "../rpc/values.ts";
import type { Connection } from "./kubeconfig.ts";
import type { KubernetesObject } from "./object.ts";

/** The API server said no. The message is its own. */
export class ApiError extends Error {
  readonly status: number;
  /** Kubernetes' word for it, such as AlreadyExists. */
  readonly reason: string;
  /** The kind of object it is about, as the server names it. */
  readonly kind: string;

  constructor(status: number, body: PropertyValue) {
    super(textAt(body, "message") ?? `the Kubernetes API server answered with status ${status}`);
    this.name = "ApiError";
    this.status = status;
    this.reason = textAt(body, "reason") ?? "";
    this.kind = textAt(body, "details", "kind") ?? "";
  }
}

/** The API server could not be asked. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

export interface WatchEvent {
  type: string;
  object: KubernetesObject;
}

/** How long an answer may take, in ms; watches have no such limit. */
const answerLimit = 30_000;

/**
 * The Kubernetes REST API over Node's own HTTP client. The official client for Node takes 0.6 s to load, which each run
 * would pay; what is used here is a handful of requests.
 */
export class KubernetesApi {
  readonly #connection: Connection;
  readonly #base: URL;
  readonly #secure: boolean;
  readonly #agent: Agent;
  readonly #tls: AgentOptions;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#base = new URL(connection.server);
    this.#secure = this.#base.protocol === "https:";
    this.#tls = this.#secure ? tlsOptions(connection) : {};
    // Each connection costs a TLS handshake on both sides, ten times what a request costs: a few that are kept are quicker.
    const options = { keepAlive: true, maxSockets: 4, ...this.#tls };
    this.#agent = this.#secure ? new https.Agent(options) : new http.Agent(options);
  }

  /** @throws ApiError with status 404 when there is none */
  async get(path: string, signal?: AbortSignal): Promise<KubernetesObject> {
    return (await this.#ask("GET", path, {}, undefined, signal)).body;
  }

  async list(path: string, query: Record<string, string>, signal?: AbortSignal): Promise<ListResult> {
    const { body } = await this.#ask("GET", path, query, undefined, signal);
    return {
      items: listAt(body, "items").filter(isMap),
      resourceVersion: textAt(body, "metadata", "resourceVersion") ?? "",
    };
  }

  /** Server-side apply. `created` tells a new object from a changed one. */
  async apply(
    path: string,
    object: PropertyMap,
    options: { fieldManager: string; force: boolean; dryRun: boolean },
  ): Promise<{ object: KubernetesObject; created: boolean }> {
    const query = {
      fieldManager: options.fieldManager,
      force: String(options.force),
      ...(options.dryRun ? { dryRun: "All" } : {}),
    };
    const answer = await this.#ask("PATCH", path, query, { type: "application/apply-patch+yaml", value: object });
    return { object: answer.body, created: answer.status === 201 };
  }

  /** What the server says: the object, which is being deleted, or a Status when it is gone already. */
  async delete(path: string, propagationPolicy: string): Promise<KubernetesObject> {
    const options = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy };
    return (await this.#ask("DELETE", path, {}, { type: "application/json", value: options })).body;
  }

  /** The last lines of a container's log. */
  async log(path: string, query: Record<string, string>, signal?: AbortSignal): Promise<string> {
    const response = await this.#send("GET", path, query, undefined, this.#agent, signal);
    const text = await textOf(response);
    if ((response.statusCode ?? 0) >= 300) {
      throw new ApiError(response.statusCode ?? 0, parseBody(text));
    }
    return text;
  }

  /** The changes to a collection from a resource version on, until the server ends the stream or the signal is given. */
  async *watch(path: string, query: Record<string, string>, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const response = await this.#send("GET", path, { ...query, watch: "1" }, undefined, undefined, signal);
    if (response.statusCode !== 200) {
      throw new ApiError(response.statusCode ?? 0, parseBody(await textOf(response)));
    }
    let rest = "";
    response.setEncoding("utf8");
    for await (const chunk of response as AsyncIterable<string>) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const event = parseBody(line);
        const object = event["object"];
        yield { type: textAt(event, "type") ?? "", object: isMap(object) ? object : {} };
      }
    }
  }

  async #ask(
    method: string,
    path: string,
    query: Record<string, string>,
    body?: { type: string; value: PropertyMap },
    signal?: AbortSignal,
  ): Promise<{ status: number; body: PropertyMap }> {
    const limit = AbortSignal.timeout(answerLimit);
    const either = signal === undefined ? limit : AbortSignal.any([signal, limit]);
    const response = await this.#send(method, path, query, body, this.#agent, either);
    const status = response.statusCode ?? 0;
    const parsed = parseBody(await textOf(response));
    if (status >= 300) {
      throw new ApiError(status, parsed);
    }
    return { status, body: parsed };
  }

  #send(
    method: string,
    path: string,
    query: Record<string, string>,
    body: { type: string; value: PropertyMap } | undefined,
    agent: Agent | undefined,
    signal: AbortSignal | undefined,
  ): Promise<IncomingMessage> {
    const url = new URL(this.#base);
    url.pathname = url.pathname.replace(/\/$/, "") + path;
    url.search = new URLSearchParams(query).toString();
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body.value));
    const options: RequestOptions = {
      method,
      headers: {
        accept: "application/json",
        "user-agent": "pulumi-resource-kubernetes",
        ...(this.#connection.authorization === undefined ? {} : { authorization: this.#connection.authorization }),
        ...(body === undefined ? {} : { "content-type": body.type, "content-length": payload?.length ?? 0 }),
      },
      // A watch has a connection of its own: it would keep others from a place among the kept ones.
      ...(agent === undefined ? { agent: false, ...this.#tls } : { agent }),
      ...(signal === undefined ? {} : { signal }),
    };
    return new Promise((resolve, reject) => {
      const request = (this.#secure ? https : http).request(url, options, resolve);
      request.on("error", (error) => reject(this.#failure(error, signal)));
      request.end(payload);
    });
  }

  #failure(error: Error, signal: AbortSignal | undefined): Error {
    if (signal?.aborted === true && !isTimeout(signal.reason)) {
      return error;
    }
    const cause = isTimeout(signal?.reason) ? `no answer within ${answerLimit / 1000} s` : error.message;
    const { context, server } = this.#connection;
    return new UnreachableError(
      `the Kubernetes API server of context "${context}" (${server}) could not be reached: ${cause}`,
      { cause: error },
    );
  }
}

/** Certificates are parsed once, not for every connection. */
function tlsOptions(connection: Connection): AgentOptions {
  const { ca, cert, key, serverName, skipVerify } = connection.tls;
  const secureContext = tls.createSecureContext({
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  });
  return {
    secureContext,
    rejectUnauthorized: !skipVerify,
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

export interface ListResult {
  items: KubernetesObject[];
  resourceVersion: string;
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === "TimeoutError";
}

async function textOf(response: IncomingMessage): Promise<string> {
  response.setEncoding("utf8");
  let text = "";
  for await (const chunk of response as AsyncIterable<string>) {
    text += chunk;
  }
  return text;
}

function parseBody(text: string): PropertyMap {
  try {
    const parsed = text === "" ? {} : parseJson(text);
    return isMap(parsed) ? parsed : {};
  } catch {
    // A proxy in between may answer in HTML: its words are the message.
    return { message: text.slice(0, 200) };
  }
}

/** True for the server's "there is no such object". */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** True when the namespace an object is to be in does not exist (yet). */
export function isNamespaceMissing(error: unknown): boolean {
  return isNotFound(error) && error instanceof ApiError && error.kind === "namespaces";
}
