import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { memberAnswer, type Manner } from "./member-answer.ts";

const LATCH = "/configmaps/etcd-latch";

/** An API server with a StatefulSet of three and its pods, as far as the desk asks. Nothing that is asked for happens. */
export class FakeCluster {
  /** How the members' pods answer; there are as many pods. */
  manners: readonly Manner[] = [];
  /** The StatefulSet's pod template. */
  template: unknown = {};
  /** undefined where there is none. */
  latch: Readonly<Record<string, string>> | undefined;
  /** Whether the API server answers 503 to everything. */
  isAway = false;
  /** Method (but for GET) and path of every request, and the body of a PATCH. */
  asked: string[] = [];
  kubeconfig = "";
  readonly #server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const [method = "", url = "", text] = [request.method, request.url, Buffer.concat(parts).toString()];
      const verb = method === "GET" || url.includes("/proxy/") ? "" : `${method} `;
      this.asked.push(`${verb}${url}${method === "PATCH" ? ` ${text}` : ""}`);
      const answer = this.isAway ? undefined : verb === "" ? this.#answer(url, text) : "{}";
      const missing = !this.isAway && url.endsWith(LATCH) ? 404 : 503;
      response.writeHead(answer === undefined ? missing : 200, { "x-etcd-cluster-id": "c1" }).end(answer ?? "{}");
    });
  });
  #folder = "";

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** What was asked for but to look. */
  get changes(): string[] {
    return this.asked.filter((each) => /^[A-Z]+ /.test(each));
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.#folder = await mkdtemp(path.join(tmpdir(), "fake-cluster-"));
    this.kubeconfig = path.join(this.#folder, "kubeconfig");
    await writeFile(
      this.kubeconfig,
      `{clusters: [{name: c, cluster: {server: "http://127.0.0.1:${this.port}", insecure-skip-tls-verify: true}}], users: [{name: u, user: {}}],` +
        ` contexts: [{name: here, context: {cluster: c, user: u}}]}`,
    );
  }

  /** No answer from now on. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true });
  }

  #answer(url: string, text: string): string | undefined {
    if (url.endsWith("/statefulsets/etcd")) return JSON.stringify({ spec: { replicas: 3, template: this.template } });
    if (url.endsWith("/pods"))
      return JSON.stringify({ items: this.manners.map((_, at) => ({ metadata: { name: `etcd-${at}` } })) });
    if (url.endsWith("/persistentvolumeclaims")) return '{"items":[]}';
    if (url.endsWith(LATCH)) return this.latch === undefined ? undefined : JSON.stringify({ data: this.latch });
    const [, ordinal = "", asked = ""] = /\/pods\/http:etcd-(\d):\d+\/proxy(.*)$/.exec(url) ?? [];
    const body = text === "" ? undefined : (JSON.parse(text) as object);
    return memberAnswer(this.manners[Number(ordinal)] ?? "silent", Number(ordinal), asked, body)?.text;
  }
}
