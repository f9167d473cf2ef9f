import { existsSync } from "node:fs";
import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { TestCluster } from "../test/e2e/test-cluster.ts";
import { eventually, kubectl, worldContext, worldEnvironment } from "../test/e2e/world.ts";
import { longestGap, type Puts } from "../test/e2e/writer/recording.ts";
import { RecordingWriter } from "../test/e2e/writer/recording-writer.ts";
import { podProcess } from "../test/e2e/pod-process.ts";
import { linesAround } from "./gap-trace.ts";
import { rawEtcd, rawMembers } from "./raw-etcd.ts";
import { median, type Figure } from "./result.ts";
import { etcdTiming, timeBounds } from "./time-bounds.ts";

const RAW = "bench-write-gap-raw";
/** What each member of both clusters requests: as much as leaves room for five and three of them on two cores. */
const CPU = "150m";
/** What the writer's pod requests. With the 50m it has otherwise, members that start keep it from writing: it would measure itself. */
const WRITER_CPU = "400m";
const METRICS_PORT = 2381;
const KILLS_IN_A_ROW = 5;
const STOOD_STILL = "the writer stood still";
/** What no planned change may take longer than. */
const PLANNED_MS = 100;
/** Longer than an election takes at the most, so that the end of a gap is in the recording. */
const NOTICED_AFTER_MS = 3_000;

/** One of the two clusters that are measured in turn. */
interface Target {
  readonly namespace: string;
  /** The peer Service as the writer's pod resolves it. */
  readonly peerService: string;
}

type Samples = Map<string, number[]>;

/**
 * The longest time between two acknowledged writes while something is done to the cluster: a put is begun every 10 ms, at
 * each member in turn, with 500 ms to end in; beside it a plain etcd StatefulSet, to which the same is done.
 */
export async function run(rounds: number): Promise<Figure[]> {
  const cluster = new TestCluster("bench-write-gap", CPU);
  const ours: Target = { namespace: cluster.stack.namespace, peerService: "etcd" };
  const raw: Target = { namespace: RAW, peerService: `etcd.${RAW}` };
  const samples: Samples = new Map();
  try {
    await cluster.stack.removeLeftovers();
    await kubectl("delete", "namespace", RAW, "--ignore-not-found", "--wait");
    await cluster.stack.run("up");
    await cluster.stack.kubectl("set", "resources", "deployment/etcd-client", `--requests=cpu=${WRITER_CPU}`);
    await cluster.stack.kubectl("rollout", "status", "deployment/etcd-client", "--timeout=60s");
    await applyRaw();
    for (let round = 1; round <= rounds; round++) {
      await oneRound(cluster, ours, raw, samples);
      const latest = [...samples].map(([name, values]) => `${name} ${values.at(-1)?.toFixed(0) ?? "?"}`);
      process.stdout.write(`round ${round}/${rounds}: ${latest.join(", ")}\n`);
    }
    return figures(samples);
  } finally {
    await cluster.stack.cleanUp();
    await kubectl("delete", "namespace", RAW, "--ignore-not-found", "--wait");
  }
}

