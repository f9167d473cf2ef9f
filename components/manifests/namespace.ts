import type { core } from "@pulumi/kubernetes";
import type { ClusterNames } from "../names.ts";
import { memberLabels } from "./labels.ts";
import { restrictedNamespace } from "./pod-security.ts";

/** The namespace that holds the cluster, its volumes and its clients, and goes with them. */
export function namespace(cluster: ClusterNames): core.v1.NamespaceArgs {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: cluster.namespace, labels: { ...memberLabels(cluster), ...restrictedNamespace } },
  };
}
