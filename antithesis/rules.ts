import type { KubernetesObject, Value } from "./object.ts";
import { at, containersOf, listAt, podOf, textAt } from "./object.ts";

/**
 * What must hold for manifests that are run by Antithesis: one node of K3s without a network beyond it, whose manifests are
 * applied with kapp. Sources: Antithesis' documentation, best_practices/k8s_best_practices and getting_started/setup_k8s, and
 * its setup skill for Kubernetes (antithesishq/antithesis-skills, antithesis-setup-k8s).
 */
export interface Rule {
  readonly name: string;
  /** The rest of a sentence that begins with the object's name, for each time it is broken. */
  readonly broken: (object: KubernetesObject) => readonly string[];
}

/** Objects that belong to no namespace and may be among the manifests. */
const clusterWide = [
  "Namespace",
  "ClusterRole",
  "ClusterRoleBinding",
  "CustomResourceDefinition",
  "StorageClass",
  "PriorityClass",
];

const dnsName = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

/** The sentence where a rule is broken, nothing where it holds. */
export function when(broken: boolean, sentence: string): string[] {
  return broken ? [sentence] : [];
}

function eachContainer(object: KubernetesObject, check: (container: Value, name: string) => string[]): string[] {
  return containersOf(podOf(object)).flatMap((container) => check(container, textAt(container, "name")));
}

/** A container of a pod that goes on: one that initialises or a job's is not asked whether it is ready. */
function eachServing(object: KubernetesObject, check: (container: Value, name: string) => string[]): string[] {
  if (["Job", "CronJob"].includes(textAt(object, "kind"))) return [];
  return listAt(podOf(object), "spec", "containers").flatMap((one) => check(one, textAt(one, "name")));
}

function isPinned(image: string): boolean {
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return true;
  const tag = /:([\w][\w.-]*)$/.exec(image)?.[1];
  return tag !== undefined && tag !== "latest";
}

function claimsOf(object: KubernetesObject): Value[] {
  if (textAt(object, "kind") === "PersistentVolumeClaim") return [object];
  return listAt(object, "spec", "volumeClaimTemplates");
}

function annotationKeys(object: KubernetesObject): string[] {
  const annotations = at(object, "metadata", "annotations");
  return typeof annotations === "object" && annotations !== null ? Object.keys(annotations) : [];
}

