import type { Settings } from "./settings.ts";

type Naming = Pick<Settings, "clusterName" | "peerService" | "scheme">;

export const PEER_PORT = 2380;
export const CLIENT_PORT = 2379;
export const METRICS_PORT = 2381;

/** `etcd-3` */
export function memberName(naming: Pick<Settings, "clusterName">, ordinal: number): string {
  return `${naming.clusterName}-${ordinal}`;
}

/** `data-etcd-3`: the member's volume claim */
export function claimName(naming: Pick<Settings, "clusterName">, ordinal: number): string {
  return `data-${memberName(naming, ordinal)}`;
}

/** `etcd-3.etcd`: the name the headless Service gives the pod, short as the pod's search domains allow. */
export function memberHost(naming: Naming, ordinal: number): string {
  return `${memberName(naming, ordinal)}.${naming.peerService}`;
}

export function peerUrl(naming: Naming, ordinal: number): string {
  return `${naming.scheme}://${memberHost(naming, ordinal)}:${PEER_PORT}`;
}

export function clientUrl(naming: Naming, ordinal: number): string {
  return `${naming.scheme}://${memberHost(naming, ordinal)}:${CLIENT_PORT}`;
}

/** The ordinal behind a member's peer URL or name, or undefined where it is none of this StatefulSet's. */
export function ordinalOf(naming: Naming, member: { name: string; peerUrls: readonly string[] }): number | undefined {
  const hosts = member.peerUrls.flatMap((url) =>
    URL.canParse(url) ? [new URL(url).hostname.split(".")[0] ?? ""] : [],
  );
  for (const name of [...hosts, member.name]) {
    const prefix = `${naming.clusterName}-`;
    const rest = name.startsWith(prefix) ? name.slice(prefix.length) : "";
    if (/^\d+$/.test(rest)) return Number(rest);
  }
  return undefined;
}
