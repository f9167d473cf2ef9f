/**
 * Every name, port and URL of a cluster, derived in one place. Nothing else in the program joins a host, a port or a scheme.
 */

/** How members and clients talk: it is part of every URL, so it is named once. */
export type Scheme = "http" | "https";

/** The scheme of this cluster. etcd's own default ports do not depend on it. */
export const scheme: Scheme = "http";

/** etcd's registered ports, and the one on which health and metrics are served without a client certificate. */
export const ports = { client: 2379, peer: 2380, metrics: 2381 } as const;

/** etcd's advice is at most seven voters; nine leaves room for two being replaced. Ordinals above are given no rights. */
export const maxMembers = 9;

/** What the names of a cluster's objects are made of. */
export interface ClusterNames {
  readonly name: string;
  readonly namespace: string;
  readonly peerServiceName: string;
  readonly clientServiceName: string;
  readonly clusterDomain: string;
}

/** The one function that writes a URL. */
export function url(host: string, port: number): string {
  return `${scheme}://${host}:${port}`;
}

/** The pod of one ordinal, which is also the etcd member's name. */
export function memberName(cluster: Pick<ClusterNames, "name">, ordinal: number): string {
  return `${cluster.name}-${ordinal}`;
}

/** The name the headless Service gives to a pod, as seen from the same namespace. */
function memberHost(cluster: Pick<ClusterNames, "name" | "peerServiceName">, ordinal: number): string {
  return `${memberName(cluster, ordinal)}.${cluster.peerServiceName}`;
}

/** The URLs under which the members find each other, by ordinal. */
export function memberPeerUrls(cluster: ClusterNames, replicas: number): string[] {
  return ordinals(replicas).map((ordinal) => url(memberHost(cluster, ordinal), ports.peer));
}

/** The URLs under which each member serves clients, by ordinal. */
export function memberClientUrls(cluster: ClusterNames, replicas: number): string[] {
  return ordinals(replicas).map((ordinal) => url(memberHost(cluster, ordinal), ports.client));
}

/** The URL for clients that do not care which member answers; it resolves from any namespace. */
export function clientEndpoint(cluster: ClusterNames): string {
  return url(`${cluster.clientServiceName}.${cluster.namespace}.svc.${cluster.clusterDomain}`, ports.client);
}

/** The name of the claim template, and so the first part of every claim's name. */
export const claimTemplate = "data";

/** The claim the StatefulSet controller makes for one ordinal. */
export function claimName(cluster: Pick<ClusterNames, "name">, ordinal: number): string {
  return `${claimTemplate}-${memberName(cluster, ordinal)}`;
}

/** The ConfigMap in which the members record what this cluster's name stands for. Made by them, not by this program. */
export function latchName(cluster: Pick<ClusterNames, "name">): string {
  return `${cluster.name}-latch`;
}

/** The Deployment of the client pods. */
export function clientsName(cluster: Pick<ClusterNames, "name">): string {
  return `${cluster.name}-client`;
}

/** Tells clusters apart that would otherwise agree to merge: etcd refuses a peer with another token. */
export function clusterToken(cluster: Pick<ClusterNames, "name" | "namespace">): string {
  return `${cluster.namespace}/${cluster.name}`;
}

/** 0, 1, … count-1 */
export function ordinals(count: number): number[] {
  return Array.from({ length: count }, (_, ordinal) => ordinal);
}
