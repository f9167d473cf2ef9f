import { clusterName } from "./addresses.ts";
import type { ApiClient } from "./api.ts";

const nodePath = `/api/v1/nodes/${clusterName}`;

interface NodeObject {
  spec: { taints?: { key: string }[] };
  status?: { conditions?: { type: string; status: string }[] };
}

interface PodList {
  items: { metadata: { uid: string } }[] | null;
}

/** Whether the node is Ready and takes pods, and its kubelet answers for all that are on it. */
export async function isNodeReady(api: ApiClient): Promise<boolean> {
  const [node, assigned, known] = await Promise.all([
    api.read(nodePath),
    api.read(`/api/v1/pods?fieldSelector=spec.nodeName%3D${clusterName}`),
    // A kubelet that was started anew: the node counts as Ready from before, but no pod can be looked into yet.
    api.read(`${nodePath}/proxy/pods`),
  ]).catch(() => []);
  return isReady(node as NodeObject | undefined) && includesAll(known as PodList | undefined, assigned as PodList);
}

function isReady(node: NodeObject | undefined): boolean {
  const ready = node?.status?.conditions?.find(({ type }) => type === "Ready");
  const tainted = node?.spec.taints?.some(({ key }) => key.startsWith("node.kubernetes.io/"));
  return ready?.status === "True" && tainted !== true;
}

function includesAll(known: PodList | undefined, assigned: PodList): boolean {
  const uids = new Set(known?.items?.map(({ metadata }) => metadata.uid));
  return assigned.items?.every(({ metadata }) => uids.has(metadata.uid)) !== false;
}
