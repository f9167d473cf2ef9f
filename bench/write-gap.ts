import { existsSync } from "node:fs";
import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { TestCluster } from "../test/e2e/test-cluster.ts";
import { eventually, kubectl } from "../test/e2e/world.ts";
import { longestGap, type Gap } from "../test/e2e/writer/recording.ts";
import { RecordingWriter } from "../test/e2e/writer/recording-writer.ts";
import { podProcess } from "../test/e2e/pod-process.ts";
import { linesAround } from "./gap-trace.ts";
import { machineDuring, MachineTrace } from "./machine-trace.ts";
import {
  allReady,
  deletePod,
  lead,
  leader,
  leaderProcess,
  restart,
  restartAfterBackOff,
  type MeasuredCluster,
} from "./measured-cluster.ts";
import { applyRawEtcd } from "./raw-etcd.ts";
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
/**
 * Nothing is asked for so long: two members have joined by then, an election has ended, and the kubelet has noticed what was
 * done, until when all members pass for ready.
 */
const NOTICED_AFTER_MS = 5_000;
/** The writer's code is compiled as it runs, and kubectl, which started it, takes CPU as well. */
const WRITES_EVENLY_AFTER_MS = 1_000;

type Samples = Map<string, number[]>;

/**
 * The longest time between two acknowledged writes while something is done to the cluster: a put is begun every 10 ms, at
 * each member in turn, with 500 ms to end in; beside it a plain etcd StatefulSet, to which the same is done.
 */
export async function run(rounds: number): Promise<Figure[]> {
  const cluster = new TestCluster("bench-write-gap", CPU);
  const ours: MeasuredCluster = { namespace: cluster.stack.namespace, peerService: "etcd" };
  const raw: MeasuredCluster = { namespace: RAW, peerService: `etcd.${RAW}` };
  const samples: Samples = new Map();
  try {
    await cluster.stack.removeLeftovers();
    await kubectl("delete", "namespace", RAW, "--ignore-not-found", "--wait");
    await cluster.stack.run("up");
    await cluster.stack.kubectl("set", "resources", "deployment/etcd-client", `--requests=cpu=${WRITER_CPU}`);
    await cluster.stack.kubectl("rollout", "status", "deployment/etcd-client", "--timeout=60s");
    await applyRawEtcd(RAW, CPU);
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

async function oneRound(
  cluster: TestCluster,
  ours: MeasuredCluster,
  raw: MeasuredCluster,
  samples: Samples,
): Promise<void> {
  /** @param prepare finds out what is needed before the writing begins, and returns what is to be done under it */
  const gap = async (
    name: string,
    at: MeasuredCluster,
    prepare: () => Promise<() => Promise<unknown>>,
  ): Promise<void> => {
    await allReady(at);
    const work = await prepare();
    const options = { everyMs: 10, deadlineMs: 500, peerService: at.peerService };
    const writer = await RecordingWriter.start(cluster.stack, options);
    await sleep(WRITES_EVENLY_AFTER_MS);
    const machine = new MachineTrace();
    const beganMs = Date.now();
    await work();
    await sleep(NOTICED_AFTER_MS);
    const endedMs = Date.now();
    machine.stop();
    await allReady(at);
    const { puts } = await writer.stop();
    const found = longestGap(puts, beganMs - puts.zeroMs, endedMs - puts.zeroMs);
    push(samples, name, found.toMs - found.fromMs);
    push(samples, STOOD_STILL, found.idleMs);
    const isPlanned = at === ours && name !== "leader killed, ours";
    if (isPlanned && found.toMs - found.fromMs > PLANNED_MS) await explain(name, at, puts.zeroMs, found, machine);
  };
  await gap("nothing is done", ours, () => Promise.resolve(() => Promise.resolve()));
  for (const [who, at] of [
    ["raw", raw],
    ["ours", ours],
  ] as const) {
    await gap(`leader killed, ${who}`, at, async () => {
      const pid = await leaderProcess(at);
      return () => Promise.resolve(process.kill(pid, "SIGKILL"));
    });
    if (at === raw) await restartAfterBackOff(raw);
    await gap(`leader's pod deleted, ${who}`, at, async () => {
      const pod = await leader(at);
      return () => deletePod(at, pod);
    });
    await gap(`rolling restart, ${who}`, at, () => Promise.resolve(() => restart(at)));
  }
  await gap("scale up", ours, () => Promise.resolve(() => cluster.patch(5)));
  await cluster.settlesAt(5);
  await gap("leader scaled away", ours, async () => {
    await lead(ours, "etcd-4");
    return () => cluster.patch(3);
  });
  await cluster.settlesAt(3);
  for (let kills = 1; kills <= KILLS_IN_A_ROW; kills++) {
    push(samples, `back after kill ${kills}`, await millisecondsToServe(ours, "etcd-1"));
  }
}

/** Prints whether the writer, the machine or the cluster stood still, and what the members said meanwhile. */
async function explain(
  name: string,
  { namespace }: MeasuredCluster,
  zeroMs: number,
  gap: Gap,
  { samples }: MachineTrace,
): Promise<void> {
  const [fromMs, toMs] = [zeroMs + gap.fromMs, zeroMs + gap.toMs];
  const flags = ["-l", "app=etcd", "--tail=-1", "--timestamps", "--prefix", "--since=3m"];
  const { stdout } = await kubectl("-n", namespace, "logs", ...flags);
  process.stdout.write(
    [
      `${name}: no write was acknowledged for ${(toMs - fromMs).toFixed(0)} ms; the writer began none for ` +
        `${gap.idleMs.toFixed(0)} ms of them; ${machineDuring(samples, fromMs, toMs)}`,
      ...linesAround(stdout, fromMs, toMs),
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
    gapOf("rolling restart, raw", "rolling restart, worst of all three, raw etcd"),
    gapOf("rolling restart, ours", "rolling restart, worst of all three", PLANNED_MS),
    gapOf(STOOD_STILL, "of each of these, the longest time in which the writer itself began none"),
    { name: "kill -9 → ready again, kills 1 to 4", samples: kills.slice(0, -1).flat(), ...back },
    { name: "kill -9 → ready again, fifth in a row", samples: kills.at(-1) ?? [], ...back },
  ];
}

/** From the kill of a member's etcd to the moment it is ready again, by its own /readyz. */
async function millisecondsToServe(at: MeasuredCluster, pod: string): Promise<number> {
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
