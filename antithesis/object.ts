/** A value of a manifest. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

/** A Kubernetes object as it stands in a manifest. */
export type KubernetesObject = Record<string, Value>;

export function isMap(value: Value | undefined): value is Record<string, Value> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at a path of nested maps, or undefined. */
export function at(value: Value | undefined, ...path: readonly string[]): Value | undefined {
  return path.reduce<Value | undefined>((inner, key) => (isMap(inner) ? inner[key] : undefined), value);
}

export function textAt(value: Value | undefined, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === "string" ? found : "";
}

export function listAt(value: Value | undefined, ...path: readonly string[]): Value[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** How a message names an object: its kind and name. */
export function nameOf(object: KubernetesObject): string {
  return `${textAt(object, "kind")} ${textAt(object, "metadata", "name")}`;
}

/** The pod template of a workload, or the pod itself; undefined for what has no pods. */
export function podOf(object: KubernetesObject): Value | undefined {
  switch (textAt(object, "kind")) {
    case "Pod":
      return object;
    case "CronJob":
      return at(object, "spec", "jobTemplate", "spec", "template");
    case "Deployment":
    case "StatefulSet":
    case "DaemonSet":
    case "ReplicaSet":
    case "Job":
      return at(object, "spec", "template");
    default:
      return undefined;
  }
}

/** All containers of a pod, those that initialise it included. */
export function containersOf(pod: Value | undefined): Value[] {
  return [...listAt(pod, "spec", "initContainers"), ...listAt(pod, "spec", "containers")];
}

/** How many pods a workload has; a DaemonSet has one on the one node there is. */
export function podCount(object: KubernetesObject): number {
  const replicas = at(object, "spec", "replicas");
  return typeof replicas === "number" ? replicas : 1;
}
