import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { digest, run, type Recording } from "./mocks.ts";
import { at } from "./value.ts";

const state = [
  { type: "kubernetes:core/v1:Namespace", outputs: { metadata: { name: "etcd" } } },
  { type: "kubernetes:apps/v1:StatefulSet", outputs: { metadata: { name: "etcd" }, spec: { serviceName: "etcd" } } },
];

let programs = 0;

/** Evaluates index.ts anew, against mocks and a stack that has a cluster. */
async function program(config: Record<string, string>): Promise<{ refused: string | undefined; recording: Recording }> {
  programs += 1;
  const address = new URL(`../../index.ts?membership=${programs}`, import.meta.url).href;
  const outcome = (): Promise<unknown> =>
    import(address).then(
      () => undefined,
      (error: unknown) => error,
    );
  const { result, recording } = await run(outcome, { config, state });
  assert.ok(result === undefined || pulumi.RunError.isInstance(result), String(result));
  return { refused: result?.message, recording };
}

describe("the program looks at the members before it changes them (index.ts under mocks, an API server of the test's own)", () => {
  let folder = "";
  let server: http.Server;
  let asked: string[] = [];
  let config: Record<string, string> = {};

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "membership-"));
    // A StatefulSet of three whose pods give no answer.
    server = http.createServer((request, response) => {
      const url = request.url ?? "";
      asked.push(url);
      if (url.endsWith("/statefulsets/etcd")) response.end(JSON.stringify({ spec: { replicas: 3 } }));
      else if (url.endsWith("/pods")) response.end(JSON.stringify({ items: [{ metadata: { name: "etcd-0" } }] }));
      else if (url.endsWith("/persistentvolumeclaims")) response.end('{"items":[]}');
      else response.writeHead(503).end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const kubeconfig = path.join(folder, "kubeconfig");
    const { port } = server.address() as AddressInfo;
    await writeFile(
      kubeconfig,
      `{clusters: [{name: c, cluster: {server: "http://127.0.0.1:${port}", insecure-skip-tls-verify: true}}], users: [{name: u, user: {}}],` +
        ` contexts: [{name: here, context: {cluster: c, user: u}}]}`,
    );
    config = {
      "etcd:context": "here",
      "etcd:kubeconfig": kubeconfig,
      "etcd:memberImage": `registry.test/etcd-member@${digest}`,
      "etcd:clientImage": `registry.test/etcd-client@${digest}`,
    };
  });
  beforeEach(() => (asked = []));
  after(async () => {
    if (server.listening) await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });

  it("asks one question, and no member, where replicas stay as they are", async () => {
    const { refused } = await program(config);
    assert.equal(refused, undefined);
    assert.deepEqual(asked, ["/apis/apps/v1/namespaces/etcd/statefulsets/etcd"]);
  });

  it("refuses a change that is not safe before anything is registered, and says how to overrule it", async () => {
    const { refused, recording } = await program({ ...config, "etcd:replicas": "5" });
    assert.match(refused ?? "", /^Replicas can't go from 3 to 5 safely \(no-quorum\): .*etcd:overrule no-quorum/);
    assert.deepEqual(recording.resources, []);
  });

  it("goes ahead when that very reason is overruled, and not for another one", async () => {
    const change = { ...config, "etcd:replicas": "5" };
    const { refused, recording } = await program({ ...change, "etcd:overrule": "alarm, no-quorum" });
    assert.equal(refused, undefined);
    assert.equal(at(recording.one("kubernetes:apps/v1:StatefulSet").inputs, "spec.replicas"), 5);
    assert.match((await program({ ...change, "etcd:overrule": "alarm" })).refused ?? "", /no-quorum/);
  });

  it("hibernates in spite of a lost quorum: nobody leaves", async () => {
    const { refused, recording } = await program({ ...config, "etcd:hibernate": "true" });
    assert.equal(refused, undefined);
    assert.equal(at(recording.one("kubernetes:apps/v1:StatefulSet").inputs, "spec.replicas"), 0);
  });

  it("goes ahead where the API server does not answer", async () => {
    await new Promise((resolve) => server.close(resolve));
    const { refused } = await program({ ...config, "etcd:replicas": "5" });
    assert.equal(refused, undefined);
  });
});
