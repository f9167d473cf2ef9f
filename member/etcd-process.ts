import { spawn, type ChildProcess } from "node:child_process";
import { CLIENT_PORT, clientUrl, METRICS_PORT, PEER_PORT, peerUrl } from "./address.ts";
import type { Etcd } from "./ports.ts";
import { HIGHEST_ORDINAL, type Settings } from "./settings.ts";
import { Unpublished } from "./unpublished.ts";

/** How a first start begins; a member with a WAL needs none of it, etcd ignores all three then. */
export interface FirstStartFlags {
  /** name → peer URL of every member the cluster has at this moment, this one included. */
  readonly initialCluster: ReadonlyMap<string, string>;
  readonly state: "new" | "existing";
  readonly token: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** etcd's command line. Everything not named here is etcd's default, or set by an `ETCD_…` variable of the pod. */
export function etcdArguments(settings: Settings, first: FirstStartFlags | "alone" | undefined): string[] {
  // Nobody may join, read or write before the others are off the list for good.
  const address = first === "alone" ? "127.0.0.1" : "0.0.0.0";
  const listen = (port: number): string => `${settings.scheme}://${address}:${port}`;
  const flags: Record<string, string> = {
    name: settings.memberName,
    "data-dir": settings.dataDir,
    "listen-peer-urls": listen(PEER_PORT),
    "listen-client-urls": listen(CLIENT_PORT),
    // Plain HTTP whatever the scheme: the kubelet's probes carry no certificate.
    "listen-metrics-urls": `http://${address}:${METRICS_PORT}`,
    "advertise-client-urls": clientUrl(settings, settings.ordinal),
    "initial-advertise-peer-urls": peerUrl(settings, settings.ordinal),
  };
  if (first === "alone") flags["force-new-cluster"] = "true";
  else if (first !== undefined) {
    flags["initial-cluster"] = [...first.initialCluster].map(([name, url]) => `${name}=${url}`).join(",");
    flags["initial-cluster-state"] = first.state;
    flags["initial-cluster-token"] = first.token;
  }
  return Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
}

/** The variables that are the member program's own; etcd would warn of every one it does not know. */
const OWN_VARIABLES = new Set([
  "ETCD_CLUSTER_NAME",
  "ETCD_PEER_SERVICE",
  "ETCD_SCHEME",
  "ETCD_LATCH",
  "ETCD_DATA_DIR",
  "ETCD_CLUSTER_TOKEN",
  "ETCD_PROGRAM",
  "ETCD_STOP_SECONDS",
]);

/** The one etcd child. Its output goes where the pod's goes. */
export class EtcdProcess implements Etcd {
  readonly exited: Promise<Exit>;
  readonly startedAt = Date.now();
  readonly #child: ChildProcess;
  readonly #unpublished = new Unpublished();

  constructor(settings: Settings, first: FirstStartFlags | "alone" | undefined) {
    // Kubernetes adds ETCD_SERVICE_HOST, ETCD_PORT_2379_TCP … for a Service called etcd, unless the template says not to.
    const env = {
      // Those that take their time may sync side by side; promotion is one after the other all the same (etcd's default is 1).
      ETCD_MAX_LEARNERS: String(HIGHEST_ORDINAL),
      ...Object.fromEntries(Object.entries(process.env).filter(([key]) => !OWN_VARIABLES.has(key))),
    };
    this.#child = spawn(settings.etcdProgram, etcdArguments(settings, first), {
      stdio: ["ignore", "inherit", "inherit"],
      env,
    });
    this.exited = new Promise((resolve, reject) => {
      this.#child.on("exit", (code, signal) => resolve({ code, signal }));
      this.#child.on("error", (error) =>
        reject(new Error(`${settings.etcdProgram} can't be started: ${error.message}`)),
      );
    });
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  waitsInVain(): Promise<boolean> {
    return this.#unpublished.waitsInVain();
  }

  async stop(withinMs: number): Promise<Exit> {
    if (this.isRunning) this.#child.kill(withinMs > 0 ? "SIGTERM" : "SIGKILL");
    const force = setTimeout(() => this.#child.kill("SIGKILL"), withinMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(force);
    }
  }
}

export function describeExit(exit: Exit): string {
  return exit.signal === null ? `etcd ended with code ${exit.code ?? "?"}` : `etcd was ended by ${exit.signal}`;
}
