import { request } from "node:https";
import type { RequestOptions } from "node:https";
import { request as plainRequest } from "node:http";
import { KubeConfig } from "@kubernetes/client-node";

/** The cluster did not answer, or answered that it can't: one sentence that says who and why. */
export class Unreachable extends Error {}

/** Where a cluster's objects are, as kubectl would find them. */
export interface Place {
  /** The kubeconfig file, or undefined for KUBECONFIG and then ~/.kube/config. */
  readonly kubeconfig: string | undefined;
  readonly context: string;
  readonly namespace: string;
}

/**
 * Talks to ports of pods through the API server, so that any desk that can use kubectl can ask etcd: nothing is
 * forwarded, exposed or run in the cluster. Needs the right to get and create `pods/proxy`.
 */
export class PodProxy {
  readonly #config = new KubeConfig();
  readonly #place: Place;

  /** @throws Unreachable where the kubeconfig has no such context */
  constructor(place: Place) {
    this.#place = place;
    if (place.kubeconfig === undefined) this.#config.loadFromDefault();
    else this.#config.loadFromFile(place.kubeconfig);
    if (this.#config.getContextObject(place.context) === null) {
      throw new Unreachable(`the kubeconfig has no context "${place.context}"`);
    }
    this.#config.setCurrentContext(place.context);
  }

  /**
   * @param path behind the port, with its leading slash
   * @param body sent as JSON by POST; without it the call is a GET
   * @param withinMs deadline of the whole call, in milliseconds
   * @returns status and text as the pod gave them
   * @throws Unreachable where the API server did not answer, or could not reach the pod
   */
  async call(
    pod: string,
    port: number,
    path: string,
    withinMs: number,
    body?: object,
  ): Promise<{ status: number; text: string }> {
    const url = `/api/v1/namespaces/${this.#place.namespace}/pods/http:${pod}:${port}/proxy${path}`;
    const answer = await this.#send(url, withinMs, body);
    if (answer.status === 502 || answer.status === 503 || answer.status === 504) {
      throw new Unreachable(`pod ${pod} does not answer on port ${port}`);
    }
    return answer;
  }

  /** Whether the namespace is there, and not on its way out. */
  async namespaceExists(): Promise<boolean> {
    const { status, text } = await this.#send(`/api/v1/namespaces/${this.#place.namespace}`, 3_000);
    return status === 200 && !text.includes('"deletionTimestamp"');
  }

  async #send(url: string, withinMs: number, body?: object): Promise<{ status: number; text: string }> {
    const server = new URL(this.#config.getCurrentCluster()?.server ?? "");
    const options: RequestOptions = {
      host: server.hostname,
      port: server.port,
      path: (server.pathname === "/" ? "" : server.pathname) + url,
      method: body === undefined ? "GET" : "POST",
      headers: body === undefined ? {} : { "content-type": "application/json" },
    };
    await this.#config.applyToHTTPSOptions(options);
    return await new Promise((resolve, reject) => {
      const fail = (error: Error): void => reject(new Unreachable(`${server.host} does not answer: ${error.message}`));
      const send = server.protocol === "http:" ? plainRequest : request;
      const sent = send({ ...options, signal: AbortSignal.timeout(withinMs) }, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") }),
        );
        response.on("error", fail);
      });
      sent.on("error", fail);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}
