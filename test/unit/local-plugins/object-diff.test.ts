import assert from "node:assert/strict";
import { collectionPath, kindOf } from "../../../local/plugins/kubernetes/kinds.ts";
import { diffObjects } from "../../../local/plugins/kubernetes/object-diff.ts";
import { parseSettings } from "../../../local/plugins/kubernetes/settings.ts";
import { outputsOf } from "../../../local/plugins/kubernetes/state.ts";
import type { PropertyMap } from "../../../local/plugins/rpc/values.ts";
import { withoutSecrets } from "../../../local/plugins/rpc/values.ts";

/** The difference between an object made from some inputs, as it is now, and other inputs. */
function diff(
  type: string,
  before: PropertyMap,
  after: PropertyMap,
  more: { live?: PropertyMap; provider?: PropertyMap } = {},
) {
  const kind = kindOf(type);
  assert.ok(kind);
  const named = (inputs: PropertyMap): PropertyMap => ({ metadata: { name: "etcd", namespace: "pp" }, ...inputs });
  const live = { apiVersion: kind.apiVersion, kind: kind.kind, ...named(withoutSecrets(before)), ...more.live };
  const result = diffObjects(kind, parseSettings(more.provider ?? {}), {
    urn: "",
    type,
    name: "",
    id: "pp/etcd",
    oldInputs: named(before),
    oldOutputs: outputsOf(live, named(before), "m"),
    news: named(after),
    ignoreChanges: [],
  });
  const replaced = [...result.changes].filter(([, change]) => change.replace).map(([path]) => path);
  return { paths: [...result.changes.keys()], replaced, deleteBeforeReplace: result.deleteBeforeReplace };
}

const statefulSet = "kubernetes:apps/v1:StatefulSet";

describe("the update of an object", () => {
  it("is none where nothing changed, whatever the server added", () => {
    const spec = { replicas: 3 };
    const live = { spec: { ...spec, revisionHistoryLimit: 10 }, status: { replicas: 3 } };
    assert.deepEqual(diff(statefulSet, { spec }, { spec }, { live }).paths, []);
  });

  it("is in place for what a StatefulSet lets change", () => {
    for (const property of [
      "replicas",
      "template",
      "updateStrategy",
      "minReadySeconds",
      "persistentVolumeClaimRetentionPolicy",
    ]) {
      const found = diff(statefulSet, { spec: { [property]: 1 } }, { spec: { [property]: 2 } });
      assert.deepEqual(found, { paths: [`spec.${property}`], replaced: [], deleteBeforeReplace: false });
    }
  });

  it("is a replacement, the old one first, for what a StatefulSet does not let change", () => {
    for (const property of [
      "podManagementPolicy",
      "revisionHistoryLimit",
      "selector",
      "serviceName",
      "volumeClaimTemplates",
    ]) {
      const found = diff(statefulSet, { spec: { [property]: "a" } }, { spec: { [property]: "b" } });
      assert.deepEqual(found, {
        paths: [`spec.${property}`],
        replaced: [`spec.${property}`],
        deleteBeforeReplace: true,
      });
    }
  });

  it("is a replacement, the new one first, for a new name or namespace", () => {
    const renamed = diff(statefulSet, {}, { metadata: { name: "other", namespace: "pp" } });
    assert.deepEqual(renamed, { paths: ["metadata.name"], replaced: ["metadata.name"], deleteBeforeReplace: false });
    const moved = diff(statefulSet, {}, { metadata: { name: "etcd", namespace: "other" } });
    assert.deepEqual(moved.replaced, ["metadata.namespace"]);
    assert.equal(moved.deleteBeforeReplace, false);
  });

  it("takes no namespace for the default one", () => {
    const inputs = { metadata: { name: "etcd" } };
    const live = { metadata: { name: "etcd", namespace: "default" } };
    assert.deepEqual(
      diff(statefulSet, inputs, { metadata: { name: "etcd", namespace: "default" } }, { live }).paths,
      [],
    );
  });

  it("replaces a ConfigMap or Secret with other data, unless the provider says they may be changed", () => {
    for (const [type, setting] of [
      ["ConfigMap", "enableConfigMapMutable"],
      ["Secret", "enableSecretMutable"],
    ] as const) {
      const change = [`kubernetes:core/v1:${type}`, { data: { a: "1" } }, { data: { a: "2" } }] as const;
      assert.deepEqual(diff(...change).replaced, ["data.a"]);
      assert.deepEqual(diff(...change, { provider: { [setting]: "true" } }), {
        paths: ["data.a"],
        replaced: [],
        deleteBeforeReplace: false,
      });
    }
  });

  it("replaces by the other kinds' rules", () => {
    const replaced = (type: string, path: PropertyMap, other: PropertyMap) =>
      diff(`kubernetes:${type}`, path, other).replaced;
    assert.deepEqual(replaced("core/v1:Service", { spec: { clusterIP: "None" } }, { spec: { clusterIP: "1" } }), [
      "spec.clusterIP",
    ]);
    assert.deepEqual(
      replaced("rbac.authorization.k8s.io/v1:RoleBinding", { roleRef: { name: "a" } }, { roleRef: { name: "b" } }),
      ["roleRef.name"],
    );
    assert.deepEqual(replaced("apps/v1:Deployment", { spec: { selector: "a" } }, { spec: { selector: "b" } }), [
      "spec.selector",
    ]);
    assert.deepEqual(replaced("rbac.authorization.k8s.io/v1:Role", { rules: [1] }, { rules: [2] }), []);
  });

  it("repairs what was changed by hand, once a refresh has seen it", () => {
    const spec = { replicas: 3 };
    assert.deepEqual(diff(statefulSet, { spec }, { spec }, { live: { spec: { replicas: 5 } } }).paths, [
      "spec.replicas",
    ]);
  });
});

describe("the kinds that are served", () => {
  it("are those the program uses, and a volume claim", () => {
    const served = [
      ["core/v1:Namespace", "/api/v1/namespaces"],
      ["core/v1:Service", "/api/v1/namespaces/pp/services"],
      ["core/v1:ServiceAccount", "/api/v1/namespaces/pp/serviceaccounts"],
      ["core/v1:ConfigMap", "/api/v1/namespaces/pp/configmaps"],
      ["core/v1:Secret", "/api/v1/namespaces/pp/secrets"],
      ["core/v1:PersistentVolumeClaim", "/api/v1/namespaces/pp/persistentvolumeclaims"],
      ["apps/v1:StatefulSet", "/apis/apps/v1/namespaces/pp/statefulsets"],
      ["apps/v1:Deployment", "/apis/apps/v1/namespaces/pp/deployments"],
      ["rbac.authorization.k8s.io/v1:Role", "/apis/rbac.authorization.k8s.io/v1/namespaces/pp/roles"],
      ["rbac.authorization.k8s.io/v1:RoleBinding", "/apis/rbac.authorization.k8s.io/v1/namespaces/pp/rolebindings"],
      ["policy/v1:PodDisruptionBudget", "/apis/policy/v1/namespaces/pp/poddisruptionbudgets"],
      ["networking.k8s.io/v1:NetworkPolicy", "/apis/networking.k8s.io/v1/namespaces/pp/networkpolicies"],
    ];
    for (const [type = "", path] of served) {
      const kind = kindOf(`kubernetes:${type}`);
      assert.ok(kind, type);
      assert.equal(collectionPath(kind, "pp"), path);
    }
    for (const type of ["batch/v1:Job", "core/v1:ConfigMapPatch", "core/v1:Pod", "constructor"]) {
      assert.equal(kindOf(`kubernetes:${type}`), undefined, type);
    }
  });
});
