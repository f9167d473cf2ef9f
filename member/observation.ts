import { claimName, peerUrl } from "./address.ts";
import type { LatchWord, Observation } from "./decision.ts";
import { LatchStore } from "./latch-store.ts";
import { askPeers } from "./peers.ts";
import type { Ports } from "./ports.ts";
import { HIGHEST_ORDINAL } from "./settings.ts";
import { Trouble } from "./trouble.ts";

/** Looks at the volume, the latch and the StatefulSet, then asks the peers there may be; changes nothing. */
export async function observe(ports: Ports): Promise<Omit<Observation, "latchSilentMs">> {
  const { settings, volume } = ports;
  const [latch, replicas] = await Promise.all([new LatchStore(ports).read(), declaredReplicas(ports)]);
  const dataDir = volume.lookAt();
  const highest = highestOrdinal(latch, replicas);
  let peers = await askPeers(ports, highest);
  // The last one with data may be one that is to leave: who has none waits for its word, who has some does not.
  const formed = latch.kind === "latched" && latch.latch.clusterId !== "";
  if (peers.kind === "silent" && dataDir.kind !== "wal" && formed && highest < HIGHEST_ORDINAL)
    peers = await askPeers(ports, HIGHEST_ORDINAL);
  return {
    ordinal: settings.ordinal,
    peerUrl: peerUrl(settings, settings.ordinal),
    dataDir,
    isClaimGoing: dataDir.kind !== "wal" && (await isOwnClaimGoing(ports)),
    latch,
    peers,
    replicas,
  };
}

/**
 * Whether this member's own claim was deleted: the volume goes with the pod, so nothing must begin on it. False where nobody
 * can say.
 */
export async function isOwnClaimGoing({
  settings,
  kubernetes,
}: Pick<Ports, "settings" | "kubernetes">): Promise<boolean> {
  try {
    return (await kubernetes.claim(claimName(settings, settings.ordinal)))?.deleting === true;
  } catch (error) {
    if (error instanceof Trouble) return false;
    throw error;
  }
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
