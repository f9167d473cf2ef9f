import type { policy } from "@pulumi/kubernetes";
import type { ClusterNames } from "../names.ts";
import { disruptionBudget } from "../quorum.ts";
import { memberLabels, memberSelector } from "./labels.ts";

/** Refuses a drain or eviction that would leave the members without quorum. */
export function podDisruptionBudget(cluster: ClusterNames): policy.v1.PodDisruptionBudgetArgs {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: cluster.name, namespace: cluster.namespace, labels: memberLabels(cluster) },
    spec: { minAvailable: disruptionBudget, selector: { matchLabels: memberSelector(cluster) } },
  };
}
