import type { networking } from "@pulumi/kubernetes";
import type { ClusterNames } from "../names.ts";
import { ports } from "../names.ts";
import { mayConnect, memberLabels, memberSelector } from "./labels.ts";

/**
 * Who may reach a member: other members on both ports, and pods of any namespace that carry the label of its clients
 * (`<name>-client: "true"`) on the client port. What members themselves reach is left alone, DNS included. Probes come from
 * the node, which Kubernetes always lets through. It has an effect where the cluster's network enforces policies.
 */
export function networkPolicy(cluster: ClusterNames): networking.v1.NetworkPolicyArgs {
  const members = { podSelector: { matchLabels: memberSelector(cluster) } };
  const clients = { namespaceSelector: {}, podSelector: { matchLabels: mayConnect(cluster) } };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: cluster.name, namespace: cluster.namespace, labels: memberLabels(cluster) },
    spec: {
      ...members,
      policyTypes: ["Ingress"],
      ingress: [
        { from: [members], ports: [{ protocol: "TCP", port: ports.peer }] },
        { from: [members, clients], ports: [{ protocol: "TCP", port: ports.client }] },
      ],
    },
  };
}
