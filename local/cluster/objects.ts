import { clusterName, dnsPort, dnsServiceAddress, nodeAddress } from "./addresses.ts";
import type { ApiClient } from "./api.ts";
import { userOf } from "./keys.ts";
import { provisionerName, storageClassName } from "./controller/names.ts";

interface Rule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

const read = ["get", "list", "watch"];
const rbac = "/apis/rbac.authorization.k8s.io/v1";

/** A cluster role and its binding to one user or group, each with its path. */
function permission(name: string, kind: "User" | "Group", subject: string, rules: Rule[]): [string, object][] {
  const meta = { apiVersion: "rbac.authorization.k8s.io/v1", metadata: { name } };
  const apiGroup = "rbac.authorization.k8s.io";
  return [
    [`${rbac}/clusterroles/${name}`, { ...meta, kind: "ClusterRole", rules }],
    [
      `${rbac}/clusterrolebindings/${name}`,
      {
        ...meta,
        kind: "ClusterRoleBinding",
        roleRef: { apiGroup, kind: "ClusterRole", name },
        subjects: [{ apiGroup, kind, name: subject }],
      },
    ],
  ];
}

const storageClass = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: storageClassName, annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner: provisionerName,
  reclaimPolicy: "Delete",
  // There is one node: nothing is gained by waiting until the scheduler has chosen it, and a second is lost.
  volumeBindingMode: "Immediate",
};

const dnsMeta = { name: "kube-dns", namespace: "kube-system" };
const dnsPorts = [
  { name: "dns", protocol: "UDP", port: 53 },
  { name: "dns-tcp", protocol: "TCP", port: 53 },
];

// Without a selector: the DNS server is no pod but a process of the node.
const dnsService = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { ...dnsMeta, labels: { "k8s-app": "kube-dns", "kubernetes.io/name": "CoreDNS" } },
  spec: { clusterIP: dnsServiceAddress, ports: dnsPorts.map((port) => ({ ...port, targetPort: dnsPort })) },
};

const dnsEndpoints = {
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: { ...dnsMeta, labels: { "kubernetes.io/service-name": dnsMeta.name } },
  addressType: "IPv4",
  ports: dnsPorts.map((port) => ({ ...port, port: dnsPort })),
  endpoints: [{ addresses: [nodeAddress], conditions: { ready: true } }],
};

const objects: [string, object][] = [
  ...permission("etcd-local:dns", "User", userOf("coredns"), [
    { apiGroups: [""], resources: ["services", "pods", "namespaces"], verbs: read },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: read },
  ]),
  ...permission("etcd-local:controller", "User", userOf("local-controller"), [
    { apiGroups: [""], resources: ["namespaces"], verbs: read },
    { apiGroups: [""], resources: ["pods"], verbs: ["deletecollection"] },
    { apiGroups: [""], resources: ["persistentvolumeclaims"], verbs: [...read, "deletecollection"] },
    { apiGroups: [""], resources: ["persistentvolumeclaims/status"], verbs: ["patch"] },
    { apiGroups: [""], resources: ["persistentvolumes"], verbs: [...read, "create", "delete"] },
  ]),
  // The node authorizer learns of a new pod a moment after the kubelet does, which is refused what it asks for in between
  // and tries again only after 1 to 2 s for a config map, 10 to 15 s for a claim (pkg/kubelet, backOffPeriod). So it may
  // in any case read what every pod with a volume needs; none of that is secret.
  ...permission("etcd-local:pod-volumes", "Group", "system:nodes", [
    { apiGroups: [""], resources: ["persistentvolumeclaims", "persistentvolumes"], verbs: ["get"] },
    { apiGroups: [""], resources: ["configmaps"], resourceNames: ["kube-root-ca.crt"], verbs: read },
  ]),
  [`/apis/storage.k8s.io/v1/storageclasses/${storageClassName}`, storageClass],
  ["/api/v1/namespaces/kube-system/services/kube-dns", dnsService],
  ["/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices/kube-dns", dnsEndpoints],
];

// Its kubelet would make it a second later, and kube-proxy, which starts beside the kubelet, looks for the node's address
// only once in a second.
const nodePath = `/api/v1/nodes/${clusterName}`;
const node = {
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: clusterName, labels: { "kubernetes.io/hostname": clusterName } },
};
const nodeStatus = { ...node, status: { addresses: [{ type: "InternalIP", address: nodeAddress }] } };

async function applyNode(api: ApiClient): Promise<void> {
  await api.apply(nodePath, node);
  await api.apply(`${nodePath}/status`, nodeStatus);
}

/** Makes or updates what a cluster has beside what Kubernetes makes itself: permissions, the storage class, DNS, and the node. */
export async function applyObjects(api: ApiClient): Promise<void> {
  await Promise.all([applyNode(api), ...objects.map(([path, object]) => api.apply(path, object))]);
}
