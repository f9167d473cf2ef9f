import path from "node:path";
import { apiPort, clusterDomain, nodeAddress, podRange, serviceRange } from "../addresses.ts";
import type { ApiClient } from "../api.ts";
import type { Component } from "../component.ts";
import { folders, sockets } from "../folders.ts";
import { componentKubeconfig, keyFiles, serviceAccountKeys } from "../keys.ts";

/** Requests per second its clients inside the cluster may make: no figure a one-node cluster reaches, so no waiting. */
const unthrottled = ["--kube-api-qps=1000", "--kube-api-burst=2000"];

/** The API server. */
export function apiServer(api: ApiClient): Component {
  const own = keyFiles("kube-apiserver");
  const toKubelet = keyFiles("kube-apiserver-to-kubelet");
  return {
    name: "kube-apiserver",
    command: [
      "kube-apiserver",
      `--etcd-servers=unix://${sockets.etcd}`,
      `--bind-address=${nodeAddress}`,
      `--advertise-address=${nodeAddress}`,
      `--secure-port=${apiPort}`,
      `--tls-cert-file=${own.certificate}`,
      `--tls-private-key-file=${own.key}`,
      `--client-ca-file=${keyFiles("ca").certificate}`,
      "--anonymous-auth=false",
      "--allow-privileged=true",
      "--authorization-mode=Node,RBAC",
      "--enable-admission-plugins=NodeRestriction,PodSecurity",
      `--service-cluster-ip-range=${serviceRange}`,
      `--service-account-issuer=https://kubernetes.default.svc.${clusterDomain}`,
      `--service-account-key-file=${serviceAccountKeys.public}`,
      `--service-account-signing-key-file=${serviceAccountKeys.private}`,
      `--kubelet-certificate-authority=${keyFiles("ca").certificate}`,
      `--kubelet-client-certificate=${toKubelet.certificate}`,
      `--kubelet-client-key=${toKubelet.key}`,
      // By address: the node's name is in no DNS.
      "--kubelet-preferred-address-types=InternalIP",
      "--enable-priority-and-fairness=false",
      "--profiling=false",
    ],
    // Beside it, it would try to connect too early, and again only after a second.
    after: ["etcd"],
    listens: [{ address: nodeAddress, port: apiPort }],
    isReady: () => api.isReady(),
    grace: 5000,
  };
}

/** The controllers. */
export function controllers(isReady: () => Promise<boolean>): Component {
  return {
    name: "kube-controller-manager",
    command: [
      "kube-controller-manager",
      `--kubeconfig=${componentKubeconfig("kube-controller-manager")}`,
      `--root-ca-file=${keyFiles("ca").certificate}`,
      `--service-account-private-key-file=${serviceAccountKeys.private}`,
      `--cluster-cidr=${podRange}`,
      "--allocate-node-cidrs=false",
      "--leader-elect=false",
      "--secure-port=0",
      ...unthrottled,
      // A change of a claim that meets a conflict is not queued again but found by the next resync (default 15 s).
      "--pvclaimbinder-sync-period=1s",
      "--profiling=false",
    ],
    after: ["kube-apiserver"],
    listens: [],
    isReady,
    grace: 1000,
  };
}

/** The scheduler. */
export function scheduler(isReady: () => Promise<boolean>): Component {
  const configuration = path.join(folders.configuration, "scheduler.json");
  return {
    name: "kube-scheduler",
    command: ["kube-scheduler", `--config=${configuration}`, "--secure-port=0", "--profiling=false"],
    files: {
      [configuration]: JSON.stringify({
        apiVersion: "kubescheduler.config.k8s.io/v1",
        kind: "KubeSchedulerConfiguration",
        clientConnection: { kubeconfig: componentKubeconfig("kube-scheduler"), qps: 1000, burst: 2000 },
        leaderElection: { leaderElect: false },
        // A pod whose claim is not bound yet is tried again this soon (the least that is allowed), not after up to 10 s.
        podInitialBackoffSeconds: 1,
        podMaxBackoffSeconds: 1,
      }),
    },
    after: ["kube-apiserver"],
    listens: [],
    isReady,
    grace: 1000,
  };
}
