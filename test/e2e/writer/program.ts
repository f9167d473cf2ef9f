import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { MemberClient } from "../../../workload/etcd/member-client.ts";
import { clusterSettings, findMembers } from "../../../workload/etcd/members.ts";
import { HistoryWriter, type Result } from "../../../workload/history/writer.ts";

/**
 * Runs in a client pod, away from the desk and the API server: begins a put of a new key every so many milliseconds, each
 * at the next member, none repeated, whatever became of those before. Records each in a history. SIGTERM ends it once all
 * that was begun has its outcome.
 */
const { values } = parseArgs({
  options: {
    "every-ms": { type: "string" },
    "deadline-ms": { type: "string" },
    /** Every so many puts, the last acknowledged key is read; 0: never. */
    "read-every": { type: "string" },
    prefix: { type: "string" },
    history: { type: "string" },
    /** Made when the first put was acknowledged. */
    ready: { type: "string" },
  },
});
const { prefix = "", history = "", ready = "" } = values;
const [everyMs, deadlineMs, readEvery] = [values["every-ms"], values["deadline-ms"], values["read-every"]].map(Number);
if (everyMs === undefined || deadlineMs === undefined || readEvery === undefined)
  throw new Error("an option is missing");

const MEMBERS_AGAIN_AFTER_MS = 1_000;
const settings = clusterSettings(process.env);
const clients = new Map<string, MemberClient>();
let turn: readonly MemberClient[] = [];

/** Members come and go; the clients of those that went finish what they have begun. */
async function lookForMembers(): Promise<void> {
  const found = await findMembers(settings);
  turn = found.map((address) => {
    const client = clients.get(address.host) ?? new MemberClient(address, deadlineMs ?? 0);
    clients.set(address.host, client);
    return client;
  });
}

const writer = new HistoryWriter(history);
/** Logical clients that have nothing running: in a history each runs one operation at a time. */
const idle: number[] = [];
let processes = 0;
let begun = 0;
let running = 0;
let acknowledged: string | undefined;

async function operation(run: (process: number) => Promise<Result>): Promise<void> {
  const process = idle.pop() ?? processes++;
  running++;
  const result = await run(process);
  writer.end(process, result);
  running--;
  // A logical client whose write may still happen has not ended it: the next operation is another client's.
  if (!("unknown" in result)) idle.push(process);
}

async function put(client: MemberClient, key: string, value: string, process: number): Promise<Result> {
  writer.begin(process, client.member, { op: "put", key, value });
  const outcome = await client.put(key, value);
  if (outcome.kind === "failed") return { failed: outcome.error.message };
  if (outcome.kind === "unknown") return { unknown: outcome.error.message };
  if (acknowledged === undefined) writeFileSync(ready, "");
  acknowledged = key;
  return { ok: outcome.value };
}

async function get(client: MemberClient, key: string, process: number): Promise<Result> {
  writer.begin(process, client.member, { op: "get", key });
  const outcome = await client.get(key);
  if (outcome.kind !== "ok") return { failed: outcome.error.message };
  return { ok: outcome.value };
}

function tick(): void {
  const [writing, reading] = [turn[begun % turn.length], turn[(begun + 1) % turn.length]];
  if (writing === undefined || reading === undefined) return;
  const number = begun++;
  void operation((process) => put(writing, `${prefix}${number}`, `value ${number}`, process));
  const key = acknowledged;
  if (readEvery && key !== undefined && number % readEvery === 0) {
    void operation((process) => get(reading, key, process));
  }
}

async function main(): Promise<void> {
  await lookForMembers();
  const looking = setInterval(() => void lookForMembers(), MEMBERS_AGAIN_AFTER_MS);
  const ticking = setInterval(tick, everyMs);
  process.once("SIGTERM", () => {
    clearInterval(looking);
    clearInterval(ticking);
    const ending = setInterval(() => {
      if (running > 0) return;
      clearInterval(ending);
      writer.close();
      // Connections to members that are gone, which gRPC would go on trying to make, are nobody's business any more.
      process.exit(0);
    }, 10);
  });
}

void main();
