import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import { EtcdClients } from "../../components/EtcdClients.ts";
import type { Settings } from "../../components/settings.ts";
import { settings } from "./example.ts";
import { promiseOf, run } from "./mocks.ts";
import { at } from "./value.ts";

function clients(replicas: number, changes: Partial<Settings> = {}) {
  return run(() => {
    const home = new k8s.core.v1.Namespace("home", { metadata: { name: "etcd" } });
    const peers = new k8s.core.v1.Service("peers", { metadata: { name: "etcd" } });
    const place = { cluster: settings(changes), home, ground: [peers] };
    return new EtcdClients("etcd-client", { ...place, members: 3, replicas, image: "image@sha256:1" });
  });
}

const deployment = "kubernetes:apps/v1:Deployment";

describe("EtcdClients, as it registers itself (mocks: no schema check, no plugin)", () => {
  it("is one Deployment under the component, with the number of pods and the image it was given", async () => {
    const { recording } = await clients(2);
    const { parent, inputs } = recording.one(deployment);
    assert.equal(recording.resources.length, 4);
    assert.equal(parent, recording.one("etcd:index:EtcdClients").urn);
    assert.equal(at(inputs, "spec.replicas"), 2);
    assert.equal(at(inputs, "spec.template.spec.containers.0.image"), "image@sha256:1");
  });

  it("knows how many members are declared, and is not restarted when that changes", async () => {
    const { recording } = await clients(2);
    const { inputs, ignoreChanges } = recording.one(deployment);
    assert.deepEqual(at(inputs, "spec.template.spec.containers.0.env.0"), { name: "ETCD_REPLICAS", value: "3" });
    assert.deepEqual(ignoreChanges, ["spec.template.spec.containers[0].env[0].value"]);
  });

  it("passes the pull secrets on, and nothing in their place where there are none", async () => {
    const path = "spec.template.spec.imagePullSecrets";
    const { recording } = await clients(1, { imagePullSecrets: ["registry-key"] });
    assert.deepEqual(at(recording.one(deployment).inputs, path), [{ name: "registry-key" }]);
    assert.equal(at((await clients(1)).recording.one(deployment).inputs, path), undefined);
  });

  it("takes 0 for no pods, not for the default", async () => {
    const { recording } = await clients(0);
    assert.equal(at(recording.one(deployment).inputs, "spec.replicas"), 0);
  });

  it("comes after the namespace and what its pods look up, and goes with the namespace", async () => {
    const { recording } = await clients(2);
    const home = recording.one("kubernetes:core/v1:Namespace").urn;
    const peers = recording.one("kubernetes:core/v1:Service").urn;
    const { dependencies, deletedWith } = recording.one(deployment);
    assert.deepEqual(dependencies, [home, peers]);
    assert.equal(deletedWith, home);
  });

  it("tells which label selects the pods, to its user and to the engine alike", async () => {
    const { result, recording } = await clients(2);
    assert.equal(await promiseOf(result.selector), "app=etcd-client");
    assert.deepEqual(recording.one("etcd:index:EtcdClients").outputs, {
      deploymentName: "etcd-client",
      selector: "app=etcd-client",
    });
    assert.equal(at(recording.one(deployment).inputs, "spec.template.metadata.labels.app"), "etcd-client");
  });
});
