import type { PropertyValue } from "../../rpc/values.ts";
import { at, listAt, numberAt, textAt } from "../../rpc/values.ts";
import type { KubernetesObject } from "../object.ts";
import { condition, nameOf, namespaceOf } from "../object.ts";

/** A container whose log is likely to say what is wrong. */
export interface FailingContainer {
  container: string;
  /** True when the failure is in the run before the one under way. */
  previous: boolean;
}

/**
 * Why a pod is not ready, in its own words: not scheduled, an image that can't be pulled, a container that ends again and
 * again with its exit code, a readiness probe that fails. Empty for one that is ready, or only on its way.
 */
export function podProblems(pod: KubernetesObject): string[] {
  const scheduled = condition(pod, "PodScheduled");
  if (scheduled?.status === "False") {
    return [`${podLabel(pod)}: [${scheduled.reason}] ${scheduled.message}`];
  }
  const unmet = ["Initialized", "Ready"]
    .map((type) => condition(pod, type))
    .find((one) => one !== undefined && one.status !== "True");
  if (unmet === undefined || textAt(pod, "status", "phase") === "Succeeded") {
    return [];
  }
  const statuses = containerStatuses(pod).flatMap(containerProblems);
  if (statuses.length === 0 && unmet.message === "") {
    return [];
  }
  return [`${podLabel(pod)}: ${unmet.message}${statuses.join("\n")}`];
}

/** `[Pod etcd-dev/etcd-0]`. */
export function podLabel(pod: KubernetesObject): string {
  return `[Pod ${namespaceOf(pod)}/${nameOf(pod)}]`;
}

/** The container whose last run failed, if there is one. */
export function failingContainer(pod: KubernetesObject): FailingContainer | undefined {
  for (const status of containerStatuses(pod)) {
    const container = textAt(status, "name") ?? "";
    if (at(status, "ready") !== true && at(status, "state", "terminated") !== undefined) {
      return { container, previous: false };
    }
    if (at(status, "ready") !== true && at(status, "lastState", "terminated") !== undefined) {
      return { container, previous: at(status, "state", "running") !== undefined };
    }
  }
  return undefined;
}

function containerStatuses(pod: KubernetesObject): readonly PropertyValue[] {
  return [...listAt(pod, "status", "initContainerStatuses"), ...listAt(pod, "status", "containerStatuses")];
}

function containerProblems(status: PropertyValue): string[] {
  if (at(status, "ready") === true) {
    return [];
  }
  const name = textAt(status, "name") ?? "";
  const waiting = textAt(status, "state", "waiting", "reason");
  const terminated = at(status, "state", "terminated");
  const last = at(status, "lastState", "terminated");
  return [
    ...(waiting === undefined || waiting === "ContainerCreating" || waiting === "PodInitializing"
      ? []
      : [`[${waiting}] ${textAt(status, "state", "waiting", "message") ?? ""}`]),
    ...(terminated === undefined || textAt(terminated, "reason") === "Completed" ? [] : [ending(name, terminated)]),
    ...(last === undefined ? [] : [ending(name, last)]),
  ];
}

function ending(container: string, terminated: PropertyValue): string {
  const at = textAt(terminated, "finishedAt") ?? "an unknown time";
  const reason = textAt(terminated, "reason") ?? "Error";
  const message = textAt(terminated, "message");
  const line = `container "${container}" terminated at ${at} (${reason}: exit code ${numberAt(terminated, "exitCode") ?? 0})`;
  return message === undefined ? line : `${line}\n${message}`;
}

// What the kubelet, the scheduler and the controllers report of pods that can't start, beyond the pods' own status.
const tellingReasons = new Set([
  "FailedMount",
  "FailedAttachVolume",
  "FailedCreatePodSandBox",
  "FailedCreate",
  "ProvisioningFailed",
  "FailedBinding",
  "Unhealthy",
]);

/**
 * The latest warning of each kind about one of these objects, as `[Pod etcd-dev/etcd-0]: [FailedMount] …`.
 * @param subjects the objects' UIDs: an earlier pod of the same name had its own troubles
 */
export function eventProblems(events: readonly KubernetesObject[], subjects: ReadonlySet<string>): string[] {
  const latest = new Map<string, { time: string; line: string }>();
  for (const event of events) {
    const kind = textAt(event, "involvedObject", "kind") ?? "";
    const name = textAt(event, "involvedObject", "name") ?? "";
    const reason = textAt(event, "reason") ?? "";
    if (
      textAt(event, "type") === "Warning" &&
      tellingReasons.has(reason) &&
      subjects.has(textAt(event, "involvedObject", "uid") ?? "")
    ) {
      const time = textAt(event, "lastTimestamp") ?? textAt(event, "eventTime") ?? "";
      const key = `${kind}/${name}/${reason}`;
      if (time >= (latest.get(key)?.time ?? "")) {
        const line = `[${kind} ${namespaceOf(event)}/${name}]: [${reason}] ${textAt(event, "message") ?? ""}`;
        latest.set(key, { time, line });
      }
    }
  }
  return [...latest.values()].map(({ line }) => line).sort();
}
