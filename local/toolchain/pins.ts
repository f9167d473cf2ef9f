/** A set of programs built from one pinned Go module (its folder here holds go.mod and go.sum). */
export interface GoBuild {
  /** Folder of the module, and the name of the build in the cache. */
  name: string;
  /** What a person reads. */
  title: string;
  /** Each `go build`: packages that are linked in one call, and the names their programs get. */
  steps: readonly GoBuildStep[];
}

export interface GoBuildStep {
  /** Package → file name of its program. */
  programs: Readonly<Record<string, string>>;
  tags?: string;
  /** `-X` definitions of the linker: variable → value. */
  variables?: Readonly<Record<string, string>>;
}

export const versions = {
  kubernetes: "1.34.3",
  etcd: "3.6.14",
  coredns: "1.12.4",
  pulumi: "3.250.0",
  /** Of upstream's image, whose contract our own program keeps. */
  pause: "3.10",
};

const kubernetesVersion = "k8s.io/component-base/version";

/** In the order in which they are built: what the cluster needs first comes first. */
export const goBuilds = {
  etcd: {
    name: "etcd",
    title: `etcd ${versions.etcd}`,
    steps: [
      {
        programs: {
          "go.etcd.io/etcd/server/v3": "etcd",
          "go.etcd.io/etcd/etcdctl/v3": "etcdctl",
          "go.etcd.io/etcd/etcdutl/v3": "etcdutl",
        },
      },
    ],
  },
  kubernetes: {
    name: "kubernetes",
    title: `Kubernetes ${versions.kubernetes}`,
    steps: [
      {
        programs: { "etcd-on-kubernetes/local/toolchain/kubernetes": "kubernetes" },
        // As upstream's release builds: without it grpc's tracing keeps the linker from dropping unused methods.
        tags: "grpcnotrace",
        variables: {
          [`${kubernetesVersion}.gitVersion`]: `v${versions.kubernetes}`,
          [`${kubernetesVersion}.gitMajor`]: "1",
          [`${kubernetesVersion}.gitMinor`]: "34",
          [`${kubernetesVersion}.gitTreeState`]: "clean",
        },
      },
    ],
  },
  coredns: {
    name: "coredns",
    title: `CoreDNS ${versions.coredns}`,
    steps: [{ programs: { "etcd-on-kubernetes/local/toolchain/coredns": "coredns" }, tags: "grpcnotrace" }],
  },
  pause: {
    name: "pause",
    title: `pause ${versions.pause}`,
    steps: [{ programs: { "etcd-on-kubernetes/local/toolchain/pause": "pause" } }],
  },
  pulumi: {
    name: "pulumi",
    title: `pulumi ${versions.pulumi}`,
    steps: [
      {
        programs: { "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi": "pulumi" },
        variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${versions.pulumi}` },
      },
    ],
  },
} as const satisfies Record<string, GoBuild>;

/** The names under which the one Kubernetes program is called. */
export const kubernetesPrograms = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-proxy",
  "kube-scheduler",
  "kubectl",
  "kubelet",
];

/** Debian packages, unpacked into the cache with what they depend on and never installed. */
export const debianPackages = {
  /** Programs that run on this machine. */
  tools: ["containerd", "containernetworking-plugins", "docker-registry", "docker.io", "iproute2", "iptables", "runc"],
  /** The root file system of the images' base. */
  rootfs: ["base-files", "coreutils", "dash", "iproute2", "libc6", "libstdc++6"],
};

/** Where the packages above have the programs that are used. */
export const debianPrograms: Readonly<Record<string, string>> = {
  containerd: "usr/bin/containerd",
  "containerd-shim-runc-v2": "usr/bin/containerd-shim-runc-v2",
  ctr: "usr/bin/ctr",
  "docker-init": "usr/bin/docker-init",
  "docker-registry": "usr/bin/docker-registry",
  dockerd: "usr/sbin/dockerd",
  ip: "usr/bin/ip",
  runc: "usr/sbin/runc",
  tc: "usr/sbin/tc",
};

export const cniPlugins = ["bridge", "host-local", "loopback", "portmap"];

/** iptables' programs; each exists once for nftables and once for the older kernel interface. */
export const iptablesPrograms = ["iptables", "ip6tables"].flatMap((name) => [name, `${name}-restore`, `${name}-save`]);
