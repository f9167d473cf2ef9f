// Instead of the usual local-path-provisioner, which starts a pod for each folder and looks once in a second whether it
// is done: three etcd members were ready after 4 to 7 s with it, after 2 s with this.

import { chmod, mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Api, Item } from "./api.ts";
import { provisionerName } from "./names.ts";

/** Set by Kubernetes' volume controller on claims that an outside provisioner is to serve, and by us on our volumes. */
const wantedBy = "volume.kubernetes.io/storage-provisioner";
const provisionedBy = "pv.kubernetes.io/provisioned-by";
/** Set by Kubernetes' volume controller together with the volume's name. */
const volumeEntered = "pv.kubernetes.io/bind-completed";
/** The volume controller says `Bound` right after it has entered the volume, if nothing comes between. */
const saysBoundWithinMs = 30;

/** Whether a claim is to be served by this controller. */
function isForUs({ metadata }: Item): boolean {
  return metadata.annotations?.[wantedBy] === provisionerName;
}

/**
 * Makes the folder and the PersistentVolume a claim of our storage class waits for.
 * @param folder gets a folder per volume
 * @param node name of the node the folder is on
 */
export async function provision(api: Api, folder: string, node: string, claim: Item): Promise<void> {
  const { metadata, spec, status } = claim;
  if (!isForUs(claim) || status?.phase !== "Pending" || spec.volumeName || spec.volumeMode === "Block") {
    return;
  }
  const { namespace = "", uid = "" } = metadata;
  const name = `pvc-${uid}`;
  const own = path.join(folder, name);
  await mkdir(own, { recursive: true });
  // Whoever the pod runs as may write: host folders get no owner by the pod's fsGroup.
  await chmod(own, 0o777);
  const onNode = { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] };
  await api.call([201, 409], "POST", "/api/v1/persistentvolumes", {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name, annotations: { [provisionedBy]: provisionerName } },
    spec: {
      capacity: { storage: spec.resources?.requests?.storage },
      accessModes: spec.accessModes,
      storageClassName: spec.storageClassName,
      persistentVolumeReclaimPolicy: "Delete",
      hostPath: { path: own, type: "Directory" },
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name: metadata.name, uid },
      nodeAffinity: { required: { nodeSelectorTerms: [onNode] } },
    },
  });
  console.log(`made ${name} for ${namespace}/${metadata.name}`);
}

/**
 * Says that a claim is bound, where Kubernetes' volume controller has entered the volume and met a conflict before it could say
 * so: it looks again a second later. The scheduler goes by the volume and the kubelet by the phase, and a pod that the kubelet
 * gets in between waits for 10 s (pkg/kubelet, backOffPeriod).
 */
export async function completeBinding(api: Api, claim: Item): Promise<void> {
  if (!isHalfBound(claim)) return;
  await sleep(saysBoundWithinMs);
  const { name, namespace = "", uid } = claim.metadata;
  const target = `/api/v1/namespaces/${namespace}/persistentvolumeclaims/${name}`;
  const answer = JSON.parse(await api.call([200, 404], "GET", target)) as Item;
  if (answer.metadata.uid !== uid || !isHalfBound(answer)) return;
  const { accessModes, resources } = answer.spec;
  const status = { phase: "Bound", accessModes, capacity: { storage: resources?.requests?.storage } };
  await api.call([200, 404, 409], "PATCH", `${target}/status`, { metadata: { uid }, status });
  console.log(`said that ${namespace}/${name} is bound`);
}

function isHalfBound(claim: Item): boolean {
  const isEntered = claim.metadata.annotations?.[volumeEntered] !== undefined && !!claim.spec.volumeName;
  return isForUs(claim) && isEntered && claim.status?.phase === "Pending";
}

/** Removes one of our volumes, with all that is in its folder, once its claim is gone. */
export async function remove(api: Api, folder: string, { metadata, spec, status }: Item): Promise<void> {
  const isOurs = metadata.annotations?.[provisionedBy] === provisionerName;
  if (!isOurs || status?.phase !== "Released" || spec.persistentVolumeReclaimPolicy !== "Delete") {
    return;
  }
  await rm(path.join(folder, path.basename(metadata.name)), { recursive: true, force: true });
  await api.call([200, 202, 404], "DELETE", `/api/v1/persistentvolumes/${metadata.name}`);
  console.log(`removed ${metadata.name}`);
}