async function oneRound(cluster: TestCluster, ours: Target, raw: Target, samples: Samples): Promise<void> {
  const gap = async (name: string, at: Target, work: () => Promise<unknown>): Promise<void> => {
    await allReady(at);
    const writer = await RecordingWriter.start(cluster.stack, {
      everyMs: 10,
      deadlineMs: 500,
      peerService: at.peerService,
    });
    await work();
    // The kubelet takes a while to notice what was done: until then all members pass for ready.
    await sleep(NOTICED_AFTER_MS);
    await allReady(at);
    const { puts } = await writer.stop();
    const { fromMs, toMs, idleMs } = longestGap(puts);
    push(samples, name, toMs - fromMs);
    push(samples, STOOD_STILL, idleMs);
    if (at === ours && name !== "leader killed, ours" && toMs - fromMs > PLANNED_MS) await explain(name, at, puts);
  };
  await gap("nothing is done", ours, () => sleep(2_000));
  for (const [who, at] of [
    ["raw", raw],
    ["ours", ours],
  ] as const) {
    await gap(`leader killed, ${who}`, at, () => kill(at, leader(at)));
    if (at === raw) await restartAfterBackOff(raw);
    await gap(`leader's pod deleted, ${who}`, at, async () => deletePod(at, await leader(at)));
  }
  await gap("scale up", ours, () => scale(cluster, 5));
  await cluster.settlesAt(5);
  await lead(ours, "etcd-4");
  await gap("leader scaled away", ours, () => scale(cluster, 3));
  await cluster.settlesAt(3);
  await gap("rolling restart", ours, async () => {
    await kubectl("-n", ours.namespace, "rollout", "restart", "statefulset/etcd");
    await kubectl("-n", ours.namespace, "rollout", "status", "statefulset/etcd", "--timeout=120s");
  });
  for (let kills = 1; kills <= KILLS_IN_A_ROW; kills++) {
    push(samples, `back after kill ${kills}`, await millisecondsToServe(ours, "etcd-1"));
  }
}

/** Prints whether the writer or the cluster stood still, and what the members said meanwhile. */
async function explain(name: string, { namespace }: Target, puts: Puts): Promise<void> {
  const { fromMs, toMs, idleMs } = longestGap(puts);
  const flags = ["-l", "app=etcd", "--tail=-1", "--timestamps", "--prefix", "--since=3m"];
  const { stdout } = await kubectl("-n", namespace, "logs", ...flags);
  process.stdout.write(
    [
      `${name}: no write was acknowledged for ${(toMs - fromMs).toFixed(0)} ms; the writer began none for ${idleMs.toFixed(0)} ms of them`,
      ...linesAround(stdout, puts.zeroMs + fromMs, puts.zeroMs + toMs),
      "",
    ].join("\n"),
  );
}

function push(samples: Samples, name: string, value: number): void {
  samples.set(name, [...(samples.get(name) ?? []), value]);
}

function figures(samples: Samples): Figure[] {
  const of = (name: string): number[] => samples.get(name) ?? [];
  const gapOf = (name: string, what: string, bound?: number): Figure => {
    return { name: `gap: ${what}`, unit: "ms", samples: of(name), judged: "median", bound };
  };
  const kills = Array.from({ length: KILLS_IN_A_ROW }, (_, index) => of(`back after kill ${index + 1}`));
  const back = { unit: "ms", judged: "max", bound: 2_000 } as const;
  return [
    ...timeBounds(etcdTiming),
    gapOf("nothing is done", "nothing is done"),
    gapOf("leader killed, raw", "leader killed -9, raw etcd"),
    gapOf("leader killed, ours", "leader killed -9 (no worse than raw)", median(of("leader killed, raw"))),
    gapOf("leader's pod deleted, raw", "leader's pod deleted, raw etcd"),
    gapOf("leader's pod deleted, ours", "leader's pod deleted (aim 50)", PLANNED_MS),
    gapOf("leader scaled away", "5 → 3, the leader leaves (aim 50)", PLANNED_MS),
    gapOf("scale up", "3 → 5", PLANNED_MS),
    gapOf("rolling restart", "rolling restart, worst of all three", PLANNED_MS),
    gapOf(STOOD_STILL, "of each of these, the longest time in which the writer itself began none"),
    { name: "kill -9 → ready again, kills 1 to 4", samples: kills.slice(0, -1).flat(), ...back },
    { name: "kill -9 → ready again, fifth in a row", samples: kills.at(-1) ?? [], ...back },
  ];
}

async function applyRaw(): Promise<void> {
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: RAW } };
  const items = [
    namespace,
    ...rawEtcd(CPU).map((object) => ({ ...object, metadata: { ...object.metadata, namespace: RAW } })),
  ];
  await execa("kubectl", ["--context", worldContext, "apply", "-f", "-"], {
    env: await worldEnvironment(),
    input: JSON.stringify({ apiVersion: "v1", kind: "List", items }),
  });
}

