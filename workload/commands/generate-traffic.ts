import { parseArgs } from "node:util";
import { workloadAssertions } from "../assertions/catalog.ts";
import { MemberClient } from "../etcd/member-client.ts";
import { clusterSettings, findMembers } from "../etcd/members.ts";
import { randomSource } from "../random-source.ts";
import { simulateTraffic, validatePuts, type PutPhase, type ReadPhase } from "../generated-traffic.ts";

const usage = `Usage: parallel_driver_generate_traffic [--deadline-ms N] [--record FILE | --replay FILE]
1 to 100 puts of random keys through a random member, then reads of them through a random member.
  --deadline-ms N  how long a call may take, in milliseconds (default 2000)
  --record FILE    append every random draw to FILE, one per line
  --replay FILE    take the random draws from FILE: the same keys, members and counts again
Exit code: 0 sound (calls may fail under faults), 1 an acknowledged put was not read back as written, 2 wrong use.`;

interface Options {
  readonly deadlineMs: number;
  readonly record: string | undefined;
  readonly replay: string | undefined;
}

const options = readOptions();
if (options !== undefined) void run(options);

function readOptions(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: {
        help: { type: "boolean", short: "h", default: false },
        "deadline-ms": { type: "string", default: "2000" },
        record: { type: "string" },
        replay: { type: "string" },
      },
    });
    if (values.help) {
      console.log(usage);
      return undefined;
    }
    const deadlineMs = Number(values["deadline-ms"]);
    if (!Number.isInteger(deadlineMs) || deadlineMs < 1) {
      throw new Error(`--deadline-ms is "${values["deadline-ms"]}": expected a whole number of milliseconds from 1`);
    }
    return { deadlineMs, record: values.record, replay: values.replay };
  } catch (error) {
    wrongUse(error);
    return undefined;
  }
}

async function run({ deadlineMs, record, replay }: Options): Promise<void> {
  const start = beginning(record, replay);
  if (start === undefined) return;
  const assertions = workloadAssertions(process.env);
  const members = await findMembers(start.settings);
  if (members.length === 0) {
    const { clusterName, peerService } = start.settings;
    console.log(`Client: no member of ${clusterName} resolves under ${peerService}: nothing was sent`);
    return;
  }
  const clients = members.map((address) => new MemberClient(address, deadlineMs));
  try {
    const puts = await simulateTraffic(start.random, clients, assertions, console.log);
    const reads = await validatePuts(start.random, clients, puts.acknowledged, assertions, console.log);
    console.log(summary(puts, reads));
    if (reads.violation !== undefined) process.exitCode = 1;
  } finally {
    for (const client of clients) client.close();
  }
}

function beginning(record: string | undefined, replay: string | undefined) {
  try {
    return { settings: clusterSettings(process.env), random: randomSource({ record, replay }) };
  } catch (error) {
    wrongUse(error);
    return undefined;
  }
}

function summary(puts: PutPhase, reads: ReadPhase): string {
  const { acknowledged, failed, unknown } = puts;
  return (
    `Client: ${acknowledged.length + failed + unknown} puts through ${puts.member}: ` +
    `${acknowledged.length} acknowledged, ${failed} failed, ${unknown} unknown; ` +
    `reads through ${reads.member}: ${reads.asWritten} as written, ${reads.unread} not read`
  );
}

function wrongUse(error: unknown): void {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
