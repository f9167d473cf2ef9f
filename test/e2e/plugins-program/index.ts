import * as docker from "@pulumi/docker";
import * as k8s from "@pulumi/kubernetes";

/** What one run of this program is to make; the test gives it in the environment. */
export interface ProgramSettings {
  context: string;
  namespace: string;
  image: string;
  replicas: number;
  /** In seconds. */
  timeout: number;
  serviceName: string;
  text: string;
  patchForce: boolean;
  /** Folder with a Dockerfile, and the image to make of it; undefined: none. */
  build?: { context: string; imageName: string };
}

const settings = JSON.parse(process.env["PLUGINS_TEST_SETTINGS"] ?? "") as ProgramSettings;
const { namespace } = settings;

const provider = new k8s.Provider("cluster", { context: settings.context, clusterIdentifier: settings.context });
const home = new k8s.core.v1.Namespace("home", { metadata: { name: namespace } }, { provider });
const inside = { provider, dependsOn: [home] };

new k8s.core.v1.ConfigMap("named", { metadata: { name: "named", namespace }, data: { text: settings.text } }, inside);
new k8s.core.v1.ConfigMap("unnamed", { metadata: { namespace }, data: { text: settings.text } }, inside);
new k8s.core.v1.Secret("secret", { metadata: { name: "secret", namespace }, stringData: { password: "hush" } }, inside);

const labels = { app: "plugins-test" };
const headless = new k8s.core.v1.Service(
  "headless",
  { metadata: { name: "headless", namespace }, spec: { clusterIP: "None", selector: labels, ports: [{ port: 2379 }] } },
  inside,
);
const annotations = settings.patchForce ? { "pulumi.com/patchForce": "true" } : {};
const probe = { exec: { command: ["/usr/local/bin/etcdctl", "endpoint", "health"] }, periodSeconds: 1 };
const container = {
  name: "etcd",
  image: settings.image,
  command: ["/usr/local/bin/etcd", "--data-dir=/data"],
  // Half of a tenth of a core, which the API server writes as 50m: no change.
  resources: { requests: { cpu: "0.05", memory: "32Mi" } },
  volumeMounts: [{ name: "data", mountPath: "/data" }],
  readinessProbe: probe,
};
const set = new k8s.apps.v1.StatefulSet(
  "set",
  {
    metadata: { name: "set", namespace, annotations },
    spec: {
      serviceName: settings.serviceName,
      replicas: settings.replicas,
      podManagementPolicy: "Parallel",
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { terminationGracePeriodSeconds: 1, containers: [container], volumes: [{ name: "data", emptyDir: {} }] },
      },
    },
  },
  {
    ...inside,
    dependsOn: [headless],
    customTimeouts: { create: `${settings.timeout}s`, update: `${settings.timeout}s` },
  },
);

const { build } = settings;
const image =
  build === undefined
    ? undefined
    : new docker.Image("image", {
        imageName: build.imageName,
        build: { context: build.context, dockerfile: `${build.context}/Dockerfile` },
      });

export const readyReplicas = set.status.readyReplicas;
export const repoDigest = image?.repoDigest;
