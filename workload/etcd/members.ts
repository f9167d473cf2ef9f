import { lookup } from "node:dns/promises";
import { type MemberAddress } from "./member-client.ts";

/** What the client pods are told about the cluster, in their environment. */
export interface ClusterSettings {
  /** Name of the StatefulSet, and thereby the stem of its pods' names. */
  readonly clusterName: string;
  /** The headless Service that gives each member its DNS name. */
  readonly peerService: string;
}

/** The largest cluster that is looked for: etcd clusters have at most nine members here. */
const largestCluster = 9;

/**
 * Reads the settings from the environment of a client pod.
 * @throws Error naming the variable when one is missing or not as expected
 */
export function clusterSettings(environment: NodeJS.ProcessEnv): ClusterSettings {
  const required = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === "") {
      throw new Error(`${name} is not set: this command runs in a client pod, whose Deployment sets it`);
    }
    return value;
  };
  return { clusterName: required("ETCD_CLUSTER_NAME"), peerService: required("ETCD_PEER_SERVICE") };
}

/** Whether a host name resolves now. */
export type Resolve = (host: string) => Promise<boolean>;

/**
 * The members there are at this moment: every ordinal whose DNS name resolves. Asking DNS each time, not the environment,
 * lets the cluster be scaled without restarting the client pods.
 */
export async function findMembers(settings: ClusterSettings, resolve: Resolve = resolves): Promise<MemberAddress[]> {
  const hosts = Array.from({ length: largestCluster }, (_, ordinal) => {
    return `${settings.clusterName}-${ordinal}.${settings.peerService}`;
  });
  const found = await Promise.all(hosts.map(resolve));
  return hosts.filter((_, ordinal) => found[ordinal]).map((host) => ({ host }));
}

async function resolves(host: string): Promise<boolean> {
  try {
    await lookup(host);
    return true;
  } catch (error) {
    // No such name, or DNS itself out of reach (a fault like any other here): in either case not a member to talk to now.
    if (error instanceof Error && "code" in error) return false;
    throw error;
  }
}
