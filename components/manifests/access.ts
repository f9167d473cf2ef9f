import type { core, rbac } from "@pulumi/kubernetes";
import type { ClusterNames } from "../names.ts";
import { claimName, latchName, maxMembers, memberName, ordinals } from "../names.ts";
import { memberLabels } from "./labels.ts";

function metadata(cluster: ClusterNames) {
  return { name: cluster.name, namespace: cluster.namespace, labels: memberLabels(cluster) };
}

/** The members' identity. Its token is mounted where a pod asks for it, and only the members do. */
export function serviceAccount(cluster: ClusterNames): core.v1.ServiceAccountArgs {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: metadata(cluster),
    automountServiceAccountToken: false,
  };
}

/**
 * What a member may do: ask how many members are declared, keep the latch, see which pods are gone, delete the claims of
 * members that left, and have a pod made anew whose claim goes with it. Each by name, except the creation of the latch, which Kubernetes can't narrow to a name.
 */
export function role(cluster: ClusterNames): rbac.v1.RoleArgs {
  const everyOrdinal = ordinals(maxMembers);
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: metadata(cluster),
    rules: [
      { apiGroups: ["apps"], resources: ["statefulsets"], verbs: ["get"], resourceNames: [cluster.name] },
      { apiGroups: [""], resources: ["configmaps"], verbs: ["create"] },
      {
        apiGroups: [""],
        resources: ["configmaps"],
        verbs: ["get", "patch", "update"],
        resourceNames: [latchName(cluster)],
      },
      {
        apiGroups: [""],
        resources: ["pods"],
        verbs: ["get", "delete"],
        resourceNames: everyOrdinal.map((ordinal) => memberName(cluster, ordinal)),
      },
      {
        apiGroups: [""],
        resources: ["persistentvolumeclaims"],
        verbs: ["get", "delete"],
        resourceNames: everyOrdinal.map((ordinal) => claimName(cluster, ordinal)),
      },
    ],
  };
}

/** Gives the role to the members. */
export function roleBinding(cluster: ClusterNames): rbac.v1.RoleBindingArgs {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: metadata(cluster),
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: cluster.name },
    subjects: [{ kind: "ServiceAccount", name: cluster.name, namespace: cluster.namespace }],
  };
}
