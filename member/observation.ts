import { peerUrl } from "./address.ts";
import { lookAt } from "./data-dir.ts";
import type { Observation } from "./decision.ts";
import { NoAnswer } from "./http.ts";
import { UnexpectedAnswer } from "./json.ts";
import { Denied, type Kubernetes } from "./kubernetes.ts";
import type { LatchStore } from "./latch-store.ts";
import { askPeers } from "./peers.ts";
import type { Settings } from "./settings.ts";

/** Looks at the volume, the latch, the StatefulSet and the peers, side by side; changes nothing. */
export async function observe(settings: Settings, kubernetes: Kubernetes, store: LatchStore): Promise<Observation> {
  const [latch, replicas, peers] = await Promise.all([
    store.read(),
    declaredReplicas(settings, kubernetes),
    askPeers(settings),
  ]);
  return {
    ordinal: settings.ordinal,
    peerUrl: peerUrl(settings, settings.ordinal),
    dataDir: lookAt(settings.dataDir),
    latch,
    peers,
    replicas,
  };
}

/** `spec.replicas`, undefined where the API server is silent, or the StatefulSet is gone or going: its word counts no more. */
export async function declaredReplicas(settings: Settings, kubernetes: Kubernetes): Promise<number | undefined> {
  try {
    const statefulSet = await kubernetes.statefulSet(settings.clusterName);
    return statefulSet === undefined || statefulSet.deleting ? undefined : statefulSet.replicas;
  } catch (error) {
    if (error instanceof NoAnswer || error instanceof Denied || error instanceof UnexpectedAnswer) return undefined;
    throw error;
  }
}
