import assert from "node:assert/strict";
import { objectGroups } from "../../../components/object-groups.ts";
import { stackSettings } from "../../../manifests/stack-config.ts";
import type { Value } from "../../components/value.ts";
import { at, plain } from "../../components/value.ts";

const images = { member: "member", client: "client" };

/** Every field of every object of a stack, by kind, name and path. */
function fields(stack: string): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (path: string, value: Value): void => {
    if (typeof value !== "object" || value === null) {
      found.set(path, String(value));
      return;
    }
    for (const [key, inner] of Object.entries(value)) walk(`${path}/${key}`, inner);
  };
  for (const { name, objects } of objectGroups(stackSettings(stack, undefined).settings, images)) {
    for (const object of objects.map(plain)) {
      const kind = JSON.stringify(at(object, "kind") ?? "").slice(1, -1);
      // The two Services have names that differ between stacks, so they are told apart by what they are.
      const service = JSON.stringify(object).includes('"clusterIP":"None"') ? "peers" : "clients";
      walk(kind === "Service" ? `Service ${service}` : `${kind} (${name})`, object);
    }
  }
  return found;
}

/** What a stack has otherwise than dev: `path: dev → stack`, with – for what is not there. */
function differences(stack: string): string[] {
  const [dev, other] = [fields("dev"), fields(stack)];
  return [...new Set([...dev.keys(), ...other.keys()])]
    .filter((path) => dev.get(path) !== other.get(path))
    .map((path) => `${path}: ${dev.get(path) ?? "–"} → ${other.get(path) ?? "–"}`)
    .sort();
}

const container = "/spec/template/spec/containers/0";
const spread = "StatefulSet (members)/spec/template/spec/topologySpreadConstraints/0";

describe("the stacks dev, prod and antithesis differ in this and in nothing else", () => {
  it("prod: larger members without a CPU limit, spread over zones, larger volumes", () => {
    assert.deepEqual(
      differences("prod"),
      [
        `StatefulSet (members)${container}/resources/limits/cpu: 375m → –`,
        `StatefulSet (members)${container}/resources/limits/memory: 384Mi → 4Gi`,
        `StatefulSet (members)${container}/resources/requests/cpu: 250m → 1`,
        `StatefulSet (members)${container}/resources/requests/memory: 256Mi → 2Gi`,
        `${spread}/labelSelector/matchLabels/app.kubernetes.io/instance: – → etcd`,
        `${spread}/labelSelector/matchLabels/app: – → etcd`,
        `${spread}/maxSkew: – → 1`,
        `${spread}/topologyKey: – → topology.kubernetes.io/zone`,
        `${spread}/whenUnsatisfiable: – → ScheduleAnyway`,
        "StatefulSet (members)/spec/volumeClaimTemplates/0/spec/resources/requests/storage: 1Gi → 8Gi",
      ].sort(),
    );
  });

  it("prod, in what manifests don't show: protected, official base images, another's cluster and registry", () => {
    const { settings } = stackSettings("prod", undefined);
    const { settings: dev } = stackSettings("dev", undefined);
    assert.deepEqual([settings.protect, dev.protect], [true, false]);
    assert.equal(settings.etcdImage, "gcr.io/etcd-development/etcd");
    assert.equal(settings.nodeImage, "docker.io/library/node:24-bookworm-slim");
    assert.notEqual(settings.context, dev.context);
    assert.notDeepEqual(settings.memberImage, dev.memberImage);
  });

  it("antithesis: the example's names, the namespace that is there, images brought beforehand", () => {
    const found = differences("antithesis").filter((line) => !line.includes("metadata/namespace: etcd → default"));
    assert.deepEqual(
      found.filter((line) => !line.startsWith("Namespace (namespace)/")),
      [
        `Deployment (clients)${container}/env/2/value: etcd → etcd-headless`,
        `Deployment (clients)${container}/imagePullPolicy: IfNotPresent → Never`,
        "RoleBinding (access)/subjects/0/namespace: etcd → default",
        "Service clients/metadata/name: etcd-client → etcd",
        "Service peers/metadata/name: etcd → etcd-headless",
        "StatefulSet (members)/spec/persistentVolumeClaimRetentionPolicy/whenDeleted: Retain → Delete",
        "StatefulSet (members)/spec/serviceName: etcd → etcd-headless",
        `StatefulSet (members)${container}/env/3/value: etcd → etcd-headless`,
        `StatefulSet (members)${container}/env/7/value: etcd/etcd → default/etcd`,
        `StatefulSet (members)${container}/imagePullPolicy: IfNotPresent → Never`,
      ].sort(),
    );
  });
});
