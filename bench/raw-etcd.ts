import { parse } from "yaml";
import { baseImages, localRegistry } from "../local/images/images.ts";

export const rawMembers = 3;
const image = `${localRegistry}/${baseImages.etcd}`;

const initialCluster = Array.from({ length: rawMembers }, (_, i) => `etcd-${i}=http://etcd-${i}.etcd:2380`).join(",");

/** The least that is an etcd cluster: what no program that brings one can be faster than. */
const manifests = (cpu: string): string => `
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
  replicas: ${rawMembers}
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
            - --initial-cluster=${initialCluster}
          readinessProbe: { httpGet: { path: /readyz, port: 2379 }, periodSeconds: 1 }
          volumeMounts: [{ name: data, mountPath: /data }]
  volumeClaimTemplates:
    - metadata: { name: data }
      spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
`;

export interface KubernetesObject {
  kind: string;
  metadata: { name: string };
}

/**
 * A plain etcd: a headless Service and a StatefulSet of the base image, no member program.
 *
 * @param cpu what each member requests
 */
export function rawEtcd(cpu = "0"): KubernetesObject[] {
  return manifests(cpu)
    .split("---\n")
    .map((text) => parse(text) as KubernetesObject);
}
