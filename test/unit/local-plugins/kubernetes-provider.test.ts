import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { KubernetesProvider } from "../../../local/plugins/kubernetes/provider.ts";
import type { PropertyMap } from "../../../local/plugins/rpc/values.ts";
import { Unknown } from "../../../local/plugins/rpc/values.ts";

const reporter = { log: () => undefined, status: () => undefined, flush: () => Promise.resolve() };
const common = { urn: "urn", name: "thing", olds: {}, randomSeed: new Uint8Array(8), autonaming: undefined };

describe("the kubernetes plugin's stand-in", () => {
  let folder = "";
  let kubeconfig = "";
  const provider = (): KubernetesProvider =>
    new KubernetesProvider({ name: "kubernetes", version: "4.34.2" }, reporter);
  const configured = async (inputs: PropertyMap): Promise<KubernetesProvider> => {
    const made = provider();
    await made.configure({ kubeconfig, ...inputs });
    return made;
  };

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "kubernetes-provider-"));
    kubeconfig = path.join(folder, "config");
    const config = (server: string) => ({
      "current-context": "here",
      contexts: ["here", "there"].map((name) => ({ name, context: { cluster: name, user: "me", namespace: "home" } })),
      clusters: ["here", "there"].map((name) => ({ name, cluster: { server: `${server}/${name}` } })),
      users: [{ name: "me", user: {} }],
    });
    writeFileSync(kubeconfig, JSON.stringify(config("http://127.0.0.1:1")));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("refuses a resource type it does not know, by its name", async () => {
    for (const type of [
      "kubernetes:batch/v1:Job",
      "kubernetes:helm.sh/v3:Release",
      "kubernetes:core/v1:ConfigMapPatch",
    ]) {
      const { failures } = await provider().check({ ...common, type, news: {} });
      assert.deepEqual(
        failures.map(({ reason }) => reason),
        [
          `the local stand-in for the kubernetes plugin does not support the resource type ${type}: ` +
            "install the official plugin (pulumi plugin install resource kubernetes 4.34.2)",
        ],
      );
    }
  });

  it("gives an object the provider's namespace, if it is of a kind that has one", async () => {
    const check = async (type: string, inputs: PropertyMap): Promise<PropertyMap> => {
      const made = await configured(inputs);
      return (await made.check({ ...common, type, news: { metadata: { name: "a" } } })).inputs;
    };
    assert.deepEqual(await check("kubernetes:core/v1:ConfigMap", {}), { metadata: { name: "a", namespace: "home" } });
    assert.deepEqual(await check("kubernetes:core/v1:ConfigMap", { namespace: "own" }), {
      metadata: { name: "a", namespace: "own" },
    });
    assert.deepEqual(await check("kubernetes:core/v1:Namespace", {}), { metadata: { name: "a" } });
  });

  it("says before anything is done that the context is missing, or that the API server does not answer", async () => {
    const failures = async (inputs: PropertyMap): Promise<string> =>
      (await provider().checkConfig({ news: { kubeconfig, ...inputs } })).failures
        .map(({ reason }) => reason)
        .join("\n");
    assert.match(
      await failures({ context: "elsewhere" }),
      /^context "elsewhere" does not exist in \S+ \(it has "here", "there"\)$/,
    );
    assert.match(
      await failures({}),
      /^the Kubernetes API server of context "here" .* could not be reached: .*ECONNREFUSED.*$/,
    );
    assert.equal(await failures({ deleteUnreachable: "true" }), "");
    assert.equal(await failures({ context: new Unknown() }), "");
    assert.match(await failures({ renderYamlToDirectory: "out" }), /does not support renderYamlToDirectory/);
  });

  it("replaces everything when the cluster becomes another one, and only then", async () => {
    const replaced = async (olds: PropertyMap, news: PropertyMap): Promise<string[]> =>
      [...(await provider().diffConfig({ olds: { kubeconfig, ...olds }, news: { kubeconfig, ...news } })).changes]
        .filter(([, { replace }]) => replace)
        .map(([key]) => key);
    assert.deepEqual(await replaced({ context: "here" }, { context: "there" }), ["context"]);
    assert.deepEqual(await replaced({ namespace: "a" }, { namespace: "b" }), []);
    const named = { clusterIdentifier: "x" };
    assert.deepEqual(await replaced({ ...named, context: "here" }, { ...named, context: "there" }), []);
    assert.deepEqual(await replaced(named, { clusterIdentifier: "y" }), ["clusterIdentifier"]);
  });

  it("previews what is not known yet as it is", async () => {
    const inputs = { metadata: { name: "a" }, data: { a: new Unknown() } };
    const type = "kubernetes:core/v1:ConfigMap";
    const made = await configured({});
    assert.equal((await made.create({ ...common, type, inputs, preview: true, timeout: 0 })).outputs, inputs);
  });
});
