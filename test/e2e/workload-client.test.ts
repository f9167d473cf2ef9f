import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AcknowledgedLog, acknowledgedAnywhere } from "../../workload/acknowledged.ts";
import { check } from "../../workload/checker/check.ts";
import { verdictInWords } from "../../workload/checker/report.ts";
import { MemberClient } from "../../workload/etcd/member-client.ts";
import { type Outcome } from "../../workload/etcd/outcome.ts";
import { type Acknowledged } from "../../workload/generated-traffic.ts";
import { readHistory } from "../../workload/history/reader.ts";
import { RecordedClient } from "../../workload/history/recorder.ts";
import { HistoryWriter } from "../../workload/history/writer.ts";
import { etcdProgram, SingleEtcd } from "./single-etcd.ts";

const deadlineMs = 500;

function okValue<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== "ok") assert.fail(`${outcome.kind}: ${outcome.error.message}`);
  return outcome.value;
}

function clientOf(port: number): MemberClient {
  return new MemberClient({ host: "127.0.0.1", port }, deadlineMs);
}

describe("the workload's client on a real etcd", () => {
  let program: string;
  let etcd: SingleEtcd;
  let client: MemberClient;
  const cleanUp: (() => Promise<void>)[] = [];

  before(async function () {
    this.timeout(600_000);
    const path = await etcdProgram();
    // On a cluster one has there is no need for the local toolchain, and this test is about the client alone.
    if (path === undefined) this.skip();
    program = path;
    etcd = await SingleEtcd.start(program);
    cleanUp.push(() => etcd.remove());
    client = clientOf(etcd.clientPort);
  });

  after(async () => {
    for (const step of cleanUp) await step();
  });

  it("puts and gets, with exact revisions", async () => {
    const first = okValue(await client.put("a", "1"));
    const second = okValue(await client.put("a", "zwölf €"));
    assert.equal(BigInt(second.revision), BigInt(first.revision) + 1n);
    const { revision, kv } = okValue(await client.get("a"));
    assert.equal(revision, second.revision);
    assert.deepEqual(kv, { value: "zwölf €", create: first.revision, mod: second.revision, version: "2" });
    assert.deepEqual(okValue(await client.get("a", "serializable")).kv, kv);
  });

  it("finds all that commands of other pods recorded as acknowledged, however much it is", async () => {
    const folder = mkdtempSync(join(tmpdir(), "acknowledged-"));
    const log = new AcknowledgedLog({ WORKLOAD_STATE_DIR: folder }, [client], "run");
    const puts = Array.from({ length: 2345 }, (_, index) => ({
      key: `k${index}`,
      value: "v",
      revision: String(index),
    }));
    for (const put of puts) await log.add(put);
    await log.flush();
    const byKey = (a: Acknowledged, b: Acknowledged) => (a.key < b.key ? -1 : 1);
    assert.deepEqual([...okValue(await acknowledgedAnywhere(client))].sort(byKey), puts.toSorted(byKey));
    rmSync(folder, { recursive: true });
  }).timeout(20_000);

  it("says that a key is not there", async () => {
    assert.equal(okValue(await client.get("no such key")).kv, null);
  });

  it("calls a write to a paused member unknown at its deadline, a read failed, and repeats neither", async () => {
    await etcd.pause();
    const started = performance.now();
    const [put, get] = await Promise.all([client.put("paused", "1"), client.get("paused")]);
    const took = performance.now() - started;
    etcd.resume();
    assert.deepEqual([put.kind, get.kind], ["unknown", "failed"]);
    assert.ok(took > deadlineMs * 0.9 && took < deadlineMs * 3, `${took} ms`);
    if (put.kind === "unknown") assert.equal(put.error.code, 4);
    await sleep(deadlineMs);
    const { kv } = okValue(await client.get("paused"));
    assert.ok(kv === null || kv.version === "1", `applied ${kv?.version ?? 0} times`);
  }).timeout(10_000);

  it("calls a write to a closed port failed, at once, and is back as soon as the member is", async () => {
    await etcd.kill();
    const started = performance.now();
    // The first may still go out on the connection that just died.
    const outcomes = [];
    for (let attempt = 0; attempt < 5; attempt++) outcomes.push(await client.put("closed", String(attempt)));
    assert.ok(performance.now() - started < deadlineMs * 2);
    assert.deepEqual(
      outcomes.slice(1).map(({ kind }) => kind),
      ["failed", "failed", "failed", "failed"],
    );
    await etcd.run();
    okValue(await client.put("closed", "open"));
    const { kv } = okValue(await client.get("closed"));
    assert.deepEqual([kv?.value, kv?.version], ["open", "1"]);
  }).timeout(30_000);

  it("does not call a write refused for want of space, as the one that fills the quota is applied all the same", async function () {
    this.timeout(60_000);
    const small = await SingleEtcd.start(program, "--quota-backend-bytes", String(2 * 1024 * 1024));
    const filling = clientOf(small.clientPort);
    try {
      const value = "x".repeat(300_000);
      let refused: Outcome<unknown> | undefined;
      for (let key = 0; key < 40 && refused === undefined; key++) {
        const outcome = await filling.put(`k${key}`, value);
        if (outcome.kind !== "ok") refused = outcome;
      }
      assert.equal(refused?.kind, "unknown");
      assert.deepEqual(refused.error.code, 8, refused.error.message);
    } finally {
      filling.close();
      await small.remove();
    }
  });

  it("makes a history that is sound, through pauses and kills of the member", async function () {
    this.timeout(60_000);
    const folder = mkdtempSync(join(tmpdir(), "history-"));
    const file = join(folder, "history.jsonl");
    const since = okValue(await client.get("h0")).revision;
    const writer = new HistoryWriter(file, { since: since });
    const clients = Array.from({ length: 4 }, () => clientOf(etcd.clientPort));
    const until = performance.now() + 4000;
    const running = clients.map((each, process) => record(each, process, writer, until));
    for (const moment of ["stop", "continue", "kill"] as const) {
      await sleep(700);
      if (moment === "stop") await etcd.pause();
      else if (moment === "continue") etcd.resume();
      else {
        await etcd.kill();
        await etcd.run();
      }
    }
    await Promise.all(running);
    writer.close();
    for (const each of clients) each.close();
    const history = readHistory([file]);
    const verdict = check(history);
    assert.deepEqual(verdict.violations, [], verdictInWords(history, verdict));
    const outcomes = new Set(history.operations.map(({ outcome }) => outcome));
    assert.ok(history.operations.length > 500 && outcomes.size === 3, [...outcomes].join());
    rmSync(folder, { recursive: true });
  });
});

/** Puts and gets of a few keys, one after the other, each recorded. */
async function record(client: MemberClient, process: number, writer: HistoryWriter, until: number): Promise<void> {
  const recorded = new RecordedClient(process, writer);
  for (let count = 0; performance.now() < until; count++) {
    const key = `h${(process + count) % 3}`;
    await recorded.call(
      client,
      count % 2 === 0 ? { op: "put", key, value: `${process}-${count}` } : { op: "get", key },
    );
    // A member that refuses at once would fill the history with refusals.
    await sleep(1);
  }
}
