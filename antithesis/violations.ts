import { parseQuantity } from "../components/quantity.ts";
import type { KubernetesObject, Value } from "./object.ts";
import { at, listAt, nameOf, podCount, podOf, textAt } from "./object.ts";
import { rules, when } from "./rules.ts";

/** A quantity as text; YAML reads `cpu: 1` as a number. */
function quantity(value: Value | undefined): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "0";
}

/** In sum, over all pods: what the node has. */
const node = { cpu: 1, memory: 10 * 1024 ** 3 } as const;

function requested(objects: readonly KubernetesObject[], kind: "cpu" | "memory"): number {
  const ofPod = (object: KubernetesObject) =>
    listAt(podOf(object), "spec", "containers")
      .map((container) => parseQuantity(quantity(at(container, "resources", "requests", kind))) ?? 0)
      .reduce((a, b) => a + b, 0);
  const sum = objects.reduce((total, object) => total + ofPod(object) * podCount(object), 0);
  // Three times 300m and 100m are 1, not the 0.9999… of binary fractions.
  return Math.round(sum * 1000) / 1000;
}

/** What no object breaks alone. */
function together(objects: readonly KubernetesObject[]): string[] {
  const [cpu, memory] = [requested(objects, "cpu"), requested(objects, "memory")];
  const key = (object: KubernetesObject) => `${nameOf(object)} in namespace ${textAt(object, "metadata", "namespace")}`;
  const keys = objects.map(key);
  const made = new Set([
    "default",
    ...objects.filter((o) => textAt(o, "kind") === "Namespace").map((o) => textAt(o, "metadata", "name")),
  ]);
  const missing = new Set(
    objects.map((o) => textAt(o, "metadata", "namespace")).filter((name) => name !== "" && !made.has(name)),
  );
  return [
    ...when(objects.length === 0, "manifests: there is no object in them"),
    ...when(cpu >= node.cpu, `cpu: the pods request ${cpu} CPUs in sum, but must stay below ${node.cpu}`),
    ...when(
      memory >= node.memory,
      `memory: the pods request ${(memory / 1024 ** 3).toFixed(1)} GiB in sum, but must stay below 10 GiB`,
    ),
    ...[...new Set(keys.filter((one, index) => keys.indexOf(one) !== index))].map(
      (one) => `duplicate: ${one} is there more than once`,
    ),
    ...[...missing].map(
      (name) => `missing-namespace: no manifest makes the namespace ${name}, and only default is there`,
    ),
    ...pullSecrets(objects),
    ...budgets(objects),
  ];
}

/** Images are brought beforehand, and nobody there could make a Secret that is not among the manifests. */
function pullSecrets(objects: readonly KubernetesObject[]): string[] {
  const key = (namespace: string, name: string) => `${namespace}/${name}`;
  const made = new Set(
    objects
      .filter((object) => textAt(object, "kind") === "Secret")
      .map((secret) => key(textAt(secret, "metadata", "namespace"), textAt(secret, "metadata", "name"))),
  );
  return objects.flatMap((object) =>
    listAt(podOf(object), "spec", "imagePullSecrets")
      .map((secret) => textAt(secret, "name"))
      .filter((name) => !made.has(key(textAt(object, "metadata", "namespace"), name)))
      .map(
        (name) =>
          `missing-secret: ${nameOf(object)} pulls images with Secret ${name}, which no manifest makes: leave imagePullSecrets out, images are brought beforehand`,
      ),
  );
}

/** A budget that lets no pod go would hold a fault's restart for ever. */
function budgets(objects: readonly KubernetesObject[]): string[] {
  const matches = (budget: KubernetesObject, object: KubernetesObject) =>
    Object.entries((at(budget, "spec", "selector", "matchLabels") ?? {}) as Record<string, Value>).every(
      ([label, value]) => at(podOf(object), "metadata", "labels", label) === value,
    );
  return objects
    .filter((object) => textAt(object, "kind") === "PodDisruptionBudget" && at(object, "spec", "minAvailable") === 1)
    .filter((budget) =>
      objects.some((object) => podOf(object) !== undefined && podCount(object) === 1 && matches(budget, object)),
    )
    .map((budget) => `budget: ${nameOf(budget)} keeps 1 pod of a workload that has one: leave the budget out`);
}

/**
 * Judges manifests by all rules.
 * @returns one sentence for each violation, beginning with the rule's name; none where all hold
 */
export function violations(objects: readonly KubernetesObject[]): string[] {
  const alone = objects.flatMap((object) =>
    rules.flatMap(({ name, broken }) => broken(object).map((what) => `${name}: ${nameOf(object)} ${what}`)),
  );
  return [...alone, ...together(objects)];
}
