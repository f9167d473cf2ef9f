import type { apps } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import type { ClusterNames } from "../names.ts";
import { clientsName } from "../names.ts";
import type { ClusterSettings } from "../settings.ts";
import { clientsLabels, clientsSelector, mayConnect } from "./labels.ts";
import { restrictedContainer, restrictedPod } from "./pod-security.ts";
import { pullSecrets } from "./pull-secrets.ts";

/** What the clients need to know of their cluster. */
export type ClientsCluster = ClusterNames & Pick<ClusterSettings, "imagePullPolicy" | "imagePullSecrets">;

/**
 * Where the template says how many members are declared. The pods need to know it once, to tell when the cluster is complete for
 * the first time; a change must not restart them.
 */
export const membersInTemplate = "spec.template.spec.containers[0].env[0].value";

/** The pods in which the test commands are run. They do nothing by themselves and hold no token. */
export function clientsDeployment(
  cluster: ClientsCluster,
  members: number,
  replicas: number,
  image: Input<string>,
): apps.v1.DeploymentArgs {
  const labels = clientsLabels(cluster);
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: clientsName(cluster), namespace: cluster.namespace, labels },
    spec: {
      replicas,
      selector: { matchLabels: clientsSelector() },
      template: {
        metadata: { labels: { ...labels, ...mayConnect(cluster) } },
        spec: {
          ...pullSecrets(cluster),
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          // Nothing to finish: what runs in these pods is started, and ended, from outside.
          terminationGracePeriodSeconds: 1,
          securityContext: restrictedPod,
          containers: [
            {
              name: "etcd-client",
              image,
              imagePullPolicy: cluster.imagePullPolicy,
              env: [
                { name: "ETCD_REPLICAS", value: String(members) },
                { name: "ETCD_CLUSTER_NAME", value: cluster.name },
                { name: "ETCD_PEER_SERVICE", value: cluster.peerServiceName },
              ],
              resources: {
                requests: { cpu: "50m", memory: "64Mi" },
                // Room for about ten commands at a time.
                limits: { memory: "1Gi" },
              },
              securityContext: restrictedContainer,
              // Whoever waits for pods to be ready is to find the test commands there.
              // Where many pods start at once a look takes more than the usual second, and the kubelet's first one may come too
              // early: it is the second one that `up` waits for.
              readinessProbe: {
                exec: { command: ["test", "-d", "/opt/antithesis/test/v1/main"] },
                ...{ periodSeconds: 3, timeoutSeconds: 10 },
              },
              volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
            },
          ],
          volumes: [{ name: "tmp", emptyDir: {} }],
        },
      },
    },
  };
}
