import type { types } from "@pulumi/kubernetes";
import type { ClusterSettings } from "../settings.ts";

type PodSpec = types.input.core.v1.PodSpec;

/**
 * What a pod's images are pulled with. Named in the pods, not in the account of the members: the client pods have none, and pods
 * that run would not be made anew. Without a Secret there is no field, so that a template stays as it was.
 */
export function pullSecrets(cluster: Pick<ClusterSettings, "imagePullSecrets">): Pick<PodSpec, "imagePullSecrets"> {
  const { imagePullSecrets: names } = cluster;
  return names.length === 0 ? {} : { imagePullSecrets: names.map((name) => ({ name })) };
}
