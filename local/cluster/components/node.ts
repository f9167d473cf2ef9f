import path from "node:path";
import { baseImages, localRegistry } from "../../images/images.ts";
import { cniBin, toolchainBin } from "../../toolchain/toolchain.ts";
import {
  apiServiceAddress,
  bridge,
  clusterDomain,
  clusterName,
  dnsServiceAddress,
  kubeletPort,
  nodeAddress,
  podRange,
  proxyHealthPort,
  proxyMetricsPort,
} from "../addresses.ts";
import { clusterCgroup } from "../cgroup.ts";
import type { Component } from "../component.ts";
import { folders, sockets } from "../folders.ts";
import { componentKubeconfig, keyFiles } from "../keys.ts";
import { answersHttp, takesConnections } from "../probe.ts";

const cniConfiguration = path.join(folders.configuration, "cni");

/** The container runtime, for the kubelet and for the Docker daemon. */
export function containerRuntime(): Component {
  const configuration = path.join(folders.configuration, "containerd.toml");
  return {
    name: "containerd",
    command: ["containerd", "--config", configuration],
    files: {
      [configuration]: containerdConfiguration,
      [path.join(cniConfiguration, "10-pods.conflist")]: JSON.stringify(podNetwork),
    },
    after: [],
    listens: [],
    isReady: () => takesConnections({ path: sockets.containerd }),
    grace: 5000,
  };
}

const text = (value: string): string => JSON.stringify(value);

const containerdConfiguration = `version = 2
root = ${text(folders.containerd)}
state = ${text(folders.containerdState)}
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs", "io.containerd.internal.v1.opt", "io.containerd.tracing.processor.v1.otlp",
]
[debug]
level = "warn"
[grpc]
address = ${text(sockets.containerd)}
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = ${text(`${localRegistry}/${baseImages.pause}`)}
# Without CAP_SYS_RESOURCE (in many containers and virtual machines) runc can't lower a process's OOM score.
restrict_oom_score_adj = true
disable_apparmor = true
max_concurrent_downloads = 6
# Below our own folder, so that none is left behind.
netns_mounts_under_state_dir = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = ${text(cniBin)}
conf_dir = ${text(cniConfiguration)}
[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "overlayfs"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
BinaryName = ${text(path.join(toolchainBin, "runc"))}
SystemdCgroup = false
`;

const podNetwork = {
  cniVersion: "1.0.0",
  name: "etcd-local",
  plugins: [
    {
      type: "bridge",
      bridge,
      isGateway: false,
      ipMasq: false,
      // A pod may reach itself by the address of its service.
      hairpinMode: true,
      ipam: {
        type: "host-local",
        dataDir: folders.podAddresses,
        ranges: [[{ subnet: podRange, rangeStart: "198.18.0.10", gateway: nodeAddress }]],
        routes: [{ dst: "0.0.0.0/0", gw: nodeAddress }],
      },
    },
  ],
};

/** The node's agent. */
export function kubelet(isReady: () => Promise<boolean>): Component {
  const configuration = path.join(folders.configuration, "kubelet.json");
  const resolver = path.join(folders.configuration, "resolv.conf");
  return {
    name: "kubelet",
    command: [
      "kubelet",
      `--config=${configuration}`,
      `--kubeconfig=${componentKubeconfig("kubelet")}`,
      `--root-dir=${folders.kubelet}`,
      `--cert-dir=${path.join(folders.kubelet, "pki")}`,
      `--hostname-override=${clusterName}`,
      `--node-ip=${nodeAddress}`,
    ],
    files: {
      [configuration]: JSON.stringify(kubeletConfiguration(resolver)),
      // What the host searches and asks stays the host's affair.
      [resolver]: "",
    },
    after: ["containerd", "kube-apiserver"],
    listens: [{ address: nodeAddress, port: kubeletPort }],
    isReady,
    grace: 1000,
  };
}

function kubeletConfiguration(resolver: string): object {
  const server = keyFiles("kubelet-server");
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    containerRuntimeEndpoint: `unix://${sockets.containerd}`,
    address: nodeAddress,
    port: kubeletPort,
    healthzPort: 0,
    readOnlyPort: 0,
    tlsCertFile: server.certificate,
    tlsPrivateKeyFile: server.key,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: keyFiles("ca").certificate },
    },
    authorization: { mode: "Webhook" },
    clusterDNS: [dnsServiceAddress],
    clusterDomain,
    resolvConf: resolver,
    cgroupDriver: "cgroupfs",
    cgroupRoot: clusterCgroup,
    podLogsDir: folders.podLogs,
    failSwapOn: false,
    oomScoreAdj: 0,
    makeIPTablesUtilChains: false,
    // Pods get their share of the CPUs by their requests. Cut to its limit as well, a member's start would take seconds.
    cpuCFSQuota: false,
    serializeImagePulls: false,
    registryPullQPS: 0,
    eventRecordQPS: 0,
    kubeAPIQPS: 1000,
    kubeAPIBurst: 2000,
    // Images are what makes the next start fast, and a full disk is its owner's affair: no garbage collection, no eviction.
    imageGCHighThresholdPercent: 100,
    evictionHard: {
      "memory.available": "50Mi",
      "nodefs.available": "0%",
      "nodefs.inodesFree": "0%",
      "imagefs.available": "0%",
    },
    volumeStatsAggPeriod: "-1s",
    logging: { verbosity: 0 },
  };
}

/** What makes services reachable by their addresses. */
export function serviceProxy(): Component {
  const configuration = path.join(folders.configuration, "kube-proxy.json");
  return {
    name: "kube-proxy",
    command: ["kube-proxy", `--config=${configuration}`],
    files: {
      [configuration]: JSON.stringify({
        apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
        kind: "KubeProxyConfiguration",
        mode: "iptables",
        hostnameOverride: clusterName,
        clientConnection: { kubeconfig: componentKubeconfig("kube-proxy"), qps: 1000, burst: 2000 },
        clusterCIDR: podRange,
        detectLocalMode: "ClusterCIDR",
        nodePortAddresses: [`${nodeAddress}/32`],
        healthzBindAddress: `127.0.0.1:${proxyHealthPort}`,
        metricsBindAddress: `127.0.0.1:${proxyMetricsPort}`,
        oomScoreAdj: 0,
        iptables: { minSyncPeriod: "100ms", localhostNodePorts: false },
        // The machine's connection table stays as it is.
        conntrack: { maxPerCore: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
      }),
    },
    after: ["objects"],
    listens: [
      { address: "127.0.0.1", port: proxyHealthPort },
      { address: "127.0.0.1", port: proxyMetricsPort },
    ],
    // The rules are there when the first of all services answers. A connection begun before would wait for a second.
    isReady: async () =>
      (await answersHttp({ host: "127.0.0.1", port: proxyHealthPort }, "/livez")) &&
      (await takesConnections({ host: apiServiceAddress, port: 443 }, 100)),
    grace: 1000,
  };
}
