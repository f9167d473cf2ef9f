import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { TestStack } from "../test/e2e/world.ts";
import { memberAddresses } from "./member-addresses.ts";
import { median, type Figure } from "./result.ts";

/** What is done, by etcd's own benchmark and by our traffic. Keys have 8 bytes, values 256. */
interface Load {
  readonly name: string;
  readonly theirs: readonly string[];
  readonly ours: readonly string[];
  /** The least our rate must be of theirs. */
  readonly least: number;
}

const keys = 1000;
const one = ["--clients", "1", "--conns", "1"];
const hundred = ["--clients", "100", "--conns", "10"];
const put = ["put", "--key-size", "8", "--val-size", "256", "--sequential-keys", "--key-space-size", String(keys)];
const range = ["range", "bench000"];

const loads: readonly Load[] = [
  { name: "puts, 1 client", theirs: [...one, ...put, "--total", "5000"], ours: ["put=1", "1"], least: 0.9 },
  { name: "puts, 100 clients", theirs: [...hundred, ...put, "--total", "50000"], ours: ["put=1", "100"], least: 0.5 },
  {
    name: "linearizable gets, 1 client",
    theirs: [...one, ...range, "--total", "15000"],
    ours: ["get=1", "1"],
    least: 0.9,
  },
  {
    name: "linearizable gets, 100 clients",
    theirs: [...hundred, ...range, "--total", "100000"],
    ours: ["get=1", "100"],
    least: 0.5,
  },
];

/** How long our traffic runs, and how much of its begin is not counted: JavaScript is compiled while it runs. In seconds. */
const seconds = 10;
const warmUp = 3;

/**
 * How much our recorded traffic asks of three members, beside etcd's own benchmark program on the same members, in turn. Both
 * run on this machine, outside the cluster, and talk to the pods' addresses: so on the local cluster only.
 */
export async function run(rounds: number): Promise<Figure[]> {
  const times = Math.min(rounds, 3);
  const folder = mkdtempSync(join(tmpdir(), "bench-driver-"));
  // Without a limit of CPU time, which would be all that is measured.
  const resources = { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "1Gi" } };
  const stack = new TestStack("bench-driver", { "etcd:resources": resources, "etcd:clientReplicas": 0 });
  try {
    const benchmark = await buildBenchmark(folder);
    await stack.removeLeftovers();
    await stack.run("up");
    const addresses = (await memberAddresses(stack)).map((address) => `${address}:2379`);
    // So that there is something to get.
    await oursRate(addresses, folder, ["put=1", "100"]);
    const figures: Figure[] = [];
    for (const load of loads) figures.push(...(await beside(load, times, benchmark, addresses, folder)));
    return figures;
  } finally {
    rmSync(folder, { recursive: true });
    await stack.cleanUp();
  }
}

async function buildBenchmark(folder: string): Promise<string> {
  const program = join(folder, "benchmark");
  const cwd = join(import.meta.dirname, "etcd-benchmark");
  await execa("go", ["build", "-o", program, "go.etcd.io/etcd/v3/tools/benchmark"], { cwd });
  return program;
}

async function beside(
  { name, theirs, ours, least }: Load,
  times: number,
  benchmark: string,
  addresses: readonly string[],
  folder: string,
): Promise<Figure[]> {
  const rates: { readonly theirs: number; readonly ours: number }[] = [];
  // In turn, so that whatever else the machine does falls on both.
  for (let time = 0; time < times; time++) {
    rates.push({
      theirs: await theirsRate(benchmark, addresses, theirs),
      ours: await oursRate(addresses, folder, ours),
    });
  }
  const all = { theirs: rates.map((rate) => rate.theirs), ours: rates.map((rate) => rate.ours) };
  return [
    { name: `${name}: etcd's benchmark`, unit: "/s", samples: all.theirs, judged: "median", bound: undefined },
    { name: `${name}: recorded traffic`, unit: "/s", samples: all.ours, judged: "median", bound: undefined },
    {
      name: `${name}: etcd's benchmark, of our rate`,
      unit: "×",
      samples: [median(all.theirs) / median(all.ours)],
      judged: "median",
      bound: 1 / least,
    },
  ];
}

async function theirsRate(benchmark: string, addresses: readonly string[], load: readonly string[]): Promise<number> {
  const { all } = await execa(benchmark, ["--endpoints", addresses.join(","), ...load], { all: true });
  return rateIn(all, /Requests\/sec:\s+([\d.]+)/);
}

async function oursRate(
  addresses: readonly string[],
  folder: string,
  [mix = "", concurrency = ""]: readonly string[],
): Promise<number> {
  const out = join(folder, "history.jsonl");
  const members = ["--members", addresses.map((address) => `http://${address}`).join(",")];
  const load = ["--mix", mix, "--concurrency", concurrency, "--watchers", "0", "--rate", "0"];
  const data = ["--prefix", "bench", "--keys", String(keys), "--value-size", "256"];
  const { stderr } = await execa(process.execPath, [
    "workload/commands/main.ts",
    "traffic",
    ...members,
    ...load,
    ...data,
    ...["--duration", String(seconds), "--out", out],
  ]);
  if (!/ 0 failed, 0 unknown/.test(stderr)) throw new Error(`operations failed: ${stderr}`);
  const rate = rateOf(readFileSync(out, "utf8"));
  rmSync(out);
  return rate;
}

/** Answers a second in a history, without those of its begin. */
function rateOf(history: string): number {
  const times = [...history.matchAll(/^\{"t":(\d+),"p":\d+,"ok":/gm)].map(([, t]) => Number(t) / 1e6);
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const counted = times.filter((t) => t >= first + warmUp);
  return counted.length / (last - first - warmUp);
}

function rateIn(output: string, pattern: RegExp): number {
  const rate = Number(pattern.exec(output)?.[1]);
  if (!(rate > 0)) throw new Error(`no rate in: ${output}`);
  return rate;
}
