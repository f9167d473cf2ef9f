import { at, listAt, numberAt, textAt } from "../../rpc/values.ts";
import type { KubernetesObject } from "../object.ts";
import { annotation, condition, generationOf, nameOf } from "../object.ts";

/** How far an object is, in words for the person who waits. */
export interface Readiness {
  ready: boolean;
  progress: string;
  /** What is missing, if it stays as it is. */
  problems: readonly string[];
}

/**
 * A StatefulSet is ready when its controller has seen the latest change, all replicas are ready, and none is of an
 * older revision. With updateStrategy OnDelete old revisions stay until somebody deletes the pods: they don't count.
 */
export function statefulSetReadiness(live: KubernetesObject): Readiness {
  const generation = generationOf(live);
  const wanted = numberAt(live, "spec", "replicas") ?? 1;
  const status = (name: string) => numberAt(live, "status", name) ?? 0;
  const revisions = {
    current: textAt(live, "status", "currentRevision") ?? "",
    update: textAt(live, "status", "updateRevision") ?? "",
  };
  const onDelete = generation > 1 && textAt(live, "spec", "updateStrategy", "type") === "OnDelete";
  const seen = status("observedGeneration") >= generation;
  const revisionReady = onDelete || (revisions.current !== "" && revisions.current === revisions.update);
  const counted = onDelete ? ["replicas", "readyReplicas"] : ["replicas", "readyReplicas", "currentReplicas"];
  const replicasReady = counted.every((name) => status(name) === wanted);
  const ready = status("readyReplicas");
  const done = revisionReady ? ready : Math.min(ready, status("updatedReplicas"));
  return {
    ready: seen && revisionReady && replicasReady,
    progress: statefulSetProgress(generation, seen && replicasReady, done, wanted),
    problems: [
      ...(seen && replicasReady ? [] : [`${done} out of ${wanted} replicas succeeded readiness checks`]),
      ...(revisionReady
        ? []
        : [
            "StatefulSet controller failed to advance from revision " +
              `"${revisions.current}" to revision "${revisions.update}"`,
          ]),
    ],
  };
}

function statefulSetProgress(generation: number, replicasReady: boolean, done: number, wanted: number): string {
  if (generation <= 1) {
    return `[1/2] Waiting for StatefulSet to create Pods (${done}/${wanted} Pods ready)`;
  }
  return replicasReady
    ? "[2/3] Waiting for StatefulSet to update .status.currentRevision"
    : `[1/3] Waiting for StatefulSet update to roll out (${done}/${wanted} Pods ready)`;
}

/**
 * A Deployment is ready when its controller has seen the latest change, every replica is of the newest ReplicaSet and
 * available, and no older one is left.
 */
export function deploymentReadiness(live: KubernetesObject): Readiness {
  const wanted = numberAt(live, "spec", "replicas") ?? 1;
  const status = (name: string) => numberAt(live, "status", name) ?? 0;
  const seen = status("observedGeneration") >= generationOf(live);
  const available = condition(live, "Available");
  const progressing = condition(live, "Progressing");
  const updated = seen ? Math.min(status("updatedReplicas"), status("availableReplicas")) : 0;
  const rolledOut = seen && updated >= wanted && status("replicas") <= status("updatedReplicas");
  const unmet = [available, progressing].filter((one) => one?.status === "False" && one.message !== "");
  return {
    ready: rolledOut && available?.status === "True",
    progress: `Waiting for app ReplicaSet to be available (${updated}/${wanted} Pods available)`,
    problems: [
      ...unmet.map((one) => `[${one?.reason ?? ""}] ${one?.message ?? ""}`),
      ...(rolledOut ? [] : [deploymentProblem(live, available?.status === "True")]),
    ],
  };
}

function deploymentProblem(live: KubernetesObject, available: boolean): string {
  if (!available) {
    return "Minimum number of live Pods was not attained";
  }
  return annotation(live, "deployment.kubernetes.io/revision") === "1"
    ? "Minimum number of Pods to consider the application live was not attained"
    : "Attempted to roll forward to new ReplicaSet, but minimum number of Pods did not become live";
}

/** True for a Service nobody waits for: it has no address of its own, or no pods it could choose. */
export function isUnawaitedService(service: KubernetesObject): boolean {
  return (
    textAt(service, "spec", "clusterIP") === "None" ||
    textAt(service, "spec", "type") === "ExternalName" ||
    at(service, "spec", "selector") === undefined
  );
}

/** A Service is ready when a ready pod stands behind it and, if it is a load balancer, it has got its address. */
export function serviceReadiness(service: KubernetesObject, endpointSlices: readonly KubernetesObject[]): Readiness {
  const endpoints = endpointSlices.flatMap((slice) => listAt(slice, "endpoints"));
  // Kubernetes takes an endpoint with no word about it for ready.
  const found = endpoints.some((endpoint) => at(endpoint, "conditions", "ready") !== false);
  const addressed =
    textAt(service, "spec", "type") !== "LoadBalancer" ||
    listAt(service, "status", "loadBalancer", "ingress").length > 0;
  return {
    ready: found && addressed,
    progress: found ? "[2/3] Allocating IP address" : "[1/3] Finding Pods to direct traffic to",
    problems: [
      ...(found
        ? []
        : [
            `Service "${nameOf(service)}" does not target any Pods. Selected Pods may not be ready, ` +
              "or field '.spec.selector' may not match labels on any Pods",
          ]),
      ...(addressed ? [] : [`Service "${nameOf(service)}" was not allocated an IP address`]),
    ],
  };
}

/** A claim is ready when it is bound; one whose class waits for a pod stays pending until then, and that is fine. */
export function claimReadiness(claim: KubernetesObject, waitsForConsumer: boolean): Readiness {
  const phase = textAt(claim, "status", "phase") ?? "Pending";
  return {
    ready: phase === "Bound" || (phase === "Pending" && waitsForConsumer),
    progress: `Waiting for PersistentVolumeClaim to be bound (${phase})`,
    problems: phase === "Bound" ? [] : [`PersistentVolumeClaim "${nameOf(claim)}" is ${phase}`],
  };
}
