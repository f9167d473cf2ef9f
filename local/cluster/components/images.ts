import path from "node:path";
import { registryPort } from "../addresses.ts";
import { clusterCgroup } from "../cgroup.ts";
import type { Component } from "../component.ts";
import { folders, sockets } from "../folders.ts";
import { answersHttp } from "../probe.ts";

/** The image registry, on the loopback address only. */
export function imageRegistry(): Component {
  const configuration = path.join(folders.configuration, "registry.json");
  return {
    name: "registry",
    command: ["docker-registry", "serve", configuration],
    files: {
      [configuration]: JSON.stringify({
        version: 0.1,
        log: { level: "warn", accesslog: { disabled: true } },
        storage: { filesystem: { rootdirectory: folders.registry }, delete: { enabled: true } },
        http: { addr: `127.0.0.1:${registryPort}` },
      }),
    },
    after: [],
    listens: [{ address: "127.0.0.1", port: registryPort }],
    isReady: () => answersHttp({ host: "127.0.0.1", port: registryPort }, "/v2/"),
    grace: 1000,
  };
}

/** The Docker daemon, which builds and pushes images and runs no container. */
export function imageBuilder(): Component {
  return {
    name: "dockerd",
    command: [
      "dockerd",
      `--host=unix://${sockets.docker}`,
      "--group=root",
      `--containerd=${sockets.containerd}`,
      `--data-root=${folders.docker}`,
      `--exec-root=${folders.dockerState}`,
      // It would take its own dead process, not yet noticed by its parent, for another daemon.
      "--pidfile=",
      `--cgroup-parent=${clusterCgroup}/builds`,
      "--bridge=none",
      "--iptables=false",
      "--ip6tables=false",
      "--ip-forward=false",
      "--log-level=warn",
    ],
    after: ["containerd"],
    listens: [],
    isReady: () => answersHttp({ socketPath: sockets.docker }, "/_ping"),
    grace: 5000,
  };
}
