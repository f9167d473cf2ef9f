import { peerUrl } from "./address.ts";
import { lookAt } from "./data-dir.ts";
import type { LatchWord, Observation } from "./decision.ts";
import { NoAnswer } from "./http.ts";
import { UnexpectedAnswer } from "./json.ts";
import { Denied, type Kubernetes } from "./kubernetes.ts";
import type { LatchStore } from "./latch-store.ts";
import { askPeers } from "./peers.ts";
import { HIGHEST_ORDINAL, type Settings } from "./settings.ts";

/** Looks at the volume, the latch and the StatefulSet, then asks the peers there may be; changes nothing. */
export async function observe(settings: Settings, kubernetes: Kubernetes, store: LatchStore): Promise<Observation> {
  const [latch, replicas] = await Promise.all([store.read(), declaredReplicas(settings, kubernetes)]);
  return {
    ordinal: settings.ordinal,
    peerUrl: peerUrl(settings, settings.ordinal),
    dataDir: lookAt(settings.dataDir),
    latch,
    peers: await askPeers(settings, highestOrdinal(latch, replicas)),
    replicas,
  };
}

/** A name that does not exist costs a dozen DNS queries: only those are asked for that may be there. */
function highestOrdinal(latch: LatchWord, replicas: number | undefined): number {
  if (replicas === undefined || latch.kind === "silent") return HIGHEST_ORDINAL;
  return Math.max(replicas - 1, ...(latch.kind === "latched" ? latch.latch.founders : []));
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
