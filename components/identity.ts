import type { Settings } from "./settings.ts";

/** What the cluster that a stack has is known by; nothing of it for a stack that has none. */
export interface Identity {
  readonly context?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly peerServiceName?: string;
  /** Whether the namespace is the stack's own. */
  readonly createNamespace?: boolean;
  /** Of volumes that go with the StatefulSet, because the namespace is not the stack's. */
  readonly storageSize?: string;
  readonly storageClass?: string;
}

const recreated =
  "in a namespace that is not the stack's the volumes go with the StatefulSet, which would be recreated";

/** What another value of a setting would do to a cluster that exists. */
const consequences: readonly (readonly [keyof Identity, string])[] = [
  [
    "context",
    "in another Kubernetes cluster it would be another, empty one (a context that was only renamed gets its name back with `kubectl config rename-context`)",
  ],
  ["namespace", "in another namespace it would be another, empty one"],
  ["name", "under another name it would be another, empty one"],
  ["createNamespace", "one would take the namespace away, the other the volumes"],
  ["storageSize", recreated],
  ["storageClass", recreated],
  ["peerServiceName", "its members know each other by that name and would find no quorum by another"],
];

/** The value at a path of nested maps, or undefined. */
function valueAt(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null
        ? Object.entries(inner).find(([name]) => name === key)?.[1]
        : undefined,
    value,
  );
}

function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/** All resources in the engine's answer, whatever they are. */
function resourcesIn(state: unknown): unknown[] {
  const resources = valueAt(state, "outputs");
  return typeof resources === "object" && resources !== null ? Object.values(resources) : [];
}

/**
 * What the StatefulSet was declared with by the last update, whatever was done by hand since.
 * @param state as for identityOf
 */
export function lastDeclaredReplicas(state: unknown): number | undefined {
  const stack = resourcesIn(state).find((resource) => textAt(resource, "type") === "pulumi:pulumi:Stack");
  const replicas = valueAt(stack, "outputs", "replicas");
  return typeof replicas === "number" ? replicas : undefined;
}

/**
 * The image that was pushed under this name and tag, with its digest; undefined where the stack has built none such.
 * @param state as for identityOf
 */
export function builtImage(state: unknown, imageName: string): string | undefined {
  const image = resourcesIn(state).find(
    (resource) =>
      textAt(resource, "type") === "docker:index/image:Image" && textAt(resource, "outputs", "imageName") === imageName,
  );
  return textAt(image, "outputs", "repoDigest");
}

/**
 * Finds out what a stack has.
 * @param state the answer of the engine's function pulumi:pulumi:readStackResourceOutputs: all resources of the stack as the
 *   last update left them, by URN, each with its type and outputs
 */
export function identityOf(state: unknown): Identity {
  const all = resourcesIn(state);
  const outputs = (type: string, ...path: readonly string[]) =>
    textAt(
      all.find((resource) => textAt(resource, "type") === type),
      "outputs",
      ...path,
    );
  const own = outputs("kubernetes:core/v1:Namespace", "metadata", "name");
  const namespace = own ?? outputs("kubernetes:apps/v1:StatefulSet", "metadata", "namespace");
  // Without a namespace there is no cluster, whatever else a failed first update left.
  if (namespace === undefined) return {};
  const context = outputs("pulumi:providers:kubernetes", "context");
  const name = outputs("kubernetes:apps/v1:StatefulSet", "metadata", "name");
  const peerServiceName = outputs("kubernetes:apps/v1:StatefulSet", "spec", "serviceName");
  const claim = ["spec", "volumeClaimTemplates", "0", "spec"];
  return {
    namespace,
    createNamespace: own !== undefined,
    ...(own === undefined ? volumesOf((...path) => outputs("kubernetes:apps/v1:StatefulSet", ...claim, ...path)) : {}),
    ...(context === undefined ? {} : { context }),
    ...(name === undefined ? {} : { name }),
    ...(peerServiceName === undefined ? {} : { peerServiceName }),
  };
}

function volumesOf(read: (...path: string[]) => string | undefined): Identity {
  const storageSize = read("resources", "requests", "storage");
  // Before there is a StatefulSet there is nothing to lose.
  return storageSize === undefined ? {} : { storageSize, storageClass: read("storageClassName") ?? "" };
}

/**
 * Whether the settings would give up the cluster that the stack has: its data must not hang on the spelling of a name.
 * @returns one sentence for each setting that must stay
 */
export function identityProblems(has: Identity, settings: Settings): string[] {
  return consequences.flatMap(([setting, because]) => {
    const was = has[setting];
    if (was === undefined || was === (settings[setting] ?? "")) return [];
    const is = typeof was === "boolean" ? String(settings[setting]) : `"${settings[setting] ?? ""}"`;
    const must = typeof was === "boolean" ? String(was) : `"${was}"`;
    return [
      `etcd:${setting} is ${is}, but must stay ${must} as long as the stack has a cluster, because ${because}: ` +
        `type \`pulumi config set etcd:${setting} ${was === "" ? '""' : was}\`, or give the cluster and its data up with \`pulumi destroy\` first.`,
    ];
  });
}
