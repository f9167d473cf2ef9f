import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { request as plainRequest } from "node:http";
import { request, type RequestOptions } from "node:https";
import { KubeConfig } from "./kube-config.ts";

/** The cluster did not answer, or answered that it can't: one sentence that says who and why. */
export class Unreachable extends Error {}

/** Where a cluster's objects are, as kubectl would find them. */
export interface Place {
  /** The kubeconfig file, or undefined for KUBECONFIG and then ~/.kube/config. */
  readonly kubeconfig: string | undefined;
  readonly context: string;
  readonly namespace: string;
}

/** One request to the API server. */
export interface Call {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** From the server's root, with its leading slash. */
  readonly path: string;
  /** Deadline of the whole call, in milliseconds. */
  readonly withinMs: number;
  readonly body?: unknown;
  /** Default "application/json". */
  readonly contentType?: string;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
}

/** An API server, with the credentials the kubeconfig has for it. Nothing is retried here. */
export class Connection {
  readonly #config = new KubeConfig();

  /** @throws Unreachable where the kubeconfig can't be read or has no such context */
  constructor({ kubeconfig, context }: Pick<Place, "kubeconfig" | "context">) {
    try {
      if (kubeconfig === undefined) this.#config.loadFromDefault();
      else this.#config.loadFromFile(kubeconfig);
    } catch (error) {
      throw new Unreachable(`the kubeconfig can't be read: ${(error as Error).message.split("\n")[0] ?? ""}`);
    }
    if (this.#config.getContextObject(context) === null) {
      throw new Unreachable(`the kubeconfig has no context "${context}"`);
    }
    this.#config.setCurrentContext(context);
    if (!URL.canParse(this.#config.getCurrentCluster()?.server ?? "")) {
      throw new Unreachable(`the kubeconfig's context "${context}" names no cluster with a server`);
    }
  }

  /** @throws Unreachable where nothing answered in time */
  async send(call: Call): Promise<Answer> {
    const response = await this.open(call);
    const parts: Buffer[] = [];
    try {
      for await (const part of response) parts.push(part as Buffer);
    } catch (error) {
      throw this.#silence(error as Error);
    }
    return {
      status: response.statusCode ?? 0,
      text: Buffer.concat(parts).toString("utf8"),
      headers: response.headers,
    };
  }

  /** As `send`, with the answer's body still to be read. The deadline counts until its end. */
  async open({ method, path, withinMs, body, contentType = "application/json" }: Call): Promise<IncomingMessage> {
    const server = this.#server;
    const options: RequestOptions = {
      host: server.hostname,
      port: server.port,
      path: (server.pathname === "/" ? "" : server.pathname) + path,
      method,
      headers: body === undefined ? {} : { "content-type": contentType },
    };
    try {
      await this.#config.applyToHTTPSOptions(options);
    } catch (error) {
      // A login program that fails, or one that is not installed.
      throw new Unreachable(
        `the kubeconfig's credentials for ${server.host} can't be used: ${(error as Error).message}`,
      );
    }
    return await new Promise((resolve, reject) => {
      const send = server.protocol === "http:" ? plainRequest : request;
      const sent = send({ ...options, signal: AbortSignal.timeout(withinMs) }, resolve);
      sent.on("error", (error) => reject(this.#silence(error)));
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  get #server(): URL {
    return new URL(this.#config.getCurrentCluster()?.server ?? "");
  }

  #silence(error: Error): Unreachable {
    return new Unreachable(`${this.#server.host} does not answer: ${error.message}`);
  }
}