async function allReady({ namespace }: Target): Promise<void> {
  await eventually(`all members in ${namespace} are ready`, 120_000, async () => {
    const fields = "jsonpath={.spec.replicas} {.status.readyReplicas} {.status.replicas}";
    const { stdout } = await kubectl("-n", namespace, "get", "statefulset", "etcd", "-o", fields);
    const [declared, ready, there] = stdout.split(" ");
    return declared === ready && declared === there ? true : undefined;
  });
}

async function etcdctl({ namespace }: Target, ...args: string[]): Promise<string> {
  return (await kubectl("-n", namespace, "exec", "etcd-0", "-c", "etcd", "--", "etcdctl", ...args)).stdout;
}

/** The pod of the member that says of itself that it leads. */
async function leader(at: Target): Promise<string> {
  return eventually("a leader", 30_000, async () => {
    const blocks = (await etcdctl(at, "endpoint", "status", "--cluster", "-w", "fields")).split(/\n(?="ClusterID")/);
    const led = blocks.find(
      (text) => /"MemberID" : (\d+)/.exec(text)?.[1] === (/"Leader" : (\d+)/.exec(text)?.[1] ?? "none"),
    );
    return /"Endpoint" : "http:\/\/(etcd-\d)/.exec(led ?? "")?.[1];
  });
}

/** Has this member lead. */
async function lead(at: Target, pod: string): Promise<void> {
  const from = await leader(at);
  if (from === pod) return;
  const { stdout } = await kubectl(
    "-n",
    at.namespace,
    "exec",
    "etcd-0",
    "-c",
    "etcd",
    "--",
    "etcdctl",
    "member",
    "list",
  );
  const id = new RegExp(`^([0-9a-f]+), started, ${pod},`, "m").exec(stdout)?.[1] ?? "";
  await etcdctl(at, `--endpoints=http://${from}.etcd:2379`, "move-leader", id);
}

async function kill({ namespace }: Target, pod: string | Promise<string>): Promise<void> {
  const { stdout } = await kubectl("-n", namespace, "get", "pod", await pod, "-o", "jsonpath={.metadata.uid}");
  process.kill(podProcess(stdout, "etcd"), "SIGKILL");
}

/** A container that dies again within ten minutes is kept waiting by the kubelet; a new pod is not. */
async function restartAfterBackOff({ namespace }: Target): Promise<void> {
  for (let ordinal = 0; ordinal < rawMembers; ordinal++) {
    const restarts = "jsonpath={.status.containerStatuses[0].restartCount}";
    const { stdout } = await kubectl("-n", namespace, "get", "pod", `etcd-${ordinal}`, "-o", restarts);
    if (Number(stdout) > 0) await deletePod({ namespace, peerService: "" }, `etcd-${ordinal}`);
  }
}

async function deletePod({ namespace }: Target, pod: string): Promise<void> {
  await kubectl("-n", namespace, "delete", "pod", pod);
}

async function scale(cluster: TestCluster, replicas: number): Promise<void> {
  await cluster.patch(replicas);
}

/** From the kill of a member's etcd to the moment it is ready again, by its own /readyz. */
async function millisecondsToServe(at: Target, pod: string): Promise<number> {
  const { stdout } = await kubectl(
    "-n",
    at.namespace,
    "get",
    "pod",
    pod,
    "-o",
    "jsonpath={.status.podIP} {.metadata.uid}",
  );
  const [address = "", uid = ""] = stdout.split(" ");
  await eventually(`${pod} is ready`, 30_000, async () => ((await isReady(address)) ? true : undefined));
  const killed = podProcess(uid, "etcd");
  const start = performance.now();
  process.kill(killed, "SIGKILL");
  while (existsSync(`/proc/${killed}`) || !(await isReady(address))) {
    if (performance.now() - start > 60_000) throw new Error(`${pod} is not ready within 60 s`);
    await sleep(10);
  }
  return performance.now() - start;
}

function isReady(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: address, port: METRICS_PORT, path: "/readyz", timeout: 500 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
  });
}
