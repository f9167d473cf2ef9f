import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { check } from "../../workload/checker/check.ts";
import { verdictInWords } from "../../workload/checker/report.ts";
import { type History } from "../../workload/history/operation.ts";
import { readHistory } from "../../workload/history/reader.ts";

import { etcdProgram, SingleEtcd } from "./single-etcd.ts";

const program = ["workload/commands/main.ts", "traffic"];
const every = "put=20,get=20,serializable-get=5,range=5,delete=5,swap=10,multi=10,lease=3,watch=2";

describe("the recording traffic on a real etcd", () => {
  let etcd: SingleEtcd;
  let members: readonly string[];
  const folder = mkdtempSync(join(tmpdir(), "traffic-"));

  before(async function () {
    this.timeout(600_000);
    const path = await etcdProgram();
    // On a cluster one has there is no need for the local toolchain.
    if (path === undefined) this.skip();
    etcd = await SingleEtcd.start(path);
    members = ["--members", `http://127.0.0.1:${etcd.clientPort}`];
  });

  after(async () => {
    rmSync(folder, { recursive: true });
    await etcd.remove();
  });

  function traffic(...args: string[]) {
    return execa(process.execPath, [...program, ...members, ...args], { reject: false, stripFinalNewline: false });
  }

  function sound(...files: string[]): History {
    const history = readHistory(files);
    const verdict = check(history);
    assert.deepEqual(verdict.violations, [], verdictInWords(history, verdict));
    return history;
  }

  it("records operations of every kind, from two processes on the same keys, through a kill of the member", async () => {
    const files = ["one", "two"].map((name) => join(folder, `${name}.jsonl`));
    const common = ["--mix", every, "--keys", "5", "--prefix", "all/", "--rate", "300", "--concurrency", "6"];
    const running = files.map((out) =>
      traffic(...common, "--watchers", "2", "--duration", "6", "--deadline-ms", "500", "--out", out),
    );
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await etcd.kill();
    await etcd.run();
    const ended = await Promise.all(running);
    assert.deepEqual(
      ended.map(({ exitCode }) => exitCode),
      [0, 0],
      ended.map(({ stderr }) => stderr).join("\n"),
    );
    const history = sound(...files);
    const kinds = new Set(history.operations.filter(({ outcome }) => outcome === "ok").map(({ kind }) => kind));
    assert.deepEqual(
      [...kinds].sort(),
      ["delete", "get", "grant", "keepalive", "put", "range", "revoke", "txn", "watch"],
      history.warnings.join("\n"),
    );
    assert.ok(history.operations.some(({ outcome }) => outcome !== "ok"));
    const watched = history.operations.flatMap(({ detail }) => (detail?.kind === "watch" ? detail.answers : []));
    assert.ok(watched.some(({ events }) => events.length > 0));
    assert.deepEqual(history.warnings, []);
  }).timeout(30_000);

  it("writes the history to standard output, and ends on SIGTERM with all of it written", async () => {
    const running = traffic("--rate", "200", "--duration", "60", "--prefix", "term/");
    setTimeout(() => running.kill("SIGTERM"), 1500);
    const { exitCode, stdout, stderr } = await running;
    assert.equal(exitCode, 0, stderr);
    const file = join(folder, "stdout.jsonl");
    writeFileSync(file, stdout);
    assert.deepEqual(sound(file).warnings, []);
    assert.match(stderr, /traffic: \d+ operations: \d+ ok, 0 failed, 0 unknown; [\d.]+ ok\/s\n$/);
  }).timeout(10_000);

  it("ends when its standard input closes, if asked to", async () => {
    const running = traffic("--until-stdin-closes", "--rate", "50", "--duration", "60");
    setTimeout(() => running.stdin.end(), 3000);
    const { exitCode, stdout } = await running;
    assert.equal(exitCode, 0);
    assert.ok(stdout.split("\n").length > 20);
  }).timeout(10_000);

  it("ends when nobody reads the history any more", async () => {
    const running = traffic("--rate", "500", "--duration", "60");
    setTimeout(() => running.stdout.destroy(), 1000);
    const { exitCode, stderr } = await running;
    assert.equal(exitCode, 1);
    assert.match(stderr, /traffic: the history can't be written: EPIPE/);
  }).timeout(10_000);

  it("keeps to its pace", async () => {
    const out = join(folder, "pace.jsonl");
    await traffic("--rate", "50", "--concurrency", "5", "--mix", "put=1", "--duration", "4", "--out", out);
    const begun = readFileSync(out, "utf8").match(/"op":"put"/g)?.length ?? 0;
    assert.ok(begun > 150 && begun <= 205, `${begun} in 4 s`);
  }).timeout(15_000);

  it("repeats a recorded run's choices", async () => {
    const draws = join(folder, "draws");
    const common = ["--rate", "100", "--concurrency", "1", "--watchers", "0", "--duration", "1"];
    const first = await traffic(...common, "--record", draws);
    const again = await traffic(...common, "--replay", draws);
    const choices = (stdout: string) => [...stdout.matchAll(/"op":"\w+","key":"[^"]+"/g)].map(([choice]) => choice);
    const [one, two] = [choices(first.stdout), choices(again.stdout)];
    const length = Math.min(one.length, two.length, 30);
    assert.ok(length > 5);
    assert.deepEqual(two.slice(0, length), one.slice(0, length));
  }).timeout(15_000);

  it("says so when no member answers, and ends with 1", async () => {
    const nobody = ["--members", "http://127.0.0.1:1", "--duration", "1", "--deadline-ms", "200"];
    const { exitCode, stderr, stdout } = await execa(process.execPath, [...program, ...nobody], { reject: false });
    assert.equal(exitCode, 1);
    assert.match(stderr, /no member answered a read, so nothing was recorded/);
    assert.equal(stdout, "");
  }).timeout(10_000);
});
