import type { core } from "@pulumi/kubernetes";
import type { ClusterNames } from "../names.ts";
import { ports } from "../names.ts";
import { memberLabels, memberSelector } from "./labels.ts";

const clientPort = { name: "client", port: ports.client, targetPort: "client" };
const peerPort = { name: "peer", port: ports.peer, targetPort: "peer" };

/**
 * The headless Service that gives each pod its name. Names of pods that are not ready are published too: members must find
 * each other before any of them can be ready. It must stay the only headless one over these pods, as a second one would
 * give each pod a second name by reverse lookup.
 */
export function peerService(cluster: ClusterNames): core.v1.ServiceArgs {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: cluster.peerServiceName, namespace: cluster.namespace, labels: memberLabels(cluster) },
    spec: {
      clusterIP: "None",
      publishNotReadyAddresses: true,
      selector: memberSelector(cluster),
      ports: [clientPort, peerPort],
    },
  };
}

/**
 * The Service for clients: it leads to members that can serve (readiness needs quorum). It is not waited for, which would
 * take ten seconds: the StatefulSet's readiness says the same.
 */
export function clientService(cluster: ClusterNames): core.v1.ServiceArgs {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: cluster.clientServiceName,
      namespace: cluster.namespace,
      labels: memberLabels(cluster),
      annotations: { "pulumi.com/skipAwait": "true" },
    },
    spec: { type: "ClusterIP", selector: memberSelector(cluster), ports: [clientPort] },
  };
}