/** What each object must keep by itself. */
export const rules: readonly Rule[] = [
  {
    name: "namespace",
    broken: (object) =>
      when(
        !clusterWide.includes(textAt(object, "kind")) && textAt(object, "metadata", "namespace") === "",
        "names no namespace: write metadata.namespace, default if need be",
      ),
  },
  {
    name: "name",
    broken: (object) =>
      when(
        !dnsName.test(textAt(object, "metadata", "name")),
        "must have a name of lower-case letters, digits, - and . (RFC 1123; no underscores, no generateName)",
      ),
  },
  {
    name: "hooks",
    broken: (object) =>
      annotationKeys(object)
        .filter((key) => key.startsWith("helm.sh/hook"))
        .map((key) => `has the annotation ${key}, and nothing there runs hooks: render what the hook does`),
  },
  {
    name: "bare-pod",
    broken: (object) =>
      when(
        textAt(object, "kind") === "Pod",
        "is a bare Pod, which nothing restores after a fault: make it a Deployment or StatefulSet",
      ),
  },
  {
    name: "readiness",
    broken: (object) =>
      eachServing(object, (container, name) =>
        when(
          at(container, "readinessProbe") === undefined,
          `has no readiness probe in container ${name}: testing begins when everything is ready`,
        ),
      ),
  },
  {
    name: "liveness",
    broken: (object) =>
      eachServing(object, (container, name) => {
        const number = (field: string, otherwise: number) => Number(at(container, "livenessProbe", field) ?? otherwise);
        const seconds = number("periodSeconds", 10) * number("failureThreshold", 3);
        return when(
          at(container, "livenessProbe") !== undefined && seconds < 30,
          `restarts container ${name} after ${seconds} s without an answer: a liveness probe must bear faults of half a minute`,
        );
      }),
  },
  {
    name: "requests",
    broken: (object) =>
      eachContainer(object, (container, name) =>
        ["cpu", "memory"].flatMap((kind) =>
          when(
            at(container, "resources", "requests", kind) === undefined,
            `requests no ${kind} in container ${name}: write resources.requests.${kind}`,
          ),
        ),
      ),
  },
  {
    name: "image",
    broken: (object) =>
      eachContainer(object, (container, name) =>
        when(
          !isPinned(textAt(container, "image")),
          `has the image ${textAt(container, "image")} in container ${name}: name it by digest or by a tag other than latest`,
        ),
      ),
  },
  {
    name: "pull-policy",
    broken: (object) =>
      eachContainer(object, (container, name) =>
        when(
          !["Never", "IfNotPresent"].includes(textAt(container, "imagePullPolicy")),
          `must have imagePullPolicy Never (or IfNotPresent) in container ${name}: there is no registry to pull from`,
        ),
      ),
  },
  {
    name: "privileged",
    broken: (object) =>
      eachContainer(object, (container, name) =>
        when(at(container, "securityContext", "privileged") === true, `has the privileged container ${name}`),
      ),
  },
  {
    name: "host-path",
    broken: (object) =>
      listAt(podOf(object), "spec", "volumes")
        .filter((volume) => at(volume, "hostPath") !== undefined)
        .map((volume) => `mounts a folder of the node as ${textAt(volume, "name")}: use a claim or emptyDir`),
  },
  {
    name: "required-placement",
    broken: (object) => {
      const required = "requiredDuringSchedulingIgnoredDuringExecution";
      const affinity = at(podOf(object), "spec", "affinity");
      const hard = ["podAntiAffinity", "nodeAffinity"].some((kind) => at(affinity, kind, required) !== undefined);
      const spread = listAt(podOf(object), "spec", "topologySpreadConstraints").some(
        (constraint) => textAt(constraint, "whenUnsatisfiable") !== "ScheduleAnyway",
      );
      return when(hard || spread, "requires more than one node, and there is one: prefer, instead of require");
    },
  },
  {
    name: "read-write-many",
    broken: (object) =>
      claimsOf(object)
        .filter((claim) => listAt(claim, "spec", "accessModes").includes("ReadWriteMany"))
        .map((claim) => `claims ${textAt(claim, "metadata", "name")} as ReadWriteMany, which local volumes can't be`),
  },
  {
    name: "storage-class",
    broken: (object) =>
      claimsOf(object).flatMap((claim) => {
        const storageClass = textAt(claim, "spec", "storageClassName");
        return when(
          !["", "local-path"].includes(storageClass),
          `claims ${textAt(claim, "metadata", "name")} of the class ${storageClass}: there is only local-path, which no class means too`,
        );
      }),
  },
  {
    name: "service-type",
    broken: (object) =>
      when(
        textAt(object, "kind") === "Service" && ["LoadBalancer", "NodePort"].includes(textAt(object, "spec", "type")),
        `is of type ${textAt(object, "spec", "type")}, which nobody outside could use: make it ClusterIP`,
      ),
  },
  {
    name: "fixed-address",
    broken: (object) =>
      when(
        textAt(object, "kind") === "Service" && !["", "None"].includes(textAt(object, "spec", "clusterIP")),
        "has a fixed clusterIP, which may be another's: leave it out",
      ).concat(
        when(
          textAt(object, "kind") === "NetworkPolicy" && JSON.stringify(object).includes('"ipBlock"'),
          "names addresses (ipBlock), which pods get anew after faults: select pods by label",
        ),
      ),
  },
  {
    name: "test-commands",
    broken: (object) =>
      eachContainer(object, (container) =>
        listAt(container, "volumeMounts")
          .filter((mount) => textAt(mount, "mountPath").startsWith("/opt/antithesis/test"))
          .map(() => "mounts test commands from a volume, where they lose their exec bit: put them into the image"),
      ),
  },
];
