// 198.18.0.0/15 is set aside for benchmarks (RFC 2544) and routed nowhere: traffic that misses its target stays here.

/** Name of the node, and of the kubeconfig's cluster, context and user. */
export const clusterName = "etcd-local";

/** The bridge all pods hang on. */
export const bridge = "etcd-local0";
export const podRange = "198.18.0.0/16";
export const serviceRange = "198.19.0.0/16";
/** The node's address on the bridge: what pods reach the node by, and the gateway of all pods. */
export const nodeAddress = "198.18.0.1";
/** The first address of the service range is the API server's own service, `kubernetes.default`. */
export const apiServiceAddress = "198.19.0.1";
export const dnsServiceAddress = "198.19.0.10";
export const clusterDomain = "cluster.local";

export const apiPort = 6443;
export const kubeletPort = 10250;
export const registryPort = 5000;
/** Not 53: other name servers may listen there on every address. Pods ask port 53 of the DNS service. */
export const dnsPort = 16053;
export const proxyHealthPort = 16256;
export const proxyMetricsPort = 16249;

export const apiUrl = `https://${nodeAddress}:${apiPort}`;

/** An address a component listens on. */
export interface Listener {
  address: string;
  port: number;
}
