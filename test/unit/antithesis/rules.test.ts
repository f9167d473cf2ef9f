import assert from "node:assert/strict";
import type { KubernetesObject, Value } from "../../../antithesis/object.ts";
import { readObjects } from "../../../antithesis/read-manifests.ts";
import { rules } from "../../../antithesis/rules.ts";
import { violations } from "../../../antithesis/violations.ts";
import { objectGroups } from "../../../components/object-groups.ts";
import { manifestFiles } from "../../../manifests/files.ts";
import { stackSettings } from "../../../manifests/stack-config.ts";

const digest = `sha256:${"0".repeat(64)}`;
const images = { member: `registry.test/m@${digest}`, client: `registry.test/c@${digest}` };

function objectsOf(stack: string): KubernetesObject[] {
  return readObjects(manifestFiles(objectGroups(stackSettings(stack, undefined).settings, images)));
}

/** The stack's objects with one field of one of them changed; undefined takes the field away. */
function changed(kind: string, path: string, value: Value | undefined): KubernetesObject[] {
  return objectsOf("antithesis").map((object) => {
    if (object["kind"] !== kind) return object;
    const keys = path.split("/");
    const last = keys.pop() ?? "";
    let inner = object as Record<string, Value>;
    for (const key of keys) inner = (inner[key] ??= {}) as Record<string, Value>;
    if (value === undefined) Reflect.deleteProperty(inner, last);
    else inner[last] = value;
    return object;
  });
}

const container = "spec/template/spec/containers/0";
const spec = "spec/template/spec";
const service = { apiVersion: "v1", kind: "Service", metadata: { name: "etcd", namespace: "default" }, spec: {} };

