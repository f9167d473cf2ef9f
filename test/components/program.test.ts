import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import net from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { objectGroups } from "../../components/object-groups.ts";
import { parseSettings } from "../../components/settings.ts";
import type { Circumstances } from "./mocks.ts";
import { digest, promiseOf, run } from "./mocks.ts";
import type { Value } from "./value.ts";
import { at, plain } from "./value.ts";

/** What index.ts exports, each still an output. */
type Outputs = Record<string, pulumi.Output<unknown>>;

function textAt(value: Value, path: string): string {
  const found = at(value, path);
  return typeof found === "string" ? found : "";
}

let programs = 0;

/** Evaluates index.ts anew: a module of another address is another module. */
function evaluate(): Promise<Outputs> {
  programs += 1;
  return import(new URL(`../../index.ts?run=${programs}`, import.meta.url).href) as Promise<Outputs>;
}

function program(circumstances: Circumstances) {
  return run(evaluate, circumstances);
}

/** The message of the RunError, which Pulumi shows without a stack, that must end the program before it registers anything. */
async function refusal(circumstances: Circumstances): Promise<string> {
  const outcome = () =>
    evaluate().then(
      () => undefined,
      (error: unknown) => error,
    );
  const { result, recording } = await run(outcome, circumstances);
  assert.ok(pulumi.RunError.isInstance(result));
  assert.deepEqual(recording.resources, []);
  return result.message;
}

