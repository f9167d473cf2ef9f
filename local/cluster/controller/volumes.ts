// Instead of the usual local-path-provisioner, which starts a pod for each folder and looks once in a second whether it
// is done: three etcd members were ready after 4 to 7 s with it, after 2 s with this.

import { chmod, mkdir, rm } from "node:fs/promises";
import path from "node:path";
import type { Api, Item } from "./api.ts";
import { provisionerName } from "./names.ts";

/** Set by Kubernetes' volume controller on claims that an outside provisioner is to serve, and by us on our volumes. */
const wantedBy = "volume.kubernetes.io/storage-provisioner";
const provisionedBy = "pv.kubernetes.io/provisioned-by";

/**
 * Makes the folder and the PersistentVolume a claim of our storage class waits for.
 * @param folder gets a folder per volume
 * @param node name of the node the folder is on
 */
export async function provision(
  api: Api,
  folder: string,
  node: string,
  { metadata, spec, status }: Item,
): Promise<void> {
  const isOurs = metadata.annotations?.[wantedBy] === provisionerName;
  if (!isOurs || status?.phase !== "Pending" || spec.volumeName || spec.volumeMode === "Block") {
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
