import { podProcess } from "../test/e2e/pod-process.ts";
import { eventually, kubectl, tryKubectl } from "../test/e2e/world.ts";
import { rawMembers } from "./raw-etcd.ts";

/** One of the two clusters that are measured in turn. */
export interface MeasuredCluster {
  readonly namespace: string;
  /** The peer Service as the writer's pod resolves it. */
  readonly peerService: string;
}

/** Watches instead of asking again and again: each kubectl takes CPU from the members whose gaps are measured. */
export async function allReady({ namespace }: MeasuredCluster): Promise<void> {
  const of = ["-n", namespace, "statefulset/etcd"] as const;
  const { stdout: replicas } = await kubectl("get", ...of, "-o", "jsonpath={.spec.replicas}");
  for (const field of ["replicas", "readyReplicas"]) {
    await kubectl("wait", ...of, `--for=jsonpath={.status.${field}}=${replicas}`, "--timeout=120s");
  }
}

/** etcdctl in the first member, at that member unless the arguments say another. */
export async function etcdctl({ namespace }: MeasuredCluster, ...args: string[]): Promise<string> {
  return (await kubectl("-n", namespace, "exec", "etcd-0", "-c", "etcd", "--", "etcdctl", ...args)).stdout;
}

/** The pod of the member that says of itself that it leads. */
export async function leader(at: MeasuredCluster): Promise<string> {
  return eventually("a leader", 30_000, async () => {
    const blocks = (await etcdctl(at, "endpoint", "status", "--cluster", "-w", "fields")).split(/\n(?="ClusterID")/);
    const led = blocks.find(
      (text) => /"MemberID" : (\d+)/.exec(text)?.[1] === (/"Leader" : (\d+)/.exec(text)?.[1] ?? "none"),
    );
    return /"Endpoint" : "http:\/\/(etcd-\d)/.exec(led ?? "")?.[1];
  });
}

/** Has this member lead. */
export async function lead(at: MeasuredCluster, pod: string): Promise<void> {
  const from = await leader(at);
  if (from === pod) return;
  await etcdctl(at, `--endpoints=http://${from}.etcd:2379`, "move-leader", await memberId(at, pod));
}

/** The started member's ID, in hexadecimal; empty where there is none of that name. */
export async function memberId(at: MeasuredCluster, pod: string): Promise<string> {
  const stdout = await etcdctl(at, "member", "list");
  return new RegExp(`^([0-9a-f]+), started, ${pod},`, "m").exec(stdout)?.[1] ?? "";
}

/** The leader's etcd, on this very machine. */
export async function leaderProcess(at: MeasuredCluster): Promise<number> {
  const { stdout } = await kubectl(
    "-n",
    at.namespace,
    "get",
    "pod",
    await leader(at),
    "-o",
    "jsonpath={.metadata.uid}",
  );
  return podProcess(stdout, "etcd");
}

/** Restarts all members, one after the other; returns when that is done. */
export async function restart({ namespace }: MeasuredCluster): Promise<void> {
  await kubectl("-n", namespace, "rollout", "restart", "statefulset/etcd");
  await kubectl("-n", namespace, "rollout", "status", "statefulset/etcd", "--timeout=120s");
}

/** A container that dies again within ten minutes is kept waiting by the kubelet; a new pod is not. */
export async function restartAfterBackOff({ namespace }: MeasuredCluster): Promise<void> {
  for (let ordinal = 0; ordinal < rawMembers; ordinal++) {
    const restarts = "jsonpath={.status.containerStatuses[0].restartCount}";
    const { stdout } = await kubectl("-n", namespace, "get", "pod", `etcd-${ordinal}`, "-o", restarts);
    if (Number(stdout) > 0) await deletePod({ namespace, peerService: "" }, `etcd-${ordinal}`);
  }
}

/** Returns when the pod is gone; by a kubectl that watches, which now and then misses the end (deletePods of test/e2e/world.ts). */
export async function deletePod({ namespace }: MeasuredCluster, pod: string): Promise<void> {
  const { exitCode, all } = await tryKubectl("-n", namespace, "delete", "pod", pod, "--timeout=65s");
  if (exitCode !== 0 && !all.includes("timed out waiting")) throw new Error(all);
}
