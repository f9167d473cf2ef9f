import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check } from "../checker/check.ts";
import { verdictInWords } from "../checker/report.ts";
import { MemberClients } from "../etcd/member-clients.ts";
import { findMembers } from "../etcd/members.ts";
import { readHistory } from "../history/reader.ts";
import { HistoryWriter } from "../history/writer.ts";
import { randomBetween, randomChoice, uniqueName } from "../random.ts";
import { KeySpace } from "../traffic/key-space.ts";
import { rolledMix } from "../traffic/mix.ts";
import { runTraffic } from "../traffic/run.ts";
import { type TestCommand, type TestContext } from "./test-command.ts";

/** The whole of it in one command: traffic of all kinds with few keys, and the verdict on what was observed. */
export const checkHistory: TestCommand = {
  name: "singleton_driver_check_history",
  summary:
    "Traffic of every kind for 5 to 15 seconds, recorded; then the history is judged for strict serializability.",
  run,
};

async function run(context: TestContext): Promise<boolean> {
  const { cluster, deadlineMs, assertions, say } = context;
  const clients = new MemberClients(() => findMembers(cluster), deadlineMs);
  const folder = mkdtempSync(join(tmpdir(), "history-"));
  const file = join(folder, "history.jsonl");
  try {
    await clients.refresh();
    const since = await revisionOf(clients);
    if (since === undefined) {
      say("no member answers: nothing was recorded");
      return true;
    }
    await record(context, clients, file, since);
    const history = readHistory([file]);
    const verdict = check(history);
    const sound = verdict.violations.length === 0;
    const words = verdictInWords(history, verdict);
    assertions.alwaysOrUnreachable("Every recorded history is strictly serializable", sound, {
      violations: sound ? null : words,
    });
    say(words);
    return sound;
  } finally {
    clients.close();
    rmSync(folder, { recursive: true });
  }
}

async function revisionOf(clients: MemberClients): Promise<bigint | undefined> {
  for (const client of clients.current) {
    const answer = await client.get("\0");
    if (answer.kind === "ok") return BigInt(answer.value.revision);
  }
  return undefined;
}

async function record(context: TestContext, clients: MemberClients, file: string, since: bigint): Promise<void> {
  const { random, say } = context;
  const options = {
    mix: rolledMix(random),
    concurrency: randomBetween(random, 2, 8),
    watchers: 1,
    rate: randomChoice(random, [50, 200]),
  };
  const keys = new KeySpace(`${uniqueName()}/`, randomChoice(random, [1, 3, 10]));
  const start = uniqueName();
  let given = 0;
  const writer = new HistoryWriter(file, { since: String(since) });
  const newValue = () => `${start}-${given++}`;
  const time = AbortSignal.timeout(randomBetween(random, 5, 15) * 1000);
  const counts = await runTraffic(options, { clients, writer, keys, random, newValue, since }, time);
  writer.close();
  say(`recorded ${counts.ok} operations that were answered, ${counts.failed} failed, ${counts.unknown} unknown`);
}
