import { parseArgs } from "node:util";
import { type MemberAddress } from "../etcd/member-client.ts";
import { clusterSettings, type ClusterSettings } from "../etcd/members.ts";
import { randomBetween, randomChoice, randomText, type RandomSource } from "../random.ts";
import { activities, parseMix, rolledMix, type Mix } from "../traffic/mix.ts";
import { type TrafficOptions } from "../traffic/run.ts";

export const trafficUsage = `Usage: traffic [options]
Operations on the cluster, one client per member and nothing repeated, with the history of them as JSON lines on standard
output. What is said to people goes to standard error. Under kubectl:
  kubectl exec POD -- /opt/etcd-on-kubernetes/traffic --duration 30 > history.jsonl
What is not given is rolled.
  --mix M          weights, as put=50,get=40,watch=1; of: ${activities.join(", ")}
  --keys N         number of keys (1 to 1000000)
  --prefix P       what the keys begin with; the same for processes that are to meet (default: of this run alone)
  --value-size N   bytes of a value, at least what makes it unique (default 16)
  --concurrency N  clients with one operation at a time each (1 to 1000); client n uses member n, counted round
  --watchers N     watches at the same time, besides them (0 to 100)
  --rate R         operations a second of all clients together, evenly; 0: as fast as answers come
  --duration S     seconds (default 10)
  --deadline-ms N  how long an operation may take, in milliseconds (default 2000)
  --out FILE       a new file for the history, instead of standard output
  --until-stdin-closes   end as well when standard input closes: for kubectl exec -i
  --members LIST   addresses such as http://etcd-0.etcd:2379, instead of those the pod's environment leads to
  --record FILE    append every random draw to FILE, one per line
  --replay FILE    take the random draws from FILE
It ends after its time, or on SIGTERM or SIGINT: begins nothing more, lets what runs come to its end, writes all out.
Exit code: 0 ended as asked, whatever came of the operations; 1 no member ever answered; 2 wrong use.`;

/** What may be rolled. */
export interface RolledOptions extends TrafficOptions {
  readonly prefix: string;
  readonly keys: number;
}

export interface TrafficCommandOptions {
  readonly rolled: (random: RandomSource) => RolledOptions;
  readonly valueSize: number;
  readonly durationMs: number;
  readonly deadlineMs: number;
  readonly out: string | undefined;
  readonly untilStdinCloses: boolean;
  /** Where the members are found by DNS; undefined: `members` are all there are. */
  readonly cluster: ClusterSettings | undefined;
  readonly members: readonly MemberAddress[];
  readonly record: string | undefined;
  readonly replay: string | undefined;
}

const flags = {
  help: { type: "boolean", short: "h", default: false },
  mix: { type: "string" },
  keys: { type: "string" },
  prefix: { type: "string" },
  "value-size": { type: "string", default: "16" },
  concurrency: { type: "string" },
  watchers: { type: "string" },
  rate: { type: "string" },
  duration: { type: "string", default: "10" },
  "deadline-ms": { type: "string", default: "2000" },
  out: { type: "string" },
  "until-stdin-closes": { type: "boolean", default: false },
  members: { type: "string" },
  record: { type: "string" },
  replay: { type: "string" },
} as const;

/** @throws Error naming the flag and what was expected */
export function trafficOptions(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): TrafficCommandOptions | "help" {
  const { values } = parseArgs({ args: [...args], options: flags });
  if (values.help) return "help";
  const { mix, prefix, members, out, record, replay } = values;
  const given = {
    mix: mix === undefined ? undefined : parseMix(mix),
    keys: optional(values.keys, (text) => whole("keys", text, 1, 1_000_000)),
    concurrency: optional(values.concurrency, (text) => whole("concurrency", text, 1, 1000)),
    watchers: optional(values.watchers, (text) => whole("watchers", text, 0, 100)),
    rate: optional(values.rate, (text) => number("rate", text, 0)),
  };
  return {
    rolled: (random) => roll(random, given, prefix),
    valueSize: whole("value-size", values["value-size"], 0, 1_000_000),
    durationMs: number("duration", values.duration, 0) * 1000,
    deadlineMs: whole("deadline-ms", values["deadline-ms"], 1, 600_000),
    out,
    untilStdinCloses: values["until-stdin-closes"],
    cluster: members === undefined ? clusterSettings(environment) : undefined,
    members: members === undefined ? [] : members.split(",").map(address),
    record,
    replay,
  };
}

interface Given {
  readonly mix: Mix | undefined;
  readonly keys: number | undefined;
  readonly concurrency: number | undefined;
  readonly watchers: number | undefined;
  readonly rate: number | undefined;
}

function roll(random: RandomSource, given: Given, prefix: string | undefined): RolledOptions {
  const rate = given.rate ?? randomChoice(random, [20, 100, 500]);
  return {
    mix: given.mix ?? rolledMix(random),
    keys: given.keys ?? randomChoice(random, [1, 3, 10, 100]),
    concurrency: given.concurrency ?? randomBetween(random, 1, 12),
    watchers: given.watchers ?? randomBetween(random, 1, 3),
    rate: rate === 0 ? undefined : rate,
    prefix: prefix ?? `${randomText(random, 8)}/`,
  };
}

function optional<T>(text: string | undefined, parse: (text: string) => T): T | undefined {
  return text === undefined ? undefined : parse(text);
}

function number(flag: string, text: string, low: number): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < low) {
    throw new Error(`--${flag} is "${text}": expected a number from ${low}`);
  }
  return value;
}

function whole(flag: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < low || value > high) {
    throw new Error(`--${flag} is "${text}": expected a whole number from ${low} to ${high}`);
  }
  return value;
}

function address(text: string): MemberAddress {
  const parts = /^http:\/\/([A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(text.trim());
  const [, host = "", port] = parts ?? [];
  if (parts === null) {
    throw new Error(`--members has "${text}": expected an address such as http://etcd-0.etcd:2379`);
  }
  return { host, ...(port === undefined ? {} : { port: Number(port) }) };
}
