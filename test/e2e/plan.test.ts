import assert from "node:assert/strict";
import { parseMembers } from "./etcdctl.ts";
import { signalEtcd, smallMembers } from "./small-members.ts";
import { eventually, TestStack } from "./world.ts";

describe("the membership plan, and what it refuses", function () {
  this.timeout(180_000);
  const stack = new TestStack("plan", { "etcd:clientReplicas": 0, "etcd:resources": smallMembers });

  const replicas = async (): Promise<string> =>
    (await stack.kubectl("get", "statefulset/etcd", "-o", "jsonpath={.spec.replicas}")).stdout;
  const generation = async (): Promise<string> =>
    (await stack.kubectl("get", "statefulset/etcd", "-o", "jsonpath={.metadata.generation}")).stdout;
  const ids = async (): Promise<string[]> =>
    parseMembers(await stack.etcdctl("etcd-0", "member", "list", "-w", "json"))
      .map(({ ID }) => ID)
      .sort();
  /** Moves leadership to this member. */
  const lead = async (pod: string): Promise<void> => {
    const id = parseMembers(await stack.etcdctl(pod, "member", "list", "-w", "json")).find(({ name }) => name === pod);
    const endpoints = "--endpoints=http://etcd-0.etcd:2379,http://etcd-1.etcd:2379,http://etcd-2.etcd:2379";
    await stack.etcdctl(pod, endpoints, "move-leader", BigInt(id?.ID ?? 0).toString(16));
  };
  /** Also once more: the kubelet restarts a container that is paused for a minute. */
  const pause = (pod: string): Promise<true> =>
    eventually(`${pod} is paused`, 30_000, async (): Promise<true> => {
      await signalEtcd(stack, pod, "STOP");
      return true;
    });
  const asDeclared = (): Promise<true> =>
    eventually("everything is as declared", 100_000, async () =>
      (await stack.desk("status")).exitCode === 0 ? true : undefined,
    );

  /**
   * Pulumi's own `preview` and `up` both end with this sentence, as `plan` does, and the StatefulSet is as it was.
   *
   * @param before each of the three
   */
  async function isRefused(sentence: RegExp, before = (): Promise<unknown> => Promise.resolve()): Promise<void> {
    const was = await generation();
    for (const operation of ["preview", "up"] as const) {
      await before();
      const { exitCode, all } = await stack.tryRun(operation);
      assert.notEqual(exitCode, 0, operation);
      assert.match(all, sentence, operation);
    }
    assert.equal(await generation(), was);
    await before();
    const planned = await stack.desk("plan");
    assert.equal(planned.exitCode, 1);
    assert.match(planned.all, sentence);
  }

  before(async function () {
    this.timeout(1_800_000);
    await stack.removeLeftovers();
    await stack.run("up");
  });
  afterEach(() => stack.reset());
  after(() => stack.cleanUp());

  it("preview and plan show the same steps for the same change, and change nothing", async () => {
    stack.set("replicas", 4);
    const preview = await stack.run("preview");
    const planned = await stack.desk("plan");
    assert.equal(planned.exitCode, 0);
    for (const line of planned.stdout.trim().split("\n")) assert(preview.all.includes(line.trim()), line);
    assert.match(planned.stdout, /1\. add learner etcd-3\n.*2\. promote etcd-3/);
    assert.equal(await replicas(), "3");
  });

  it("a scale by hand is shown, and the declared number wins without a conflict", async () => {
    await stack.kubectl("scale", "statefulset/etcd", "--replicas=4");
    await eventually("etcd-3 is a voter", 60_000, async () => {
      const members = parseMembers(await stack.etcdctl("etcd-0", "member", "list", "-w", "json"));
      return members.filter((one) => one.isLearner !== true).length === 4 ? true : undefined;
    });
    const { all } = await stack.run("up");
    assert.match(all, /StatefulSet etcd has 4 replicas, declared were 3: somebody scaled it by hand/);
    assert.match(all, /Membership of etcd: 4 replicas → 3 replicas/);
    assert.match(all, /remove etcd-3 from the member list/);
    assert.doesNotMatch(all, /conflict/);
    assert.equal(await replicas(), "3");
    await asDeclared();
    assert.doesNotMatch((await stack.run("up")).all, /Membership of etcd/);
  });

  it("refuses 3 → 2 while etcd-1, the leader until then, is paused, in preview and up alike; overruled, it goes", async () => {
    await lead("etcd-1");
    stack.set("replicas", 2);
    await isRefused(
      /Replicas can't go from 3 to 2 safely \(member-down\): etcd-1 \(no answer within 2 s\) is down: .*1 of 2 voters running/,
      () => pause("etcd-1"),
    );
    stack.reset();
    // As declared, defaults of the API server and a built image included: nobody would restart.
    const same = await stack.run("preview");
    assert.doesNotMatch(same.all, /restart one after the other/);
    stack.set("imagePullPolicy", "Always");
    await pause("etcd-1");
    const restarting = await stack.tryRun("preview");
    assert.notEqual(restarting.exitCode, 0);
    assert.match(
      restarting.all,
      /The members can't be restarted safely \(member-down\): etcd-1 .* while etcd-2 restarts/,
    );
    stack.reset();
    stack.set("replicas", 2);
    stack.set("overrule", "member-down");
    await pause("etcd-1");
    const going = stack.tryRun("up");
    await eventually("replicas are 2", 60_000, async () => ((await replicas()) === "2" ? true : undefined));
    // Before etcd-2 gives up asking to be let go: what was overruled is made good in time.
    await signalEtcd(stack, "etcd-1", "CONT");
    const { exitCode, all } = await going;
    assert.equal(exitCode, 0, all);
    assert.match(all, /etcd:overrule has member-down: going ahead in spite of this/);
    await asDeclared();
    stack.reset();
    await stack.run("up");
    await asDeclared();
  });

  it("refuses under an alarm, and lets an update through that leaves the members as they are", async () => {
    const raise =
      'const post = (path, body) => fetch("http://127.0.0.1:2379/v3/maintenance/" + path, { method: "POST", body: JSON.stringify(body) });' +
      'post("status", {}).then((answer) => answer.json()).then(({ header }) =>' +
      'post("alarm", { action: "ACTIVATE", memberID: header.member_id, alarm: "NOSPACE" }))';
    await stack.exec("etcd-0", "node", "-e", raise);
    stack.set("replicas", 4);
    await isRefused(/Replicas can't go from 3 to 4 safely \(alarm\): etcd-0 has raised the alarm NOSPACE/);
    stack.reset();
    await stack.run("up");
    await stack.etcdctl("etcd-0", "alarm", "disarm");
    await asDeclared();
  });

  it("hibernate keeps every key and member; 0 replicas stays refused, with the hint", async () => {
    await stack.etcdctl("etcd-0", "put", "slept", "well");
    const before = await ids();
    stack.set("replicas", 0);
    assert.match((await stack.tryRun("preview")).all, /etcd:replicas is 0, .*`pulumi config set etcd:hibernate true`/);
    stack.reset();
    stack.set("hibernate", true);
    const { all } = await stack.run("up");
    assert.match(all, /Membership of etcd: 3 replicas → 0 replicas \(hibernation\)/);
    await asDeclared();
    const { stdout } = await stack.kubectl("get", "pvc", "-o", "jsonpath={.items[*].metadata.name}");
    assert.deepEqual(stdout.split(" ").sort(), ["data-etcd-0", "data-etcd-1", "data-etcd-2"]);
    stack.reset();
    stack.set("replicas", 1);
    await isRefused(/Replicas can't go from 0 to 1 safely \(no-quorum\): 3 members hibernate/);
    stack.reset();
    await stack.run("up");
    await asDeclared();
    assert.deepEqual(await ids(), before);
    assert.match(await stack.etcdctl("etcd-0", "get", "slept"), /well/);
  });
});