describe("the program (index.ts under mocks: no schema check, no plugin, nothing is built)", () => {
  let folder = "";
  let config: Record<string, string> = {};
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "program-"));
    const kubeconfig = path.join(folder, "kubeconfig");
    await writeFile(kubeconfig, "contexts:\n- name: here\n- name: there\n");
    config = {
      "etcd:context": "here",
      "etcd:kubeconfig": kubeconfig,
      "etcd:memberImage": `registry.test/etcd-member@${digest}`,
      "etcd:clientImage": `registry.test/etcd-client@${digest}`,
    };
  });
  after(() => rm(folder, { recursive: true }));

  it("tells exactly these outputs", async () => {
    const { result } = await program({ config });
    const { images, ...others } = result;
    assert.deepEqual(await promiseOf(pulumi.output(images)), {
      member: `registry.test/etcd-member@${digest}`,
      client: `registry.test/etcd-client@${digest}`,
    });
    const values = await Promise.all(
      Object.entries(others).map(async ([name, output]) => [name, await promiseOf(output)] as const),
    );
    assert.deepEqual(Object.fromEntries(values), {
      namespace: "etcd",
      statefulSetName: "etcd",
      replicas: 3,
      peerServiceName: "etcd",
      clientServiceName: "etcd-client",
      clientEndpoint: "http://etcd-client.etcd.svc.cluster.local:2379",
      memberPeerUrls: ["http://etcd-0.etcd:2380", "http://etcd-1.etcd:2380", "http://etcd-2.etcd:2380"],
      memberClientUrls: ["http://etcd-0.etcd:2379", "http://etcd-1.etcd:2379", "http://etcd-2.etcd:2379"],
      clientSelector: "app=etcd-client",
    });
  });

  it("touches the Kubernetes cluster of the named context only", async () => {
    const { recording } = await program({ config: { ...config, "etcd:context": "there" } });
    const provider = recording.one("pulumi:providers:kubernetes");
    assert.equal(provider.inputs["context"], "there");
    assert.equal(provider.inputs["clusterIdentifier"], "there");
    assert.equal(provider.inputs["kubeconfig"], config["etcd:kubeconfig"]);
    const objects = recording.resources.filter(({ type }) => type.startsWith("kubernetes:"));
    assert.equal(objects.length, 10);
    for (const object of objects)
      assert.ok(object.provider.startsWith(provider.urn), `${object.type} uses another provider`);
  });

  it("registers exactly the objects that `npm run manifests` writes, field by field", async () => {
    for (const changes of [
      {},
      { "etcd:namespace": "default", "etcd:createNamespace": "false", "etcd:imagePullPolicy": "Never" },
      { "etcd:networkPolicy": "false", "etcd:replicas": "5", "etcd:topologySpread": "zone", "etcd:storageClass": "x" },
      { "etcd:imagePullSecrets": '["registry-key"]' },
    ]) {
      const given: Record<string, string> = { ...config, ...changes };
      const { recording } = await program({ config: given });
      const registered = recording.resources
        .filter(({ type }) => type.startsWith("kubernetes:"))
        .map(({ inputs }) => inputs);
      const { settings } = parseSettings(given);
      const images = { member: given["etcd:memberImage"] ?? "", client: given["etcd:clientImage"] ?? "" };
      const written = objectGroups(settings, images).flatMap(({ objects }) => objects.map(plain));
      const byName = (values: readonly Value[]) =>
        Object.fromEntries(
          values.map((value) => [`${textAt(value, "kind")} ${textAt(value, "metadata.name")}`, value]),
        );
      assert.deepEqual(byName(registered), byName(written));
      assert.equal(registered.length, written.length);
    }
  });

  it("gives the settings to the objects", async () => {
    const { recording } = await program({ config: { ...config, "etcd:replicas": "5", "etcd:clientReplicas": "1" } });
    assert.equal(at(recording.one("kubernetes:apps/v1:StatefulSet").inputs, "spec.replicas"), 5);
    assert.equal(at(recording.one("kubernetes:apps/v1:Deployment").inputs, "spec.replicas"), 1);
  });

  it("starts the members as soon as they have their account and rights, and the clients beside them, once the Services are there", async () => {
    const { recording } = await program({ config });
    const typesBefore = (type: string) =>
      recording
        .one(type)
        .dependencies.map((urn) => urn.split("::").at(-2)?.split(":").at(-1))
        .sort();
    const access = ["Namespace", "Role", "RoleBinding", "ServiceAccount"];
    assert.deepEqual(typesBefore("kubernetes:apps/v1:StatefulSet"), access);
    assert.deepEqual(typesBefore("kubernetes:apps/v1:Deployment"), [...access, "Service", "Service"].sort());
  });

  it("builds both images before it makes anything in the cluster: a build that fails changes nothing there", async () => {
    const server = http.createServer((_, response) => response.end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const registry = `localhost:${(server.address() as AddressInfo).port}`;
    try {
      const toBuild = { "etcd:memberImage": "", "etcd:clientImage": "", "etcd:registry": registry };
      const { recording } = await program({ config: { ...config, ...toBuild, "etcd:etcdVersion": "v3.7.1" } });
      const [member, client] = ["etcd-member", "etcd-client"].map((name) =>
        recording.one("docker:index/image:Image", name),
      );
      assert.ok(member !== undefined && client !== undefined);
      // A child is registered after its parent, and a parent after what it depends on.
      const cluster = recording.one("etcd:index:EtcdCluster");
      assert.deepEqual(cluster.dependencies, [member.urn, client.urn]);
      assert.equal(recording.one("kubernetes:core/v1:Namespace").parent, cluster.urn);
      assert.equal(at(member.inputs, "build.args.ETCD_IMAGE"), "gcr.io/etcd-development/etcd:v3.7.1");
      assert.equal(
        at(recording.one("kubernetes:apps/v1:StatefulSet").inputs, "spec.template.spec.containers.0.image"),
        `${registry}/etcd-member@${digest}`,
      );
      assert.equal(
        at(recording.one("kubernetes:apps/v1:Deployment").inputs, "spec.template.spec.containers.0.image"),
        `${registry}/etcd-client@${digest}`,
      );
    } finally {
      server.close();
    }
  });

  it("stops before anything is registered when settings are wrong, with one sentence for each", async () => {
    assert.equal(
      await refusal({ config: { ...config, "etcd:replicas": "three", "etcd:storageSize": "1Gb" } }),
      'etcd:replicas is "three", but must be a whole number from 1 to 9: type `pulumi config set etcd:replicas 3`.\n' +
        'etcd:storageSize is "1Gb", but must be a Kubernetes quantity: type `pulumi config set etcd:storageSize 1Gi`.',
    );
  });

  it("stops likewise at a context that does not exist and a registry that does not answer, and tells of both", async () => {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const registry = `localhost:${(server.address() as AddressInfo).port}`;
    await new Promise((resolve) => server.close(resolve));
    const wrong = { ...config, "etcd:context": "nowhere", "etcd:memberImage": "", "etcd:registry": registry };
    const [first, second, ...more] = (await refusal({ config: wrong })).split("\n");
    assert.match(first ?? "", /^etcd:context is "nowhere", but .* has no such context, it has here, there: /);
    assert.match(second ?? "", new RegExp(`^etcd:registry is "${registry}", but nothing answered at `));
    assert.deepEqual(more, []);
  });

  it("stops likewise when a setting would give up the cluster that the stack has", async () => {
    const state = [{ type: "kubernetes:core/v1:Namespace", outputs: { metadata: { name: "old" } } }];
    assert.equal(
      await refusal({ config, state }),
      'etcd:namespace is "etcd", but must stay "old" as long as the stack has a cluster, because in another namespace it would be another, empty one: ' +
        "type `pulumi config set etcd:namespace old`, or give the cluster and its data up with `pulumi destroy` first.",
    );
    const { recording } = await program({ config: { ...config, "etcd:namespace": "old" }, state });
    assert.equal(recording.ofType("kubernetes:apps/v1:StatefulSet").length, 1);
  });
});
