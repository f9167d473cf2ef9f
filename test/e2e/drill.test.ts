import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { type Report } from "../../drill/report-format.ts";
import { eventually, TestStack, worldEnvironment } from "./world.ts";

describe("the fault drill", function () {
  this.timeout(400_000);
  const folder = mkdtempSync(join(tmpdir(), "drill-"));
  const stack = new TestStack("drill", {
    "etcd:resources": { requests: { cpu: "10m", memory: "128Mi" }, limits: { memory: "512Mi" } },
  });

  let env: Record<string, string> = {};
  function drill(...flags: string[]) {
    const args = ["drill/command.ts", "--stack", stack.stack, "--config-file", stack.configFile, ...flags];
    return execa(process.execPath, args, { reject: false, all: true, stdin: "ignore", env });
  }

  function reportIn(out: string): Report {
    return JSON.parse(readFileSync(join(out, "report.json"), "utf8")) as Report;
  }

  before(async function () {
    this.timeout(1_800_000);
    env = await worldEnvironment();
    await stack.removeLeftovers();
    await stack.run("up");
  });
  after(async () => {
    await stack.cleanUp();
    rmSync(folder, { recursive: true });
  });

  it("smoke: 90 s of kills, deletions and pauses, and every property holds", async () => {
    const out = join(folder, "smoke");
    const { exitCode, all } = await drill("--plan", "smoke", "--out", out);
    assert.equal(exitCode, 0, all);
    const report = reportIn(out);
    assert.equal(report.verdict, "passed");
    assert(report.faults.length >= 8, `${report.faults.length} faults`);
    assert(report.faults.every(({ visible, problem }) => visible && problem === ""));
    assert.deepEqual(
      new Set(report.faults.map(({ kind }) => kind)),
      new Set(["kill", "delete", "force-delete", "pause"]),
    );
    assert(report.traffic.writes > 1000, `${report.traffic.writes} writes`);
    assert(existsSync(join(out, "report.html")));
  });

  it("what goes beyond processes: network, storage and membership, each seen in its effect and undone", async () => {
    const out = join(folder, "kinds");
    const network = ["partition", "lossy-link", "slow-link"];
    const storage = ["compaction", "defragmentation", "kill-in-defragmentation", "quota-alarm"];
    const kinds = [...network, ...storage, "scale", "wipe", "rolling-restart"];
    // A seed whose plan has all of them early; those that take longer than planned move the others back.
    const flags = ["--seed", "9", "--duration", "100s", "--faults", kinds.join()];
    const { exitCode, all } = await drill(...flags, "--out", out);
    assert.equal(exitCode, 0, all);
    const { run, faults, skipped } = reportIn(out);
    assert.deepEqual(
      skipped.map(({ kind }) => kind),
      run.reach === "node" ? [] : network,
    );
    const done = new Set([...faults, ...skipped].map(({ kind }) => kind));
    assert.deepEqual([...done].sort(), [...kinds].sort());
    assert.deepEqual(
      faults.filter(({ visible, problem }) => !visible || problem !== ""),
      [],
    );
  });

  it("by the Kubernetes API alone, what needs a node is skipped and said to be, and the rest is done", async () => {
    const out = join(folder, "api");
    const kinds = "kill,pause,partition,kubelet-down";
    const flags = ["--plan", "smoke", "--reach", "api", "--faults", kinds, "--duration", "40s", "--seed", "7"];
    const { exitCode, all } = await drill(...flags, "--out", out);
    assert.equal(exitCode, 0, all);
    const { run, faults, skipped, properties } = reportIn(out);
    assert.equal(run.reach, "kubernetes api");
    const planned = (kind: string) => run.planned.filter((each) => each.kind === kind).length;
    assert.deepEqual(new Set(faults.map(({ kind }) => kind)), new Set(["kill", "pause"]));
    assert.deepEqual(
      new Map(skipped.map(({ kind, times }) => [kind, times])),
      new Map(["partition", "kubelet-down"].map((kind) => [kind, planned(kind)])),
    );
    assert(skipped.every(({ times, why }) => times > 0 && why !== ""));
    assert.match(all, /- partition skipped \(\d+ planned\): it needs the network namespace of the pod/);
    assert.equal(properties.find(({ id }) => id === "faults-undone")?.passing, faults.length);
  });

  it("a drill that is killed leaves a journal, and --heal undoes what it had done", async () => {
    const flags = ["--plan", "smoke", "--faults", "pause", "--duration", "60s", "--out", join(folder, "cut")];
    const running = drill(...flags);
    let seen = "";
    running.stdout.on("data", (data: Buffer) => (seen += data.toString()));
    const pod = await eventually("the first fault is told", 60_000, () =>
      Promise.resolve(/fault 1: SIGSTOP of .* \((etcd-\d)\)/.exec(seen)?.[1]),
    );
    const state = () => stack.exec(pod, "sh", "-c", 'for p in /proc/[0-9]*; do read -r s <$p/stat; echo "$s"; done');
    await eventually("etcd is stopped", 10_000, async () =>
      /^\d+ \(etcd\) T/m.test(await state()) ? true : undefined,
    );
    running.kill("SIGKILL");
    await running;
    assert.match(await state(), /^\d+ \(etcd\) T/m);
    const { exitCode, all } = await drill("--heal");
    assert.equal(exitCode, 0, all);
    assert.doesNotMatch(await state(), /^\d+ \(etcd\) T/m);
    assert.match(all, /an earlier drill left 1 things? to undo/);
  });

  it("a drill that is ended with Ctrl-C undoes what is on, judges what there was, and ends with 2", async () => {
    const out = join(folder, "ended");
    const running = drill("--plan", "smoke", "--faults", "pause", "--out", out);
    running.stdout.on("data", (data: Buffer) => {
      if (/fault 1: SIGSTOP/.test(data.toString())) running.kill("SIGINT");
    });
    const { exitCode, all } = await running;
    assert.equal(exitCode, 2, all);
    const { faults, warnings } = reportIn(out);
    assert.deepEqual(
      faults.map(({ kind, problem }) => [kind, problem]),
      [["pause", ""]],
    );
    assert(warnings.includes("the drill was ended before its time"));
    assert.match((await drill("--heal")).all, /^nothing of a drill is left$/);
  });

  it("a member program that wipes its data on restart turns the report red: members come back as others", async () => {
    const out = join(folder, "wiping");
    // Only pods that are made from now on run it: those that a fault deletes.
    const program = "rm -rf /var/lib/etcd/data; exec node /usr/local/lib/etcd-member/member.cjs";
    const container = { name: "etcd", command: ["sh", "-c", program] };
    const spec = {
      updateStrategy: { type: "OnDelete", rollingUpdate: null },
      template: { spec: { containers: [container] } },
    };
    await stack.kubectl("patch", "statefulset", "etcd", "-p", JSON.stringify({ spec }));
    const { exitCode, all } = await drill("--plan", "smoke", "--faults", "delete", "--duration", "20s", "--out", out);
    assert.equal(exitCode, 1, all);
    const { properties, faults } = reportIn(out);
    const failed = properties.filter(({ status }) => status === "failed");
    assert.deepEqual(
      failed.map(({ id }) => id),
      ["member-ids"],
      all,
    );
    const deleted = new Set(faults.flatMap(({ targets }) => targets));
    assert.equal(failed[0]?.failing, deleted.size);
  });

  it("wrong use ends with 2 and says what was expected", async () => {
    const { exitCode, all } = await drill("--plan", "smok");
    assert.equal(exitCode, 2);
    assert.match(all, /--plan is "smok": expected one of smoke, standard/);
  });
});
