import { execa } from "execa";
import { parse } from "yaml";
import { baseImages, localRegistry } from "../local/images/images.ts";
import { worldContext, worldEnvironment } from "../test/e2e/world.ts";

export const rawMembers = 3;
const image = `${localRegistry}/${baseImages.etcd}`;

/** The least that is an etcd cluster: what no program that brings one can be faster than. */
const manifests = (cpu: string, members: number): string => `
apiVersion: v1
kind: Service
metadata: { name: etcd }
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector: { app: etcd }
  ports: [{ name: peer, port: 2380 }]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: etcd }
spec:
  replicas: ${members}
  serviceName: etcd
  podManagementPolicy: Parallel
  selector: { matchLabels: { app: etcd } }
  template:
    metadata: { labels: { app: etcd } }
    spec:
      terminationGracePeriodSeconds: 5
      securityContext: { runAsUser: 1001, runAsGroup: 1001, runAsNonRoot: true }
      containers:
        - name: etcd
          image: ${image}
          resources: { requests: { cpu: ${cpu} } }
          env: [{ name: POD, valueFrom: { fieldRef: { fieldPath: metadata.name } } }]
          command:
            - /usr/local/bin/etcd
            - --name=$(POD)
            - --data-dir=/data/etcd
            - --listen-client-urls=http://0.0.0.0:2379
            - --advertise-client-urls=http://$(POD).etcd:2379
            - --listen-peer-urls=http://0.0.0.0:2380
            - --initial-advertise-peer-urls=http://$(POD).etcd:2380
            - --initial-cluster=${initialCluster(members)}
          readinessProbe: { httpGet: { path: /readyz, port: 2379 }, periodSeconds: 1 }
          volumeMounts: [{ name: data, mountPath: /data }]
  volumeClaimTemplates:
    - metadata: { name: data }
      spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
`;

function initialCluster(members: number): string {
  return Array.from({ length: members }, (_, i) => `etcd-${i}=http://etcd-${i}.etcd:2380`).join(",");
}

export interface KubernetesObject {
  kind: string;
  metadata: { name: string };
}

/**
 * A plain etcd: a headless Service and a StatefulSet of the base image, no member program.
 *
 * @param cpu what each member requests
 * @param members how many there are
 */
export function rawEtcd(cpu = "0", members = rawMembers): KubernetesObject[] {
  return manifests(cpu, members)
    .split("---\n")
    .map((text) => parse(text) as KubernetesObject);
}

/** Applies a plain etcd and its namespace. */
export async function applyRawEtcd(namespace: string, cpu: string, members = rawMembers): Promise<void> {
  const objects = rawEtcd(cpu, members).map((object) => ({ ...object, metadata: { ...object.metadata, namespace } }));
  const items = [{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }, ...objects];
  await execa("kubectl", ["--context", worldContext, "apply", "-f", "-"], {
    env: await worldEnvironment(),
    input: JSON.stringify({ apiVersion: "v1", kind: "List", items }),
  });
}
