import type { KubernetesApi } from "../api.ts";
import { ApiError } from "../api.ts";
import { collectionPath } from "../kinds.ts";
import type { KubernetesObject } from "../object.ts";
import { annotation, isOwnedBy, nameOf, namespaceOf, uidOf } from "../object.ts";
import { at, isMap, listAt, textAt } from "../../rpc/values.ts";
import { eventProblems, failingContainer, podLabel, podProblems } from "./pod-problems.ts";

/** How many pods' logs are looked into: they mostly say the same. */
const logsToRead = 2;

/** What keeps the pods of a StatefulSet or Deployment from being ready: their own reasons, log lines, warnings. */
export async function workloadProblems(
  api: KubernetesApi,
  workload: KubernetesObject,
  signal: AbortSignal,
): Promise<string[]> {
  const namespace = namespaceOf(workload);
  const path = (plural: string, apiVersion = "v1") =>
    collectionPath({ apiVersion, plural, namespaced: true }, namespace);
  const labelSelector = selectorText(workload);
  const [pods, replicaSets, events] = await Promise.all([
    api.list(path("pods"), { labelSelector }, signal),
    textAt(workload, "kind") === "Deployment"
      ? api.list(path("replicasets", "apps/v1"), { labelSelector }, signal)
      : undefined,
    api.list(path("events"), { fieldSelector: "type=Warning" }, signal),
  ]);
  const owner = replicaSets === undefined ? workload : newestReplicaSet(workload, replicaSets.items);
  const uids = [uidOf(workload)];
  if (owner === undefined) {
    return eventProblems(events.items, new Set(uids));
  }
  const owned = pods.items.filter((pod) => isOwnedBy(pod, uidOf(owner)));
  const unready = owned.filter((pod) => !isReady(pod));
  const waiting = unready
    .map((pod) => ({ pod, problems: podProblems(pod) }))
    .filter(({ problems }) => problems.length > 0);
  const logs = await Promise.all(waiting.slice(0, logsToRead).map(({ pod }) => lastLogLine(api, pod, signal)));
  const claims = await claimUids(api, unready, path("persistentvolumeclaims"), signal);
  const subjects = new Set([...uids, uidOf(owner), ...unready.map(uidOf), ...claims]);
  return [
    ...waiting.flatMap(({ problems }) => problems),
    ...logs.filter((line) => line !== undefined),
    ...eventProblems(events.items, subjects),
  ];
}

function isReady(pod: KubernetesObject): boolean {
  return listAt(pod, "status", "conditions").some(
    (one) => textAt(one, "type") === "Ready" && textAt(one, "status") === "True",
  );
}

async function claimUids(
  api: KubernetesApi,
  pods: readonly KubernetesObject[],
  path: string,
  signal: AbortSignal,
): Promise<string[]> {
  const names = new Set(
    pods.flatMap((pod) =>
      listAt(pod, "spec", "volumes").map((volume) => textAt(volume, "persistentVolumeClaim", "claimName")),
    ),
  );
  names.delete(undefined);
  if (names.size === 0) {
    return [];
  }
  return (await api.list(path, {}, signal)).items.filter((claim) => names.has(nameOf(claim))).map(uidOf);
}

function newestReplicaSet(
  deployment: KubernetesObject,
  replicaSets: readonly KubernetesObject[],
): KubernetesObject | undefined {
  const key = "deployment.kubernetes.io/revision";
  return replicaSets.find(
    (one) => isOwnedBy(one, uidOf(deployment)) && annotation(one, key) === annotation(deployment, key),
  );
}

function selectorText(workload: KubernetesObject): string {
  const labels = at(workload, "spec", "selector", "matchLabels");
  return isMap(labels)
    ? Object.entries(labels)
        .map(([key, value]) => `${key}=${typeof value === "string" ? value : ""}`)
        .join(",")
    : "";
}

async function lastLogLine(
  api: KubernetesApi,
  pod: KubernetesObject,
  signal: AbortSignal,
): Promise<string | undefined> {
  const failing = failingContainer(pod);
  if (failing === undefined) {
    return undefined;
  }
  const pods = collectionPath({ apiVersion: "v1", plural: "pods", namespaced: true }, namespaceOf(pod));
  const query = { container: failing.container, tailLines: "20", previous: String(failing.previous) };
  try {
    const log = await api.log(`${pods}/${nameOf(pod)}/log`, query, signal);
    const line = log.trimEnd().split("\n").at(-1)?.trim() ?? "";
    return line === "" ? undefined : `${podLabel(pod)}: the last line of container "${failing.container}": ${line}`;
  } catch (error) {
    // A container that never ran has no log, which is no news beside the reasons above.
    if (error instanceof ApiError) {
      return undefined;
    }
    throw error;
  }
}
