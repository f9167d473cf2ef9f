import { peerUrl } from "./address.ts";
import type { LatchWord, Observation } from "./decision.ts";
import { LatchStore } from "./latch-store.ts";
import { askPeers } from "./peers.ts";
import type { Ports } from "./ports.ts";
import { HIGHEST_ORDINAL } from "./settings.ts";
import { Trouble } from "./trouble.ts";

/** Looks at the volume, the latch and the StatefulSet, then asks the peers there may be; changes nothing. */
export async function observe(ports: Ports): Promise<Observation> {
  const { settings, volume } = ports;
  const [latch, replicas] = await Promise.all([new LatchStore(ports).read(), declaredReplicas(ports)]);
  return {
    ordinal: settings.ordinal,
    peerUrl: peerUrl(settings, settings.ordinal),
    dataDir: volume.lookAt(),
    latch,
    peers: await askPeers(ports, highestOrdinal(latch, replicas)),
    replicas,
  };
}

/** A name that does not exist costs a dozen DNS queries: only those are asked for that may be there. */
function highestOrdinal(latch: LatchWord, replicas: number | undefined): number {
  if (replicas === undefined || latch.kind === "silent") return HIGHEST_ORDINAL;
  return Math.max(replicas - 1, ...(latch.kind === "latched" ? latch.latch.founders : []));
}

/** `spec.replicas`, undefined where the API server is silent, or the StatefulSet is gone or going: its word counts no more. */
export async function declaredReplicas({
  settings,
  kubernetes,
}: Pick<Ports, "settings" | "kubernetes">): Promise<number | undefined> {
  try {
    const statefulSet = await kubernetes.statefulSet(settings.clusterName);
    return statefulSet === undefined || statefulSet.deleting ? undefined : statefulSet.replicas;
  } catch (error) {
    if (error instanceof Trouble) return undefined;
    throw error;
  }
}
