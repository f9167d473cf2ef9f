import assert from "node:assert/strict";
import { EtcdCluster } from "../../components/EtcdCluster.ts";
import type { Settings } from "../../components/settings.ts";
import { settings } from "./example.ts";
import type { Circumstances } from "./mocks.ts";
import { promiseOf, run } from "./mocks.ts";
import { at } from "./value.ts";

const image = "registry.test/team/etcd-member@sha256:0";

const statefulSet = "kubernetes:apps/v1:StatefulSet";
const namespace = "kubernetes:core/v1:Namespace";

function cluster(changes: Partial<Settings> = {}, circumstances: Circumstances = {}) {
  return run(() => new EtcdCluster("etcd", { ...settings(changes), image }, {}), circumstances);
}

describe("EtcdCluster, as it registers itself (mocks: no schema check, no plugin)", () => {
  it("consists of exactly these objects", async () => {
    const { recording } = await cluster();
    assert.deepEqual(recording.resources.map((resource) => `${resource.type} ${resource.name}`).sort(), [
      "etcd:index:EtcdCluster etcd",
      "kubernetes:apps/v1:StatefulSet etcd-members",
      "kubernetes:core/v1:Namespace etcd-namespace",
      "kubernetes:core/v1:Service etcd-clients",
      "kubernetes:core/v1:Service etcd-peers",
      "kubernetes:core/v1:ServiceAccount etcd-members",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy etcd-members",
      "kubernetes:policy/v1:PodDisruptionBudget etcd-members",
      "kubernetes:rbac.authorization.k8s.io/v1:Role etcd-members",
      "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding etcd-members",
    ]);
  });

  it("leaves the NetworkPolicy, and nothing else, out when it is not wanted", async () => {
    const { recording } = await cluster({ networkPolicy: false });
    assert.equal(recording.ofType("kubernetes:networking.k8s.io/v1:NetworkPolicy").length, 0);
    assert.equal(recording.resources.length, 9);
  });

  it("is the parent of all of them", async () => {
    const { recording } = await cluster();
    const component = recording.one("etcd:index:EtcdCluster");
    const children = recording.resources.filter((resource) => resource !== component);
    for (const child of children) assert.equal(child.parent, component.urn, child.name);
  });

  it("names each object itself, in the cluster's namespace: a generated name would be another, empty cluster", async () => {
    const { recording } = await cluster({ name: "kv", namespace: "store" });
    for (const { type, inputs } of recording.resources.filter(({ type }) => type.startsWith("kubernetes:"))) {
      assert.equal(typeof at(inputs, "metadata.name"), "string", type);
      if (type !== namespace) assert.equal(at(inputs, "metadata.namespace"), "store", type);
    }
    assert.equal(at(recording.one(statefulSet).inputs, "metadata.name"), "kv");
    assert.equal(at(recording.one(namespace).inputs, "metadata.name"), "store");
  });

  it("makes everything after the namespace and lets it go with it", async () => {
    const { recording } = await cluster();
    const home = recording.one(namespace).urn;
    const residents = recording.resources.filter(({ type }) => type.startsWith("kubernetes:") && type !== namespace);
    for (const { type, dependencies, deletedWith } of residents) {
      assert.ok(dependencies.includes(home), `${type} does not wait for the namespace`);
      assert.equal(deletedWith, home, type);
    }
  });

  it("neither makes nor depends on a namespace that is not the stack's", async () => {
    const { recording } = await cluster({ createNamespace: false });
    assert.equal(recording.ofType(namespace).length, 0);
    for (const { type, deletedWith } of recording.resources) assert.equal(deletedWith, "", type);
  });

  it("protects what holds data, and nothing else, when it is told to", async () => {
    const isProtected = async (changes: Partial<Settings>) =>
      (await cluster(changes)).recording.resources.filter((resource) => resource.protect).map(({ type }) => type);
    assert.deepEqual((await isProtected({ protect: true })).sort(), [statefulSet, namespace].sort());
    assert.deepEqual(await isProtected({}), []);
  });

  it("starts no member before it has its account and its rights", async () => {
    const { recording } = await cluster();
    const { dependencies } = recording.one(statefulSet);
    for (const need of [
      recording.one("kubernetes:core/v1:ServiceAccount"),
      recording.one("kubernetes:rbac.authorization.k8s.io/v1:Role"),
      recording.one("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"),
    ]) {
      assert.ok(dependencies.includes(need.urn), need.type);
    }
  });

  it("passes the number of members and the image on", async () => {
    const { recording } = await cluster({ replicas: 5 });
    const { inputs } = recording.one(statefulSet);
    assert.equal(at(inputs, "spec.replicas"), 5);
    assert.equal(at(inputs, "spec.template.spec.containers.0.image"), image);
  });

  it("passes the pull secrets on, and nothing in their place where there are none", async () => {
    const path = "spec.template.spec.imagePullSecrets";
    const { recording } = await cluster({ imagePullSecrets: ["registry-key"] });
    assert.deepEqual(at(recording.one(statefulSet).inputs, path), [{ name: "registry-key" }]);
    assert.equal(at((await cluster()).recording.one(statefulSet).inputs, path), undefined);
  });

  it("differs between 3 and 5 members only in the number: anything else would restart members", async () => {
    const [three, five] = [await cluster({ replicas: 3 }), await cluster({ replicas: 5 })];
    for (const before of three.recording.resources) {
      const after = structuredClone(five.recording.one(before.type, before.name).inputs);
      if (before.type === statefulSet && typeof after["spec"] === "object")
        Object.assign(after["spec"] ?? {}, { replicas: 3 });
      assert.deepEqual(after, before.inputs, before.name);
    }
  });

  it("gives an update more time the more members must restart one after the other", async () => {
    const timeout = async (replicas: number) => (await cluster({ replicas })).recording.one(statefulSet).updateTimeout;
    assert.equal(await timeout(3), "12m");
    assert.equal(await timeout(9), "24m");
  });

  it("tells its outputs to its user and to the engine alike", async () => {
    const { result, recording } = await cluster({ replicas: 2, namespace: "store" });
    const outputs = {
      namespace: "store",
      replicas: 2,
      statefulSetName: "etcd",
      peerServiceName: "etcd",
      clientServiceName: "etcd-client",
      clientEndpoint: "http://etcd-client.store.svc.cluster.local:2379",
      memberPeerUrls: ["http://etcd-0.etcd:2380", "http://etcd-1.etcd:2380"],
      memberClientUrls: ["http://etcd-0.etcd:2379", "http://etcd-1.etcd:2379"],
    };
    assert.deepEqual(recording.one("etcd:index:EtcdCluster").outputs, outputs);
    assert.deepEqual(
      {
        namespace: await promiseOf(result.namespace),
        replicas: await promiseOf(result.replicas),
        statefulSetName: await promiseOf(result.statefulSetName),
        peerServiceName: await promiseOf(result.peerServiceName),
        clientServiceName: await promiseOf(result.clientServiceName),
        clientEndpoint: await promiseOf(result.clientEndpoint),
        memberPeerUrls: await promiseOf(result.memberPeerUrls),
        memberClientUrls: await promiseOf(result.memberClientUrls),
      },
      outputs,
    );
  });
});
