import { Agent, request } from "node:https";
import { readFileSync } from "node:fs";
import { apiUrl } from "./addresses.ts";
import { keyFiles } from "./keys.ts";

/** An answer of the API server. */
export interface ApiAnswer {
  status: number;
  body: string;
}

/** The API server as the administrator sees it: the few calls the cluster's own start needs. */
export class ApiClient {
  #agent: Agent | undefined;

  /** With the administrator's key, once it has been made. */
  #connection(): Agent {
    const { certificate, key } = keyFiles("admin");
    this.#agent ??= new Agent({
      keepAlive: true,
      ca: readFileSync(keyFiles("ca").certificate),
      cert: readFileSync(certificate),
      key: readFileSync(key),
    });
    return this.#agent;
  }

  /**
   * One request.
   * @param timeout how long the answer may take (ms)
   * @throws when there is no answer, or no key yet; any status is an answer
   */
  call(method: string, path: string, content?: { type: string; body: unknown }, timeout = 5000): Promise<ApiAnswer> {
    return new Promise((resolve, reject) => {
      const headers = content === undefined ? {} : { "content-type": content.type };
      const agent = this.#connection();
      const sent = request(new URL(path, apiUrl), { method, headers, agent, timeout }, (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (body += chunk));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
        response.on("error", reject);
      });
      sent.on("timeout", () => sent.destroy(new Error(`no answer to ${method} ${path} within ${timeout} ms`)));
      sent.on("error", reject);
      sent.end(content === undefined ? undefined : JSON.stringify(content.body));
    });
  }

  /** Whether the API server says it is ready (its `/readyz`); false when it does not answer. */
  async isReady(): Promise<boolean> {
    return this.call("GET", "/readyz").then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  /** An object as JSON; undefined when it is not there. */
  async read(path: string): Promise<unknown> {
    const { status, body } = await this.call("GET", path);
    if (status === 404) {
      return undefined;
    }
    if (status !== 200) {
      throw new Error(`GET ${path}: ${status} ${body}`);
    }
    return JSON.parse(body);
  }

  /** Makes or updates an object by server-side apply. */
  async apply(path: string, object: unknown): Promise<void> {
    const target = `${path}?fieldManager=etcd-on-kubernetes-local&force=true`;
    const { status, body } = await this.call("PATCH", target, { type: "application/apply-patch+yaml", body: object });
    if (status !== 200 && status !== 201) {
      throw new Error(`PATCH ${path}: ${status} ${body}`);
    }
  }

  close(): void {
    this.#agent?.destroy();
  }
}
