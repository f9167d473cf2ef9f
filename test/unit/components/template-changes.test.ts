import assert from "node:assert/strict";
import { declaredTemplate } from "../../../components/manifests/members.ts";
import { parseSettings, type Settings } from "../../../components/settings.ts";
import { templateChanges } from "../../../components/template-changes.ts";
import { at, plain, type Value } from "../../components/value.ts";

const config = { "etcd:context": "here", "etcd:registry": "registry.test" };

function settings(changes: Readonly<Record<string, string>> = {}): Settings {
  return parseSettings({ ...config, ...changes }).settings;
}

function fieldsAt(value: Value, path: string): Record<string, Value> {
  const found = at(value, path);
  assert(typeof found === "object" && found !== null && !Array.isArray(found), path);
  return found;
}

/** A template as the API server gives it back: with defaults, and what others put in. */
function live(from: Settings, image = "image@1"): Value {
  const template = plain(declaredTemplate(from, image));
  fieldsAt(template, "metadata")["annotations"] = { "kubectl.kubernetes.io/restartedAt": "now" };
  Object.assign(fieldsAt(template, "spec"), {
    restartPolicy: "Always",
    dnsPolicy: "ClusterFirst",
    schedulerName: "default-scheduler",
    serviceAccount: "etcd",
  });
  Object.assign(fieldsAt(template, "spec.containers.0"), { terminationMessagePolicy: "File" });
  Object.assign(fieldsAt(template, "spec.containers.0.readinessProbe.httpGet"), { scheme: "HTTP" });
  Object.assign(fieldsAt(template, "spec.containers.0.ports.0"), { protocol: "TCP" });
  Object.assign(fieldsAt(template, "spec.containers.0.env.0.valueFrom.fieldRef"), { apiVersion: "v1" });
  return template;
}

const container = "spec.containers[0]";

describe("what changes in the pod template", () => {
  it("is nothing where the API server has added its defaults, and others their own", () => {
    assert.deepEqual(templateChanges(declaredTemplate(settings(), "image@1"), live(settings())), []);
  });

  it("is nothing where only replicas, hibernation or a volume's size change", () => {
    const changed = settings({ "etcd:replicas": "5", "etcd:hibernate": "true", "etcd:storageSize": "2Gi" });
    assert.deepEqual(templateChanges(declaredTemplate(changed, "image@1"), live(settings())), []);
  });

  const half = { "etcd:resources": '{"requests": {"memory": "64Mi"}, "limits": {"cpu": "0.5", "memory": "384Mi"}}' };
  const noCpu = { "etcd:resources": '{"requests": {"memory": "64Mi"}, "limits": {"memory": "384Mi"}}' };
  const key = { "etcd:imagePullSecrets": '["registry-key"]' };
  const spread = { "etcd:topologySpread": "zone" };
  const table: readonly (readonly [string, Record<string, string>, Record<string, string>, readonly string[]])[] = [
    ["a pull policy", {}, { "etcd:imagePullPolicy": "Always" }, [`${container}.imagePullPolicy`]],
    ["a pull secret that is new", {}, key, ["spec.imagePullSecrets"]],
    ["a pull secret that is declared no more", key, {}, ["spec.imagePullSecrets"]],
    ["another pull secret", key, { "etcd:imagePullSecrets": '["other"]' }, ["spec.imagePullSecrets[0].name"]],
    ["constraints that are new", {}, spread, ["spec.topologySpreadConstraints"]],
    ["constraints that are declared no more", spread, {}, ["spec.topologySpreadConstraints"]],
    [
      "another constraint",
      spread,
      { "etcd:topologySpread": "rack" },
      ["spec.topologySpreadConstraints[0].topologyKey"],
    ],
    [
      "a limit that is declared no more",
      half,
      noCpu,
      [`${container}.resources.limits.cpu`, `${container}.resources.requests.cpu`],
    ],
  ];
  for (const [what, before, after, expected] of table) {
    it(what, () => {
      const running = live(settings(before));
      // The API server takes limits for the requests that are not given.
      const { limits, requests } = fieldsAt(running, "spec.containers.0.resources");
      fieldsAt(running, "spec.containers.0.resources")["requests"] = Object.assign({}, limits, requests);
      assert.deepEqual(templateChanges(declaredTemplate(settings(after), "image@1"), running), expected);
    });
  }

  it("is nothing where a quantity is written another way", () => {
    const running = live(settings(half));
    fieldsAt(running, "spec.containers.0")["resources"] = {
      requests: { cpu: "500m", memory: "64Mi" },
      limits: { cpu: "500m", memory: "384Mi" },
    };
    assert.deepEqual(templateChanges(declaredTemplate(settings(half), "image@1"), running), []);
  });

  it("another image, or one that is still to be built", () => {
    assert.deepEqual(templateChanges(declaredTemplate(settings(), "image@2"), live(settings())), [
      `${container}.image`,
    ]);
  });
});
