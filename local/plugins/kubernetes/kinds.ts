/** A kind of Kubernetes object this plugin serves. */
export interface Kind {
  /** The resource type in a Pulumi program. */
  token: string;
  apiVersion: string;
  kind: string;
  /** The name in URLs. */
  plural: string;
  namespaced: boolean;
  /** Properties that can't be changed in place, besides `metadata.name` and `metadata.namespace`. */
  replaceOn: readonly string[];
  /** True when others' objects are made from it (pods): deleting waits until these are gone as well. */
  hasDependents: boolean;
}

interface KindEntry {
  plural: string;
  clusterWide?: boolean;
  replaceOn?: readonly string[];
  hasDependents?: boolean;
}

// What forces a replacement is what the official plugin's table says (pulumi-kubernetes provider/pkg/provider/diff.go).
const entries: Record<string, KindEntry> = {
  "core/v1:Namespace": { plural: "namespaces", clusterWide: true },
  "core/v1:Service": { plural: "services", replaceOn: ["spec.clusterIP"] },
  "core/v1:ServiceAccount": { plural: "serviceaccounts" },
  "core/v1:ConfigMap": { plural: "configmaps", replaceOn: ["data", "binaryData"] },
  "core/v1:Secret": { plural: "secrets", replaceOn: ["type", "data", "stringData"] },
  "core/v1:PersistentVolumeClaim": {
    plural: "persistentvolumeclaims",
    replaceOn: ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  },
  "apps/v1:StatefulSet": {
    plural: "statefulsets",
    replaceOn: [
      "spec.podManagementPolicy",
      "spec.revisionHistoryLimit",
      "spec.selector",
      "spec.serviceName",
      "spec.volumeClaimTemplates",
    ],
    hasDependents: true,
  },
  "apps/v1:Deployment": { plural: "deployments", replaceOn: ["spec.selector"], hasDependents: true },
  "rbac.authorization.k8s.io/v1:Role": { plural: "roles" },
  "rbac.authorization.k8s.io/v1:RoleBinding": { plural: "rolebindings", replaceOn: ["roleRef"] },
  "policy/v1:PodDisruptionBudget": { plural: "poddisruptionbudgets" },
  "networking.k8s.io/v1:NetworkPolicy": { plural: "networkpolicies" },
};

const kinds: ReadonlyMap<string, Kind> = new Map(
  Object.entries(entries).map(([name, entry]) => {
    const [module = "", kind = ""] = name.split(":");
    const token = `kubernetes:${name}`;
    return [
      token,
      {
        token,
        apiVersion: module.replace(/^core\//, ""),
        kind,
        plural: entry.plural,
        namespaced: entry.clusterWide !== true,
        replaceOn: entry.replaceOn ?? [],
        hasDependents: entry.hasDependents ?? false,
      },
    ];
  }),
);

/** The kind behind a resource type, or undefined when this plugin does not serve it. */
export function kindOf(token: string): Kind | undefined {
  return kinds.get(token);
}

/** `/apis/apps/v1/namespaces/etcd/statefulsets`: where objects of a kind are listed and watched. */
export function collectionPath(
  kind: { apiVersion: string; plural: string; namespaced: boolean },
  namespace: string,
): string {
  const group = kind.apiVersion.includes("/") ? `/apis/${kind.apiVersion}` : `/api/${kind.apiVersion}`;
  const scope = kind.namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${group}${scope}/${kind.plural}`;
}
