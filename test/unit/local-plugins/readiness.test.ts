import assert from "node:assert/strict";
import type { PropertyMap } from "../../../local/plugins/rpc/values.ts";
import {
  claimReadiness,
  deploymentReadiness,
  isUnawaitedService,
  serviceReadiness,
  statefulSetReadiness,
} from "../../../local/plugins/kubernetes/await/readiness.ts";

function statefulSet(generation: number, status: Record<string, string | number>, spec: Record<string, string> = {}) {
  return {
    metadata: { name: "etcd", generation },
    spec: { replicas: 3, updateStrategy: { type: spec["type"] ?? "RollingUpdate" } },
    status,
  };
}
const settled = {
  observedGeneration: 2,
  replicas: 3,
  readyReplicas: 3,
  currentReplicas: 3,
  updatedReplicas: 3,
  currentRevision: "etcd-a",
  updateRevision: "etcd-a",
};

describe("a StatefulSet", () => {
  it("is ready when its controller has seen the change and all replicas are ready and of one revision", () => {
    assert.equal(statefulSetReadiness(statefulSet(2, settled)).ready, true);
    assert.deepEqual(statefulSetReadiness(statefulSet(2, settled)).problems, []);
  });

  it("is not ready by the status of before the change", () => {
    const readiness = statefulSetReadiness(statefulSet(3, settled));
    assert.equal(readiness.ready, false);
    assert.equal(readiness.progress, "[1/3] Waiting for StatefulSet update to roll out (3/3 Pods ready)");
  });

  it("tells how many pods are ready while it is created", () => {
    const status = { ...settled, observedGeneration: 1, readyReplicas: 2 };
    const readiness = statefulSetReadiness(statefulSet(1, status));
    assert.equal(readiness.ready, false);
    assert.equal(readiness.progress, "[1/2] Waiting for StatefulSet to create Pods (2/3 Pods ready)");
    assert.deepEqual(readiness.problems, ["2 out of 3 replicas succeeded readiness checks"]);
  });

  it("counts only pods of the new revision while it is updated", () => {
    const status = { ...settled, updateRevision: "etcd-b", updatedReplicas: 1, currentReplicas: 2 };
    const readiness = statefulSetReadiness(statefulSet(2, status));
    assert.equal(readiness.progress, "[1/3] Waiting for StatefulSet update to roll out (1/3 Pods ready)");
    assert.deepEqual(readiness.problems, [
      "1 out of 3 replicas succeeded readiness checks",
      'StatefulSet controller failed to advance from revision "etcd-a" to revision "etcd-b"',
    ]);
  });

  it("waits for the revision to advance when all pods are ready", () => {
    const readiness = statefulSetReadiness(statefulSet(2, { ...settled, updateRevision: "etcd-b" }));
    assert.equal(readiness.ready, false);
    assert.equal(readiness.progress, "[2/3] Waiting for StatefulSet to update .status.currentRevision");
  });

  it("with OnDelete does not wait for revisions after its first", () => {
    const status = { ...settled, updateRevision: "etcd-b", currentReplicas: 0 };
    assert.equal(statefulSetReadiness(statefulSet(2, status, { type: "OnDelete" })).ready, true);
    assert.equal(statefulSetReadiness(statefulSet(1, status, { type: "OnDelete" })).ready, false);
  });

  it("without replicas is ready when none is left", () => {
    const asleep = { ...statefulSet(2, { ...settled, replicas: 0, readyReplicas: 0, currentReplicas: 0 }) };
    assert.equal(statefulSetReadiness({ ...asleep, spec: { replicas: 0 } }).ready, true);
  });
});

describe("a Deployment", () => {
  const available = { type: "Available", status: "True" };
  const done = {
    observedGeneration: 2,
    replicas: 2,
    updatedReplicas: 2,
    availableReplicas: 2,
    conditions: [available],
  };
  const deployment = (status: PropertyMap) => ({
    metadata: { name: "client", generation: 2, annotations: { "deployment.kubernetes.io/revision": "2" } },
    spec: { replicas: 2 },
    status: { ...done, ...status },
  });

  it("is ready when every replica is new and available and no old one is left", () => {
    assert.equal(deploymentReadiness(deployment({})).ready, true);
    assert.equal(deploymentReadiness(deployment({ observedGeneration: 1 })).ready, false);
    assert.equal(deploymentReadiness(deployment({ replicas: 3 })).ready, false);
    assert.equal(deploymentReadiness(deployment({ availableReplicas: 1 })).ready, false);
  });

  it("tells the condition that is not met", () => {
    const conditions = [
      available,
      { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "too slow" },
    ];
    const { problems, progress } = deploymentReadiness(deployment({ updatedReplicas: 1, conditions }));
    assert.equal(progress, "Waiting for app ReplicaSet to be available (1/2 Pods available)");
    assert.deepEqual(problems, [
      "[ProgressDeadlineExceeded] too slow",
      "Attempted to roll forward to new ReplicaSet, but minimum number of Pods did not become live",
    ]);
  });
});

describe("a Service", () => {
  const service = { metadata: { name: "etcd" }, spec: { clusterIP: "198.19.0.9", selector: { app: "etcd" } } };

  it("is not waited for when it is headless, external or without a selector", () => {
    assert.equal(isUnawaitedService(service), false);
    assert.equal(isUnawaitedService({ spec: { ...service.spec, clusterIP: "None" } }), true);
    assert.equal(isUnawaitedService({ spec: { ...service.spec, type: "ExternalName" } }), true);
    assert.equal(isUnawaitedService({ spec: { clusterIP: "198.19.0.9" } }), true);
  });

  it("is ready with one ready endpoint", () => {
    const slices = (ready: boolean) => [{ endpoints: [{ conditions: { ready: false } }, { conditions: { ready } }] }];
    assert.equal(serviceReadiness(service, slices(true)).ready, true);
    assert.equal(serviceReadiness(service, slices(false)).ready, false);
    assert.equal(serviceReadiness(service, []).progress, "[1/3] Finding Pods to direct traffic to");
  });

  it("that balances load needs its address too", () => {
    const balancer = { ...service, spec: { ...service.spec, type: "LoadBalancer" } };
    const slices = [{ endpoints: [{}] }];
    assert.equal(serviceReadiness(balancer, slices).ready, false);
    const addressed = { ...balancer, status: { loadBalancer: { ingress: [{ ip: "198.18.0.1" }] } } };
    assert.equal(serviceReadiness(addressed, slices).ready, true);
  });
});

describe("a volume claim", () => {
  it("is ready when it is bound, or when its class waits for a pod", () => {
    assert.equal(claimReadiness({ status: { phase: "Bound" } }, false).ready, true);
    assert.equal(claimReadiness({ status: { phase: "Pending" } }, false).ready, false);
    assert.equal(claimReadiness({ status: { phase: "Pending" } }, true).ready, true);
    assert.equal(claimReadiness({ status: { phase: "Lost" } }, true).ready, false);
  });
});
