import assert from "node:assert/strict";
import { inputsFromLive, project } from "../../../local/plugins/kubernetes/projection.ts";

const inputs = {
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: { name: "etcd", labels: { app: "etcd" } },
  spec: {
    replicas: 3,
    template: { spec: { containers: [{ name: "etcd", image: "a" }], volumes: [{ name: "tmp", emptyDir: {} }] } },
  },
};

const live = {
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: { name: "etcd", uid: "1", resourceVersion: "7", labels: { app: "etcd", added: "by hand" } },
  spec: {
    replicas: 5,
    revisionHistoryLimit: 10,
    template: {
      spec: {
        containers: [{ name: "etcd", image: "a", terminationMessagePath: "/dev/termination-log" }],
        volumes: [{ name: "tmp", emptyDir: {} }],
        dnsPolicy: "ClusterFirst",
      },
    },
  },
  status: { replicas: 5 },
};

describe("a live object seen through the inputs", () => {
  it("shows what was changed by hand and nothing the server filled in", () => {
    const seen = project(live, inputs);
    assert.deepEqual(seen, { ...inputs, spec: { ...inputs.spec, replicas: 5 } });
  });

  it("lacks what was taken away by hand", () => {
    const seen = project({ ...live, metadata: { name: "etcd" } }, inputs);
    assert.deepEqual(seen["metadata"], { name: "etcd" });
  });

  it("shows an element that was added to a list", () => {
    const two = { spec: { ports: [{ port: 2379 }, { port: 9999 }] } };
    assert.deepEqual(project(two, { spec: { ports: [{ port: 2379 }] } }), two);
  });

  it("keeps empty values, which the server does not send back", () => {
    const policy = { spec: { podSelector: {}, ingress: [], hostNetwork: false, replicas: 0 } };
    assert.deepEqual(project({ spec: { policyTypes: ["Ingress"] } }, policy), policy);
    assert.deepEqual(project({ spec: {} }, { spec: { serviceName: "etcd" } }), { spec: {} });
  });

  it("shows a Secret's stringData by what the server made of it", () => {
    const secret = { kind: "Secret", stringData: { password: "old" } };
    const changed = { kind: "Secret", data: { password: Buffer.from("new").toString("base64"), other: "eA==" } };
    assert.deepEqual(project(changed, secret), { kind: "Secret", stringData: { password: "new" } });
  });
});

describe("the inputs of an object that was only read", () => {
  it("are all but the status and the server's own metadata", () => {
    const read = inputsFromLive(live);
    assert.deepEqual(read["metadata"], { name: "etcd", labels: { app: "etcd", added: "by hand" } });
    assert.equal("status" in read, false);
    assert.deepEqual(read["spec"], live.spec);
  });
});
