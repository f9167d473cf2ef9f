import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseMembers, type ListedMember } from "./etcdctl.ts";
import { signalEtcd, smallMembers } from "./small-members.ts";
import { pods } from "./test-cluster.ts";
import { eventually, TestStack } from "./world.ts";
import { RecordingWriter } from "./writer/recording-writer.ts";

const KEYS = 60;

describe("recovery by hand", function () {
  this.timeout(300_000);
  const stack = new TestStack("recovery", { "etcd:clientReplicas": 1, "etcd:resources": smallMembers });
  const folder = mkdtempSync(join(tmpdir(), "recovery-"));

  const list = async (pod = "etcd-0"): Promise<ListedMember[]> =>
    parseMembers(await stack.etcdctl(pod, "member", "list", "-w", "json"));
  const idOf = (members: readonly ListedMember[], name: string): string | undefined =>
    members.find((member) => member.name === name)?.ID;
  const clusterId = async (): Promise<string> =>
    (await stack.kubectl("get", "configmap", "etcd-latch", "-o", "jsonpath={.data.cluster-id}")).stdout;
  const asDeclared = (): Promise<true> =>
    eventually("everything is as declared", 100_000, async () =>
      (await stack.desk("status")).exitCode === 0 ? true : undefined,
    );
  const keysOn = async (pod: string): Promise<number> => {
    const out = await stack.etcdctl(pod, "get", "key-", "--prefix", "--keys-only", "--consistency=s");
    return out.split("\n").filter((line) => line.startsWith("key-")).length;
  };
  const everyoneHasAllKeys = async (): Promise<void> => {
    for (const pod of ["etcd-0", "etcd-1", "etcd-2"]) assert.equal(await keysOn(pod), KEYS, pod);
  };

  before(async function () {
    this.timeout(1_800_000);
    await stack.removeLeftovers();
    await stack.run("up");
    // Every put is acknowledged, or the loop ends with an error.
    const loop = `i=0; while [ $i -lt ${KEYS} ]; do etcdctl put key-$i v >/dev/null || exit 1; i=$((i+1)); done`;
    await stack.exec("etcd-0", "sh", "-c", loop);
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await stack.cleanUp();
  });

  it("replaces a member in the middle: asked for by name, another member with all keys, the others stay", async () => {
    const before = await list();
    const unnamed = await stack.desk("member", "replace", "etcd-1");
    assert.equal(unnamed.exitCode, 2);
    assert.match(unnamed.all, /give --confirm etcd-1/);
    const wrong = await stack.desk("member", "replace", "etcd-1", "--confirm", "etcd-2");
    assert.equal(wrong.exitCode, 2);
    assert.deepEqual(await list(), before);
    const terminal = await stack.deskAtTerminal("member", "replace", "etcd-1");
    await terminal.shows(/Type etcd-1 to go ahead: /, 60_000);
    terminal.type("etcd-1\r");
    assert.equal(await terminal.ended(), 0, terminal.shown);
    assert.match(terminal.shown, /etcd-1 is a voter and healthy, member [0-9a-f]+/);
    const now = await list();
    assert.notEqual(idOf(now, "etcd-1"), idOf(before, "etcd-1"));
    for (const kept of ["etcd-0", "etcd-2"]) assert.equal(idOf(now, kept), idOf(before, kept));
    await asDeclared();
    await everyoneHasAllKeys();
  });

  it("recovers nothing while a quorum answers, and takes back what a run that was cut off had given up", async () => {
    const id = BigInt(idOf(await list(), "etcd-2") ?? "0").toString(16);
    const givenUp = { data: { "given-up": `abc,${id}` } };
    await stack.kubectl("patch", "configmap", "etcd-latch", "--type=merge", "-p", JSON.stringify(givenUp));
    const { exitCode, all } = await stack.desk("member", "recover", "--confirm", "etcd-0");
    assert.equal(exitCode, 1);
    assert.match(all, /nothing is recovered: a quorum answers/);
    const { stdout } = await stack.kubectl("get", "configmap", "etcd-latch", "-o", "jsonpath={.data.given-up}");
    assert.equal(stdout, "abc", "who is no member any more stays given up");
  });

  it("goes on from the survivor of a lost majority, with every key it had, as the same cluster", async () => {
    const before = await list();
    const cluster = await clusterId();
    const writes = { everyMs: 25, deadlineMs: 1_000, readEvery: 10 };
    const untilTheLoss = await RecordingWriter.start(stack, writes);
    // So that there is something to lose.
    await sleep(1_000);
    // Both at the same moment: one after the other they would be replaced by the quorum that is left.
    await Promise.all(["etcd-1", "etcd-2"].map((pod) => signalEtcd(stack, pod, "STOP")));
    await stack.kubectl("delete", "pvc", "data-etcd-1", "data-etcd-2", "--wait=false");
    await stack.deletePods(["etcd-1", "etcd-2"], "--grace-period=0", "--force");
    await eventually("no quorum answers, and both others wait with empty volumes", 60_000, async () => {
      const logs = await Promise.all(["etcd-1", "etcd-2"].map((pod) => stack.kubectl("logs", pod)));
      return logs.every(({ stdout }) => stdout.includes("Waiting: the volume is empty")) ? true : undefined;
    });
    const lost = await untilTheLoss.stop();
    assert(lost.writes.length > 20, `only ${lost.writes.length} writes were acknowledged before the loss`);
    const refused = await stack.desk("member", "replace", "etcd-1", "--confirm", "etcd-1");
    assert.match(refused.all, /no quorum answers.*docs\/runbooks\/lost-majority\.md/);

    const snapshot = join(folder, "survivor.db");
    const other = await stack.desk("member", "recover", "--confirm", "etcd-1", "--snapshot", snapshot);
    assert.equal(other.exitCode, 2);
    assert(!existsSync(snapshot));
    const terminal = await stack.deskAtTerminal("member", "recover", "--snapshot", snapshot);
    await terminal.shows(/etcd-0 knows most: revision (\d+)[^]*Type etcd-0 to go ahead: /, 60_000);
    terminal.type("etcd-0\r");
    const fromTheSurvivor = await RecordingWriter.start(stack, { ...writes, beginsWithinMs: 180_000 });
    assert.equal(await terminal.ended(), 0, terminal.shown);
    assert(statSync(snapshot).size > 20_000);
    assert.equal(statSync(snapshot).mode & 0o777, 0o600);

    await asDeclared();
    const now = await list();
    assert.deepEqual(now.map(({ name }) => name).sort(), ["etcd-0", "etcd-1", "etcd-2"]);
    assert(now.every(({ isLearner }) => isLearner !== true));
    assert.equal(idOf(now, "etcd-0"), idOf(before, "etcd-0"));
    for (const name of ["etcd-1", "etcd-2"]) assert.notEqual(idOf(now, name), idOf(before, name));
    assert.equal(await clusterId(), cluster);
    assert.match(
      await stack.etcdctl("etcd-0", "endpoint", "status", "-w", "json"),
      new RegExp(BigInt(`0x${cluster}`).toString()),
    );
    await everyoneHasAllKeys();
    const since = await fromTheSurvivor.stop();
    const revision = Number(/knows most: revision (\d+)/.exec(terminal.shown)?.[1]);
    await lost.isWholeOn(pods(3), revision);
    await since.isWholeOn(pods(3));
    assert(since.writes.every((write) => Number(write.revision) > revision));
    const { stdout } = await stack.kubectl("logs", "etcd-0");
    assert.equal(stdout.split("Recovering: member").length, 2, "it went on alone exactly once");
  });

  it("never does it again: the survivor restarts as a member like any other", async () => {
    const before = await list("etcd-1");
    await stack.deletePods(["etcd-0"]);
    await asDeclared();
    assert.doesNotMatch((await stack.kubectl("logs", "etcd-0")).stdout, /member: Recovering/);
    assert.deepEqual(await list("etcd-1"), before);
    await everyoneHasAllKeys();
  });

  it("an old majority that comes back beside a recovery that was cut off does not start by itself", async () => {
    const members = await list();
    const [one, two] = ["etcd-1", "etcd-2"].map((name) => BigInt(idOf(members, name) ?? "0").toString(16));
    // As the desk leaves it that died after its first step.
    const givenUp = { data: { "given-up": `${one ?? ""},${two ?? ""}` } };
    await stack.kubectl("scale", "statefulset/etcd", "--replicas=0");
    await stack.kubectl("wait", "--for=delete", "pod/etcd-0", "pod/etcd-1", "pod/etcd-2", "--timeout=90s");
    await stack.kubectl("patch", "configmap", "etcd-latch", "--type=merge", "-p", JSON.stringify(givenUp));
    await stack.kubectl("scale", "statefulset/etcd", "--replicas=3");
    await eventually("both wait with their data", 60_000, async () => {
      const logs = await Promise.all(["etcd-1", "etcd-2"].map((pod) => stack.kubectl("logs", pod)));
      return logs.every(({ stdout }) => stdout.includes("was given up by a recovery")) ? true : undefined;
    });
    // Run again, the command goes on from there.
    const again = ["member", "recover", "--confirm", "etcd-0", "--snapshot", join(folder, "again.db")] as const;
    const { exitCode, all } = await eventually("the recovery is done", 60_000, async () => {
      const ran = await stack.desk(...again);
      return ran.all.includes("no voter answers") ? undefined : ran;
    });
    assert.equal(exitCode, 0, all);
    await asDeclared();
    await everyoneHasAllKeys();
  });
});
