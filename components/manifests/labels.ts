import type { ClusterNames } from "../names.ts";

type Labels = Readonly<Record<string, string>>;

/** What selects the members. None of it ever changes: selectors of a StatefulSet can't. */
export function memberSelector(cluster: Pick<ClusterNames, "name">): Labels {
  return { app: "etcd", "app.kubernetes.io/instance": cluster.name };
}

/** What every object of the cluster carries. */
export function memberLabels(cluster: Pick<ClusterNames, "name">): Labels {
  return {
    ...memberSelector(cluster),
    "app.kubernetes.io/name": "etcd",
    "app.kubernetes.io/component": "member",
    "app.kubernetes.io/managed-by": "pulumi",
  };
}

/** What selects the client pods. */
export function clientsSelector(): Labels {
  return { app: "etcd-client" };
}

/** What every object of the client pods carries. */
export function clientsLabels(cluster: Pick<ClusterNames, "name">): Labels {
  return {
    ...clientsSelector(),
    "app.kubernetes.io/name": "etcd-client",
    "app.kubernetes.io/instance": cluster.name,
    "app.kubernetes.io/component": "client",
    "app.kubernetes.io/managed-by": "pulumi",
  };
}

/** The label by which a pod of any namespace is let through to the client port. */
export function mayConnect(cluster: Pick<ClusterNames, "name">): Labels {
  return { [`${cluster.name}-client`]: "true" };
}

/** A selector in the form kubectl takes: key=value,key=value */
export function selectorText(labels: Labels): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}
