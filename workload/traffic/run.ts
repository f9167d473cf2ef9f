import { setTimeout as sleep } from "node:timers/promises";
import { type Call, type MemberClient } from "../etcd/member-client.ts";
import { type MemberClients } from "../etcd/member-clients.ts";
import { type Outcome } from "../etcd/outcome.ts";
import { RecordedClient } from "../history/recorder.ts";
import { type HistoryWriter } from "../history/writer.ts";
import { type RandomSource } from "../random.ts";
import { chooseCall, learn, type NewValue } from "./choose-call.ts";
import { type KeySpace } from "./key-space.ts";
import { runLease } from "./lease.ts";
import { chooseActivity, type Mix } from "./mix.ts";
import { pace } from "./pace.ts";
import { Watchers } from "./watchers.ts";

export interface TrafficOptions {
  readonly mix: Mix;
  /** Logical clients, each with one operation at a time. */
  readonly concurrency: number;
  /** Watches at the same time, besides the clients. */
  readonly watchers: number;
  /** Operations a second of all clients together; undefined: as fast as answers come. */
  readonly rate: number | undefined;
}

export interface TrafficContext {
  readonly clients: MemberClients;
  readonly writer: HistoryWriter;
  readonly keys: KeySpace;
  readonly random: RandomSource;
  readonly newValue: NewValue;
  /** The store's revision before the first operation. */
  readonly since: bigint;
}

export type Counts = Record<Outcome<unknown>["kind"], number>;

/** How often the members are looked up anew, and how long a client rests after a call that failed, in milliseconds. */
const refreshMs = 1000;
const restMs = 20;

/**
 * Runs until `signal` is aborted, then lets what has begun come to its end. Client n uses member n (counted round), so that
 * each member has traffic of its own and an outage of one shows as that.
 * @returns how many operations ended in which way; watches are not counted
 */
export async function runTraffic(
  options: TrafficOptions,
  context: TrafficContext,
  signal: AbortSignal,
): Promise<Counts> {
  const counts: Counts = { ok: 0, failed: 0, unknown: 0 };
  const watchers = new Watchers(options.concurrency, options.watchers, context);
  const clients = Array.from({ length: options.concurrency }, (_, number) =>
    runClient(number, options, context, watchers, counts, signal),
  );
  await Promise.all([...clients, refreshed(context.clients, signal)]);
  await watchers.stop();
  return counts;
}

async function runClient(
  number: number,
  { mix, rate, concurrency }: TrafficOptions,
  context: TrafficContext,
  watchers: Watchers,
  counts: Counts,
  signal: AbortSignal,
): Promise<void> {
  const { clients, writer, keys, random, newValue } = context;
  const recorded = new RecordedClient(number, writer);
  const paced = pace(rate === undefined ? undefined : rate / concurrency, number / concurrency);
  const run = async <C extends Call>(client: MemberClient, call: C) => {
    const outcome = await recorded.call(client, call);
    counts[outcome.kind] += 1;
    if (outcome.kind === "ok") {
      learn(keys, call, outcome.value);
      if ("revision" in outcome.value) watchers.known(BigInt(outcome.value.revision));
    } else await sleep(restMs);
    return outcome;
  };
  for (;;) {
    await paced.next(signal);
    if (signal.aborted) return;
    const client = clients.current[number % clients.current.length];
    if (client === undefined) throw new Error("traffic needs a member");
    const activity = chooseActivity(random, mix);
    if (activity === "watch") {
      if (!watchers.start(client)) await sleep(restMs);
    } else if (activity === "lease") await runLease((call) => run(client, call), keys, random, newValue);
    else await run(client, chooseCall(activity, random, keys, newValue));
  }
}

/** DNS may take many seconds to say nothing: the end does not wait for it. */
async function refreshed(clients: MemberClients, signal: AbortSignal): Promise<void> {
  const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  for (;;) {
    await Promise.race([sleep(refreshMs), aborted]);
    if (signal.aborted) return;
    await Promise.race([clients.refresh(), aborted]);
  }
}
