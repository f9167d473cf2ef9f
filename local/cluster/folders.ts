import path from "node:path";
import { stateDir } from "../paths.ts";

const clusterDir = path.join(stateDir, "cluster");
// Socket paths are limited to 107 bytes and home folders can be deep.
const runDir = "/run/etcd-local";

/** Where the cluster keeps what. All of it lies outside the clone, so that several clones share one cluster. */
export const folders = {
  /** Gone after `down`: keys, the cluster's objects and volumes. */
  cluster: clusterDir,
  keys: path.join(clusterDir, "keys"),
  configuration: path.join(clusterDir, "configuration"),
  /** One record per started process (process.ts). */
  processes: path.join(clusterDir, "processes"),
  etcd: path.join(clusterDir, "etcd"),
  kubelet: path.join(clusterDir, "kubelet"),
  podLogs: path.join(clusterDir, "pod-logs"),
  volumes: path.join(clusterDir, "volumes"),
  /** Kept on `down`: images, so that the next `up` need not build, push and unpack them again. */
  containerd: path.join(stateDir, "containerd"),
  docker: path.join(stateDir, "docker"),
  registry: path.join(stateDir, "registry"),
  /** Kept on `down`: what the components said. */
  logs: path.join(stateDir, "logs"),
  /** Sockets, and what must not outlive a reboot. */
  run: runDir,
  containerdState: path.join(runDir, "containerd"),
  dockerState: path.join(runDir, "docker"),
  podAddresses: path.join(runDir, "pod-addresses"),
} as const;

/** What marks the cluster as made, with the versions it runs (record.ts). */
export const recordFile = path.join(clusterDir, "cluster.json");

/** Names the state folder of the cluster that runs on this machine: there can be one. */
export const ownerFile = path.join(runDir, "owner");

/** The administrator's kubeconfig; `~/.kube/config` is never touched. */
export const kubeconfigFile = path.join(stateDir, "kubeconfig");

/** Unix sockets. Their folder is the owner's alone. */
export const sockets = {
  etcd: path.join(runDir, "etcd.sock"),
  etcdPeer: path.join(runDir, "etcd-peer.sock"),
  containerd: path.join(runDir, "containerd.sock"),
  docker: path.join(runDir, "docker.sock"),
  controller: path.join(runDir, "controller.sock"),
} as const;
