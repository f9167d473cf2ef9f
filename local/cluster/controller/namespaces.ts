import type { Api, Item } from "./api.ts";

/**
 * Tells what takes a while to go, pods and claims, to go as soon as their namespace is being deleted. Kubernetes' own
 * controller does so 5 s later, and looks again after half the time it thinks they need: 8 s for a claim, 16 s for a pod
 * with the usual grace period (pkg/controller/namespace, namespaceDeletionGracePeriod and finalizerEstimateSeconds).
 */
export async function hastenDeletion(api: Api, { metadata, status }: Item): Promise<void> {
  if (status?.phase === "Terminating") {
    for (const kind of ["pods", "persistentvolumeclaims"]) {
      await api.call([200, 404], "DELETE", `/api/v1/namespaces/${metadata.name}/${kind}`);
    }
  }
}
