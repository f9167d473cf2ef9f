import { readdirSync, readFileSync } from "node:fs";
import { execa } from "execa";
import { type Kubernetes } from "./kubernetes.ts";

/** etcd's process in a pod, as the one sees it who looks. */
export interface EtcdProcess {
  readonly pid: number;
  /** State letter of proc_pid_stat(5): R, S, D run; T is stopped. */
  readonly state: string;
}

export type ProcessSignal = "KILL" | "STOP" | "CONT";

/** How a drill lays hands on the inside of a pod. */
export interface Reach {
  readonly name: "kubernetes api" | "node";
  /** Undefined: no etcd runs there now. */
  etcd(pod: string): Promise<EtcdProcess | undefined>;
  signal(pod: string, signal: ProcessSignal): Promise<void>;
  /** Runs a program (iptables, tc) in the pod's network namespace. @throws Error where it can't or the program fails */
  inNetwork(pod: string, command: readonly string[]): Promise<string>;
  /** Why inNetwork can't be had; undefined: it can. */
  readonly noNetwork: string | undefined;
  /** Process of a component of the node (kubelet, kube-apiserver); undefined: it is not to be had. */
  component(name: string): number | undefined;
}

/** Reads and signals through `kubectl exec`: any cluster. The image needs a shell, nothing else. */
export function kubernetesReach(kubernetes: Kubernetes): Reach {
  const each = (act: string): string[] => [
    "sh",
    "-c",
    `for p in /proc/[0-9]*; do { read -r c <$p/comm; } 2>/dev/null && [ "$c" = etcd ] && { ${act}; }; done; true`,
  ];
  return {
    name: "kubernetes api",
    noNetwork: "it needs the network namespace of the pod, which only its node can enter",
    async etcd(pod) {
      const out = await kubernetes.exec(pod, each(`read -r s <$p/stat; echo "$s"`));
      return processIn(out.trim().split("\n")[0] ?? "");
    },
    async signal(pod, signal) {
      await kubernetes.exec(pod, each(`kill -${signal} \${p#/proc/}`));
    },
    inNetwork: () =>
      Promise.reject(new Error("the network namespace of a pod can't be entered through the Kubernetes API")),
    component: () => undefined,
  };
}

/** Reads and signals processes of this machine, which is the pods' node. */
export function nodeReach(kubernetes: Kubernetes): Reach {
  const etcdPid = async (pod: string): Promise<number | undefined> => {
    const facts = await kubernetes.pod(pod);
    return facts === undefined ? undefined : podProcess(facts.uid, "etcd");
  };
  return {
    name: "node",
    noNetwork: undefined,
    async etcd(pod) {
      const pid = await etcdPid(pod);
      return pid === undefined ? undefined : processIn(readOr(`/proc/${pid}/stat`));
    },
    async signal(pod, signal) {
      const etcd = await this.etcd(pod);
      if (etcd === undefined) throw new Error(`no etcd runs in ${pod}`);
      process.kill(etcd.pid, `SIG${signal}`);
    },
    async inNetwork(pod, command) {
      const facts = await kubernetes.pod(pod);
      // Any process of the pod is in its network namespace: the one that holds it open lives as long as the pod.
      const pid = facts === undefined ? undefined : podProcess(facts.uid, undefined);
      if (pid === undefined) throw new Error(`the pod ${pod} has no process on this node`);
      const entered = ["-t", String(pid), "-n", ...command];
      // Detached: the Ctrl-C that ends a drill must not end what undoes it.
      return (await execa("nsenter", entered, { timeout: 10_000, detached: true })).stdout;
    },
    component: (name) =>
      processes().find(({ comm, group }) => comm === name.slice(0, 15) && group.includes("/etcd-local"))?.pid,
  };
}

/** Whether this process is on the node of these pods, with the rights to enter their namespaces. */
export function isOnNode(podUids: readonly string[]): boolean {
  return (
    process.getuid?.() === 0 && podUids.length > 0 && podUids.every((uid) => podProcess(uid, undefined) !== undefined)
  );
}

interface NodeProcess {
  readonly pid: number;
  readonly comm: string;
  readonly group: string;
}

function processes(): NodeProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({
      pid: Number(name),
      comm: readOr(`/proc/${name}/comm`).trim(),
      group: readOr(`/proc/${name}/cgroup`),
    }));
}

/** The kubelet writes a pod's UID into the name of its control group, with dashes or (systemd) underscores. */
function podProcess(uid: string, comm: string | undefined): number | undefined {
  const other = uid.replaceAll("-", "_");
  return processes().find(
    (each) => (comm === undefined || each.comm === comm) && (each.group.includes(uid) || each.group.includes(other)),
  )?.pid;
}

/** A line of proc_pid_stat(5); the second field is a name in brackets that may hold anything. */
function processIn(stat: string): EtcdProcess | undefined {
  const pid = Number.parseInt(stat, 10);
  const state = stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
  return Number.isNaN(pid) || state === "" || state === "Z" ? undefined : { pid, state };
}

function readOr(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // It ended between the listing and the look.
    return "";
  }
}
