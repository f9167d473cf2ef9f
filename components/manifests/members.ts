import type { apps, types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { claimTemplate, clusterToken, latchName, ports, scheme } from "../names.ts";
import type { ClusterSettings } from "../settings.ts";
import { memberLabels, memberSelector } from "./labels.ts";
import { restrictedContainer, restrictedPod } from "./pod-security.ts";
import { pullSecrets } from "./pull-secrets.ts";

type Container = types.input.core.v1.Container;
type EnvVar = types.input.core.v1.EnvVar;
type PodSpec = types.input.core.v1.PodSpec;
type PodTemplate = types.input.core.v1.PodTemplateSpec;
type Probe = types.input.core.v1.Probe;

const volumeFolder = "/var/lib/etcd";

function fromPod(name: string, fieldPath: string): EnvVar {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}

/** How the member program (member/) is told what it belongs to. */
function environment(cluster: ClusterSettings): EnvVar[] {
  return [
    fromPod("POD_NAME", "metadata.name"),
    fromPod("POD_NAMESPACE", "metadata.namespace"),
    { name: "ETCD_CLUSTER_NAME", value: cluster.name },
    { name: "ETCD_PEER_SERVICE", value: cluster.peerServiceName },
    { name: "ETCD_SCHEME", value: scheme },
    { name: "ETCD_LATCH", value: latchName(cluster) },
    // Below the volume's root, where some file systems keep a lost+found that etcd would take for its own data.
    { name: "ETCD_DATA_DIR", value: `${volumeFolder}/data` },
    { name: "ETCD_CLUSTER_TOKEN", value: clusterToken(cluster) },
  ];
}

/**
 * Health is asked on the metrics port, which needs no client certificate. /livez needs no quorum, so that a member is never
 * restarted for what ails the others; /readyz needs it, so that clients are led to members that can serve.
 */
function probe(path: string, timing: Omit<Probe, "httpGet">): Probe {
  return { httpGet: { path, port: "metrics" }, ...timing };
}

function member(cluster: ClusterSettings, image: Input<string>): Container {
  return {
    name: "etcd",
    image,
    imagePullPolicy: cluster.imagePullPolicy,
    env: environment(cluster),
    ports: [
      { name: "client", containerPort: ports.client },
      { name: "peer", containerPort: ports.peer },
      { name: "metrics", containerPort: ports.metrics },
    ],
    resources: { requests: cluster.resources.requests, limits: cluster.resources.limits },
    securityContext: restrictedContainer,
    // A log that must be replayed, or peers that come late, get five minutes.
    startupProbe: probe("/livez", { periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 300 }),
    livenessProbe: probe("/livez", { periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }),
    readinessProbe: probe("/readyz", { periodSeconds: 1, timeoutSeconds: 3, failureThreshold: 2 }),
    volumeMounts: [{ name: claimTemplate, mountPath: volumeFolder }],
  };
}

/** Prefers nodes that hold no other member; with `topologySpread`, zones (or whatever the key means) that hold fewer. */
function placement(cluster: ClusterSettings): Pick<PodSpec, "affinity" | "topologySpreadConstraints"> {
  const labelSelector = { matchLabels: memberSelector(cluster) };
  const affinity = {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 100, podAffinityTerm: { topologyKey: "kubernetes.io/hostname", labelSelector } },
      ],
    },
  };
  if (cluster.topologySpread === undefined) return { affinity };
  const spread = {
    maxSkew: 1,
    topologyKey: cluster.topologySpread,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector,
  };
  return { affinity, topologySpreadConstraints: [spread] };
}

/** The pod of a member. It must not depend on `replicas`: a changed template restarts every member. */
function podSpec(cluster: ClusterSettings, image: Input<string>): PodSpec {
  return {
    ...placement(cluster),
    ...pullSecrets(cluster),
    serviceAccountName: cluster.name,
    automountServiceAccountToken: true,
    // A Service named etcd would put variables such as ETCD_PORT into the pod, which etcd takes for settings of its own.
    enableServiceLinks: false,
    // Time to hand over leadership, to leave the cluster where the member is to leave, and to close the database.
    terminationGracePeriodSeconds: 60,
    securityContext: restrictedPod,
    containers: [member(cluster, image)],
  };
}

/** What every pod of the members is made by; a plain value where the image is one. */
export function declaredTemplate(cluster: ClusterSettings, image: Input<string>): PodTemplate {
  return { metadata: { labels: memberLabels(cluster) }, spec: podSpec(cluster, image) };
}

/**
 * The members. They start side by side, because none is ready before most of them run. Volumes outlive both the StatefulSet and
 * a smaller number of replicas: a scale to 0 or a recreated StatefulSet must not cost data. Claims of members that left are
 * deleted by the members that stay, once the removal is sure; the rest goes with the namespace. Where the namespace is not the
 * stack's, nothing else would take the volumes away: there they go with the StatefulSet, and the members let the latch go with
 * it too (components/identity.ts refuses what would recreate it).
 */
export function statefulSet(cluster: ClusterSettings, image: Input<string>): apps.v1.StatefulSetArgs {
  const { storageClass } = cluster;
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: {
      name: cluster.name,
      namespace: cluster.namespace,
      labels: memberLabels(cluster),
      // The declared number of replicas wins over a scale by hand, without a conflict over who may set it.
      annotations: { "pulumi.com/patchForce": "true" },
    },
    spec: {
      serviceName: cluster.peerServiceName,
      // At 0 nobody leaves: volumes and membership are kept (docs/adr/0002-starts.md).
      replicas: cluster.hibernate ? 0 : cluster.replicas,
      podManagementPolicy: "Parallel",
      updateStrategy: { type: "RollingUpdate" },
      persistentVolumeClaimRetentionPolicy: {
        whenDeleted: cluster.createNamespace ? "Retain" : "Delete",
        whenScaled: "Retain",
      },
      selector: { matchLabels: memberSelector(cluster) },
      template: declaredTemplate(cluster, image),
      volumeClaimTemplates: [
        {
          metadata: { name: claimTemplate, labels: memberSelector(cluster) },
          spec: {
            accessModes: ["ReadWriteOnce"],
            resources: { requests: { storage: cluster.storageSize } },
            ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
          },
        },
      ],
    },
  };
}