/** For each rule, manifests that break it and the whole message. */
const broken: readonly (readonly [string, readonly KubernetesObject[], string])[] = [
  [
    "namespace",
    changed("Role", "metadata/namespace", undefined),
    "namespace: Role etcd names no namespace: write metadata.namespace, default if need be",
  ],
  [
    "name",
    changed("Role", "metadata/name", "my_role"),
    "name: Role my_role must have a name of lower-case letters, digits, - and . (RFC 1123; no underscores, no generateName)",
  ],
  [
    "hooks",
    changed("Role", "metadata/annotations", { "helm.sh/hook": "pre-install" }),
    "hooks: Role etcd has the annotation helm.sh/hook, and nothing there runs hooks: render what the hook does",
  ],
  [
    "bare-pod",
    [
      ...objectsOf("antithesis"),
      { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "default" }, spec: {} },
    ],
    "bare-pod: Pod p is a bare Pod, which nothing restores after a fault: make it a Deployment or StatefulSet",
  ],
  [
    "readiness",
    changed("Deployment", `${container}/readinessProbe`, undefined),
    "readiness: Deployment etcd-client has no readiness probe in container etcd-client: testing begins when everything is ready",
  ],
  [
    "liveness",
    changed("StatefulSet", `${container}/livenessProbe`, { periodSeconds: 2 }),
    "liveness: StatefulSet etcd restarts container etcd after 6 s without an answer: a liveness probe must bear faults of half a minute",
  ],
  [
    "requests",
    changed("StatefulSet", `${container}/resources/requests/memory`, undefined),
    "requests: StatefulSet etcd requests no memory in container etcd: write resources.requests.memory",
  ],
  [
    "image",
    changed("StatefulSet", `${container}/image`, "registry.test:5000/m"),
    "image: StatefulSet etcd has the image registry.test:5000/m in container etcd: name it by digest or by a tag other than latest",
  ],
  [
    "pull-policy",
    changed("StatefulSet", `${container}/imagePullPolicy`, "Always"),
    "pull-policy: StatefulSet etcd must have imagePullPolicy Never (or IfNotPresent) in container etcd: there is no registry to pull from",
  ],
  [
    "privileged",
    changed("StatefulSet", `${container}/securityContext/privileged`, true),
    "privileged: StatefulSet etcd has the privileged container etcd",
  ],
  [
    "host-path",
    changed("Deployment", `${spec}/volumes`, [{ name: "disk", hostPath: { path: "/" } }]),
    "host-path: Deployment etcd-client mounts a folder of the node as disk: use a claim or emptyDir",
  ],
  [
    "required-placement",
    changed("StatefulSet", `${spec}/affinity/podAntiAffinity`, { requiredDuringSchedulingIgnoredDuringExecution: [] }),
    "required-placement: StatefulSet etcd requires more than one node, and there is one: prefer, instead of require",
  ],
  [
    "required-placement",
    changed("StatefulSet", `${spec}/topologySpreadConstraints`, [{ whenUnsatisfiable: "DoNotSchedule" }]),
    "required-placement: StatefulSet etcd requires more than one node, and there is one: prefer, instead of require",
  ],
  [
    "read-write-many",
    changed("StatefulSet", "spec/volumeClaimTemplates/0/spec/accessModes", ["ReadWriteMany"]),
    "read-write-many: StatefulSet etcd claims data as ReadWriteMany, which local volumes can't be",
  ],
  [
    "storage-class",
    changed("StatefulSet", "spec/volumeClaimTemplates/0/spec/storageClassName", "fast"),
    "storage-class: StatefulSet etcd claims data of the class fast: there is only local-path, which no class means too",
  ],
  [
    "service-type",
    [...objectsOf("antithesis").filter(({ kind }) => kind !== "Service"), { ...service, spec: { type: "NodePort" } }],
    "service-type: Service etcd is of type NodePort, which nobody outside could use: make it ClusterIP",
  ],
  [
    "fixed-address",
    [
      ...objectsOf("antithesis").filter(({ kind }) => kind !== "Service"),
      { ...service, spec: { clusterIP: "198.19.0.9" } },
    ],
    "fixed-address: Service etcd has a fixed clusterIP, which may be another's: leave it out",
  ],
  [
    "fixed-address",
    changed("NetworkPolicy", "spec/ingress", [{ from: [{ ipBlock: { cidr: "198.18.0.0/16" } }] }]),
    "fixed-address: NetworkPolicy etcd names addresses (ipBlock), which pods get anew after faults: select pods by label",
  ],
  [
    "test-commands",
    changed("Deployment", `${container}/volumeMounts`, [{ name: "c", mountPath: "/opt/antithesis/test/v1/x" }]),
    "test-commands: Deployment etcd-client mounts test commands from a volume, where they lose their exec bit: put them into the image",
  ],
  ["manifests", [], "manifests: there is no object in them"],
  [
    "cpu",
    changed("StatefulSet", `${container}/resources/requests/cpu`, "300m"),
    "cpu: the pods request 1 CPUs in sum, but must stay below 1",
  ],
  [
    "memory",
    changed("StatefulSet", `${container}/resources/requests/memory`, "4Gi"),
    "memory: the pods request 12.1 GiB in sum, but must stay below 10 GiB",
  ],
  [
    "duplicate",
    [...objectsOf("antithesis"), service],
    "duplicate: Service etcd in namespace default is there more than once",
  ],
  [
    "missing-namespace",
    changed("Role", "metadata/namespace", "else"),
    "missing-namespace: no manifest makes the namespace else, and only default is there",
  ],
  [
    "missing-secret",
    changed("StatefulSet", `${spec}/imagePullSecrets`, [{ name: "registry-key" }]),
    "missing-secret: StatefulSet etcd pulls images with Secret registry-key, which no manifest makes: leave imagePullSecrets out, images are brought beforehand",
  ],
  [
    "budget",
    changed("StatefulSet", "spec/replicas", 1).map((object) =>
      object["kind"] === "PodDisruptionBudget"
        ? { ...object, spec: { ...(object["spec"] as object), minAvailable: 1 } }
        : object,
    ),
    "budget: PodDisruptionBudget etcd keeps 1 pod of a workload that has one: leave the budget out",
  ],
];

describe("the rules for manifests that Antithesis runs", () => {
  it("hold for the antithesis stack, and not for dev, which would pull images", () => {
    assert.deepEqual(violations(objectsOf("antithesis")), []);
    assert.deepEqual(violations(objectsOf("prod")).length > 0, true);
  });

  for (const [rule, objects, message] of broken) {
    it(`refuse, by ${rule}, with one message: ${message.slice(rule.length + 2)}`, () => {
      assert.deepEqual(violations(objects), [message]);
    });
  }

  it("bear a pull secret that is among the manifests, in the pods' own namespace", () => {
    const secret = (namespace: string): KubernetesObject => ({
      ...{ apiVersion: "v1", kind: "Secret", type: "kubernetes.io/dockerconfigjson" },
      metadata: { name: "registry-key", namespace },
    });
    const namespace: KubernetesObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "else" } };
    const objects = changed("StatefulSet", `${spec}/imagePullSecrets`, [{ name: "registry-key" }]);
    assert.deepEqual(violations([...objects, secret("default")]), []);
    assert.equal(violations([...objects, namespace, secret("else")]).length, 1);
  });

  it("have a violation above for each", () => {
    const tested = new Set(broken.map(([rule]) => rule));
    assert.deepEqual(
      rules.map(({ name }) => name).filter((name) => !tested.has(name)),
      [],
    );
  });
});
