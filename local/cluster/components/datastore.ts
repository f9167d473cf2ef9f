import type { Component } from "../component.ts";
import { folders, sockets } from "../folders.ts";
import { answersHttp } from "../probe.ts";

/** The etcd that holds the cluster's objects. It listens on unix sockets only: no port, and nobody but root gets in. */
export function datastore(): Component {
  // Only told to other members, of which there are none; etcd insists on the form of a host with a port.
  const advertised = "unix://etcd-local:1";
  return {
    name: "etcd",
    command: [
      "etcd",
      "--name=etcd-local",
      `--data-dir=${folders.etcd}`,
      `--listen-client-urls=unix://${sockets.etcd}`,
      `--advertise-client-urls=${advertised}`,
      `--listen-peer-urls=unix://${sockets.etcdPeer}`,
      `--initial-advertise-peer-urls=${advertised}`,
      `--initial-cluster=etcd-local=${advertised}`,
      // Alone, it is its own leader after one election timeout: of 100 ms, not of a second.
      "--heartbeat-interval=20",
      "--election-timeout=100",
      "--log-level=warn",
    ],
    after: [],
    listens: [],
    isReady: () => answersHttp({ socketPath: sockets.etcd }, "/health"),
    grace: 5000,
  };
}
