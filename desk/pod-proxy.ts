import type { IncomingMessage } from "node:http";
import { Connection, Unreachable, type Answer, type Place } from "./connection.ts";

/**
 * Talks to ports of pods through the API server, so that any desk that can use kubectl can ask etcd: nothing is
 * forwarded, exposed or run in the cluster. Needs the right to get and create `pods/proxy`.
 */
export class PodProxy {
  readonly #connection: Connection;
  readonly #namespace: string;

  /**
   * @param connection one that is open already
   * @throws Unreachable where the kubeconfig has no such context
   */
  constructor(place: Place, connection: Connection = new Connection(place)) {
    this.#connection = connection;
    this.#namespace = place.namespace;
  }

  /**
   * @param path behind the port, with its leading slash
   * @param body sent as JSON by POST; without it the call is a GET
   * @param withinMs deadline of the whole call, in milliseconds
   * @returns status and text as the pod gave them
   * @throws Unreachable where the API server did not answer, or could not reach the pod
   */
  async call(pod: string, port: number, path: string, withinMs: number, body?: object): Promise<Answer> {
    const answer = await this.#connection.send({
      method: body === undefined ? "GET" : "POST",
      path: this.#path(pod, port, path),
      withinMs,
      body,
    });
    if (answer.status === 502 || answer.status === 503 || answer.status === 504) {
      throw new Unreachable(`pod ${pod} does not answer on port ${port}`);
    }
    return answer;
  }

  /** As `call` by POST, with the answer's body still to be read. */
  async open(pod: string, port: number, path: string, withinMs: number, body: object): Promise<IncomingMessage> {
    return await this.#connection.open({ method: "POST", path: this.#path(pod, port, path), withinMs, body });
  }

  /** Whether the namespace is there, and not on its way out. */
  async namespaceExists(): Promise<boolean> {
    const path = `/api/v1/namespaces/${this.#namespace}`;
    const { status, text } = await this.#connection.send({ method: "GET", path, withinMs: 3_000 });
    return status === 200 && !text.includes('"deletionTimestamp"');
  }

  #path(pod: string, port: number, path: string): string {
    return `/api/v1/namespaces/${this.#namespace}/pods/http:${pod}:${port}/proxy${path}`;
  }
}
