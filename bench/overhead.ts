import { mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { usualTraffic } from "../drill/run/traffic.ts";
import { TestStack } from "../test/e2e/world.ts";
import { type MemberAddress } from "../workload/etcd/member-client.ts";
import { MemberClients } from "../workload/etcd/member-clients.ts";
import { HistoryWriter } from "../workload/history/writer.ts";
import { randomSource } from "../workload/random-source.ts";
import { uniqueName } from "../workload/random.ts";
import { KeySpace } from "../workload/traffic/key-space.ts";
import { parseMix } from "../workload/traffic/mix.ts";
import { runTraffic } from "../workload/traffic/run.ts";
import { memberAddresses } from "./member-addresses.ts";
import { median, type Figure } from "./result.ts";

/** As many clients as the pods of the default settings have in a drill. */
const concurrency = 12;
/** How long each measurement is, in milliseconds. */
const phaseMs = 4_000;

/** Takes a history and writes nothing. */
class Unrecorded extends HistoryWriter {
  constructor() {
    super(openSync("/dev/null", "w"));
  }
  override begin(): void {
    // Not recorded.
  }
  override end(): void {
    // Not recorded.
  }
  override seen(): void {
    // Not recorded.
  }
}

/**
 * What recording costs: the drill's traffic, as fast as answers come, with its history written to a file and not, in turn in one
 * process, which begins with the one and the other by turns. The clients run on this machine, outside the cluster.
 */
export async function run(rounds: number): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "bench-overhead-"));
  // Without a limit of CPU time, which would be all that is measured.
  const resources = { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "1Gi" } };
  const stack = new TestStack("bench-overhead", { "etcd:resources": resources, "etcd:clientReplicas": 0 });
  try {
    await stack.removeLeftovers();
    await stack.run("up");
    return await measure(rounds, await memberAddresses(stack), folder);
  } finally {
    rmSync(folder, { recursive: true });
    await stack.cleanUp();
  }
}

async function measure(rounds: number, hosts: readonly string[], folder: string): Promise<Figure[]> {
  const members = hosts.map((host): MemberAddress => ({ host }));
  const clients = new MemberClients(() => Promise.resolve(members), 2_000);
  await clients.refresh();
  const recorded: number[] = [];
  const unrecorded: number[] = [];
  try {
    const measured = async (record: boolean): Promise<number> => {
      const file = join(folder, `${uniqueName()}.jsonl`);
      const writer = record ? new HistoryWriter(file) : new Unrecorded();
      const rate = await rateOf(clients, writer);
      writer.close();
      if (record) rmSync(file);
      return rate;
    };
    // JavaScript is compiled while it runs: neither of these counts.
    for (const record of [true, false]) await measured(record);
    for (let round = 0; round < rounds; round++) {
      const recordFirst = round % 2 === 0;
      for (const record of [recordFirst, !recordFirst]) (record ? recorded : unrecorded).push(await measured(record));
    }
  } finally {
    clients.close();
  }
  const overhead = 100 * (1 - median(recorded) / median(unrecorded));
  return [
    { name: "operations, recorded", unit: "/s", samples: recorded, judged: "median", bound: undefined },
    { name: "operations, not recorded", unit: "/s", samples: unrecorded, judged: "median", bound: undefined },
    { name: "lost by recording", unit: "%", samples: [overhead], judged: "median", bound: 10 },
  ];
}

/** Operations a second that were answered. */
async function rateOf(clients: MemberClients, writer: HistoryWriter): Promise<number> {
  let number = 0;
  const context = {
    ...{
      clients,
      writer,
      keys: new KeySpace(`${uniqueName()}/`, 60),
      random: randomSource({ record: undefined, replay: undefined }),
    },
    ...{ newValue: () => `value-${number++}`.padEnd(16, "."), since: 0n },
  };
  const options = { mix: parseMix(usualTraffic.mix), concurrency, watchers: 1, rate: undefined };
  const began = performance.now();
  const { ok, failed, unknown } = await runTraffic(options, context, AbortSignal.timeout(phaseMs));
  if (failed + unknown > 0) throw new Error(`${failed} operations failed, of ${unknown} nothing is known`);
  return (ok * 1000) / (performance.now() - began);
}
