import { setTimeout as sleep } from "node:timers/promises";
import { MemberClients } from "../etcd/member-clients.ts";
import { findMembers } from "../etcd/members.ts";
import { HistoryWriter } from "../history/writer.ts";
import { uniqueName } from "../random.ts";
import { randomSource } from "../random-source.ts";
import { KeySpace } from "../traffic/key-space.ts";
import { mixInWords } from "../traffic/mix.ts";
import { runTraffic } from "../traffic/run.ts";
import { endSignal } from "./end-signal.ts";
import { trafficOptions, trafficUsage, type TrafficCommandOptions } from "./traffic-options.ts";

/** Says something to whoever runs the command; standard output belongs to the history. */
function say(line: string): void {
  console.error(`traffic: ${line}`);
}

/** The recording traffic; see trafficUsage. */
export async function traffic(args: readonly string[]): Promise<number> {
  let options: TrafficCommandOptions | "help";
  try {
    options = trafficOptions(args, process.env);
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}\n\n${trafficUsage}`);
    return 2;
  }
  if (options !== "help") return run(options);
  console.log(trafficUsage);
  return 0;
}

async function run(options: TrafficCommandOptions): Promise<number> {
  const { members, cluster, deadlineMs } = options;
  const find = () => (cluster === undefined ? Promise.resolve(members) : findMembers(cluster));
  const clients = new MemberClients(find, deadlineMs);
  const end = endSignal(options);
  try {
    const since = await revisionBefore(clients, end.signal);
    if (since === undefined) {
      say("no member answered a read, so nothing was recorded");
      return 1;
    }
    await record(options, clients, since, end.signal);
    return 0;
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    // Such as EPIPE, when whoever read the history has gone, or ENOSPC.
    say(`the history can't be written: ${error.message}`);
    return 1;
  } finally {
    end.abort();
    clients.close();
  }
}

async function record(
  options: TrafficCommandOptions,
  clients: MemberClients,
  since: bigint,
  ends: AbortSignal,
): Promise<void> {
  const random = randomSource(options);
  const settings = options.rolled(random);
  const keys = new KeySpace(settings.prefix, settings.keys);
  const writer = new HistoryWriter(options.out ?? 1, { since: String(since) });
  const rate = settings.rate === undefined ? "as fast as answers come" : `${settings.rate}/s`;
  say(
    `${clients.current.length} members; ${mixInWords(settings.mix)}; ${settings.keys} keys ${keys.prefix}…; ` +
      `${settings.concurrency} clients, ${settings.watchers} watchers; ${rate}; since revision ${since}`,
  );
  const context = { clients, writer, keys, random, newValue: values(options.valueSize), since };
  const started = performance.now();
  const counts = await runTraffic(settings, context, ends);
  const seconds = (performance.now() - started) / 1000;
  writer.close();
  const { ok, failed, unknown } = counts;
  say(
    `${ok + failed + unknown} operations: ${ok} ok, ${failed} failed, ${unknown} unknown; ${(ok / seconds).toFixed(1)} ok/s`,
  );
}

/** The store's revision before anything is done: asked of one member after the other until one answers, or the time is over. */
async function revisionBefore(clients: MemberClients, ends: AbortSignal): Promise<bigint | undefined> {
  while (!ends.aborted) {
    await clients.refresh();
    for (const client of clients.current) {
      const answer = await client.get("\0");
      if (answer.kind === "ok") return BigInt(answer.value.revision);
    }
    await sleep(100, undefined, { signal: ends }).catch(() => undefined);
  }
  return undefined;
}

/** Values that no other process and no earlier call gives, of this many bytes or as many as it takes. */
function values(size: number): () => string {
  const start = uniqueName();
  let given = 0;
  return () => `${start}-${given++}`.padEnd(size, ".");
}
