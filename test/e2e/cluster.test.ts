import assert from "node:assert/strict";
import { parseMembers, type ListedMember } from "./etcdctl.ts";
import { eventually, kubectl, TestStack, tryKubectl } from "./world.ts";

describe("a cluster of three, from nothing to nothing", function () {
  this.timeout(180_000);
  const stack = new TestStack("cluster");

  const members = async (pod = "etcd-0"): Promise<ListedMember[]> =>
    parseMembers(await stack.etcdctl(pod, "member", "list", "-w", "json")).sort((a, b) =>
      (a.name ?? "").localeCompare(b.name ?? ""),
    );
  const put = (key: string, value: string, pod = "etcd-0"): Promise<string> => stack.etcdctl(pod, "put", key, value);
  /** A proposal that was on its way to a leader that died is lost, and etcd says so only after 7 s: it is made again. */
  const putDuringOutage = (key: string, value: string): Promise<string> =>
    eventually(`${key} is acknowledged`, 30_000, () =>
      stack.etcdctl("etcd-0", "--command-timeout=2s", "put", key, value),
    );
  const localGet = (pod: string, key: string): Promise<string> =>
    stack.etcdctl(pod, "get", key, "--print-value-only", "--consistency=s");
  const ready = async (pod: string): Promise<void> => {
    await stack.kubectl("wait", "--for=condition=Ready", `pod/${pod}`, "--timeout=60s");
  };
  const clientPods = async (): Promise<string[]> => {
    const { stdout } = await stack.kubectl("get", "pods", "-l", "app=etcd-client", "-o", "name");
    return stdout.trim().split("\n");
  };

  before(async function () {
    this.timeout(1_800_000);
    await stack.removeLeftovers();
  });
  after(() => stack.cleanUp());

  it("comes up by one command, which ends by showing its members and outputs", async () => {
    const { stdout } = await stack.run("up");
    assert.match(stdout, /etcd-0 .*(leader|voter) .*healthy/);
    assert.match(stdout, /etcd-1 .*(leader|voter) .*healthy/);
    assert.match(stdout, /etcd-2 .*(leader|voter) .*healthy/);
    assert.equal(stdout.match(/│ leader +│/g)?.length, 1);
    for (const output of [
      "namespace",
      "statefulSetName",
      "clientServiceName",
      "clientEndpoint",
      "memberPeerUrls",
      "memberClientUrls",
      "clientSelector",
      "images",
    ]) {
      assert.match(stdout, new RegExp(`│ ${output} +│`));
    }
  });

  it("A1, B1, B2: three pods of StatefulSet etcd, ready, by label app=etcd", async () => {
    const { stdout } = await stack.kubectl(
      "get",
      "pods",
      "-l",
      "app=etcd",
      "--sort-by=.metadata.name",
      "-o",
      'jsonpath={range .items[*]}{.metadata.name} {.status.containerStatuses[*].ready} {.status.phase}{"\\n"}{end}',
    );
    assert.equal(stdout.trim(), "etcd-0 true Running\netcd-1 true Running\netcd-2 true Running");
    await stack.kubectl("rollout", "status", "statefulset/etcd", "--timeout=3m");
    const health = await stack.etcdctl("etcd-0", "endpoint", "health", "--cluster", "-w", "json");
    const answers = JSON.parse(health) as { health: boolean }[];
    assert.deepEqual(
      answers.map(({ health }) => health),
      [true, true, true],
    );
  });

  it("B3: the member list from inside a pod names each member and its URLs", async () => {
    const seen = (await members()).map(({ name, peerURLs, clientURLs, isLearner }) => ({
      name,
      peerURLs,
      clientURLs,
      isLearner: isLearner ?? false,
    }));
    assert.deepEqual(
      seen,
      [0, 1, 2].map((i) => ({
        name: `etcd-${i}`,
        peerURLs: [`http://etcd-${i}.etcd:2380`],
        clientURLs: [`http://etcd-${i}.etcd:2379`],
        isLearner: false,
      })),
    );
  });

  it("A2: a second up and a preview change nothing", async () => {
    const up = await stack.run("up", "--expect-no-changes");
    assert.match(up.all, /\d+ unchanged/);
    await stack.run("preview", "--expect-no-changes");
  });

  it("A2: images are used by digest", async () => {
    const { stdout } = await stack.kubectl("get", "pods", "-o", "jsonpath={.items[*].spec.containers[*].image}");
    const images = stdout.split(" ");
    assert.equal(images.length, 5);
    for (const image of images) assert.match(image, /@sha256:[0-9a-f]{64}$/);
  });

  it("A4: a client pod puts and gets through the client Service, and A12: runs the test command, both at once", async () => {
    const pods = await clientPods();
    assert.equal(pods.length, 2);
    const runs = await Promise.all(
      pods.map((pod) =>
        stack.kubectl("exec", pod, "--", "/opt/antithesis/test/v1/main/parallel_driver_generate_traffic"),
      ),
    );
    for (const run of runs) assert.match(run.all, /etcd-[012]/);
    const endpoint = "http://etcd-client:2379";
    await stack.exec("etcd-0", "etcdctl", `--endpoints=${endpoint}`, "put", "through-the-service", "yes");
    assert.equal(
      await stack.exec(
        "etcd-0",
        "etcdctl",
        `--endpoints=${endpoint}`,
        "get",
        "through-the-service",
        "--print-value-only",
      ),
      "yes",
    );
  });

  it("A3, A6: both client pods are up, and resolve every member's name", async () => {
    const { stdout } = await stack.kubectl(
      "get",
      "deployment",
      "etcd-client",
      "-o",
      "jsonpath={.status.readyReplicas}",
    );
    assert.equal(stdout, "2");
    const script =
      "Promise.all([0, 1, 2].map((i) => require('dns').promises.lookup(`etcd-${i}.etcd`))).then((all) => console.log(all.length))";
    for (const pod of await clientPods()) {
      assert.equal((await stack.kubectl("exec", pod, "--", "node", "-e", script)).stdout, "3");
    }
  });

  it("A5, B12: each member has a bound claim of its own", async () => {
    const { stdout } = await stack.kubectl(
      "get",
      "pvc",
      "--sort-by=.metadata.name",
      "-o",
      'jsonpath={range .items[*]}{.metadata.name} {.status.phase} {.spec.resources.requests.storage}{"\\n"}{end}',
    );
    assert.equal(stdout.trim(), [0, 1, 2].map((i) => `data-etcd-${i} Bound 1Gi`).join("\n"));
  });

  it("A8: the namespace enforces restricted pods, and etcd runs as 1001 on a read-only root", async () => {
    const { stdout } = await kubectl(
      "get",
      "namespace",
      stack.namespace,
      "-o",
      "jsonpath={.metadata.labels.pod-security\\.kubernetes\\.io/enforce}",
    );
    assert.equal(stdout, "restricted");
    assert.equal(await stack.exec("etcd-0", "id", "-u"), "1001");
    const written = await tryKubectl(
      "-n",
      stack.namespace,
      "exec",
      "etcd-0",
      "-c",
      "etcd",
      "--",
      "sh",
      "-c",
      "echo x > /usr/local/x",
    );
    assert.notEqual(written.exitCode, 0);
    assert.match(written.all, /Read-only file system/);
  });

  it("B5, B6: kill -9 of a member's etcd: it re-joins as the same member with its data, and the log says so", async () => {
    const before = await members();
    await put("before", "1");
    const { stdout: restartsBefore } = await stack.kubectl("logs", "etcd-1");
    await stack.exec(
      "etcd-1",
      "sh",
      "-c",
      'for p in /proc/[0-9]*; do if [ "$(cat $p/comm 2>/dev/null)" = etcd ]; then kill -9 "${p#/proc/}"; fi; done',
    );
    await putDuringOutage("during", "2");
    await eventually("etcd-1 has the key of the outage", 20_000, async () =>
      (await localGet("etcd-1", "during")) === "2" ? true : undefined,
    );
    assert.equal(await localGet("etcd-1", "before"), "1");
    assert.deepEqual(await members(), before);
    const { stdout: log } = await stack.kubectl("logs", "etcd-1");
    const since = log.slice(restartsBefore.length);
    assert.match(since, /etcd was ended by SIGKILL; starting it again.*\(restart 1\)/);
    assert.match(since, new RegExp(`Re-joining etcd member ${BigInt(before[1]?.ID ?? "0").toString(16)}`));
  });

  for (const [how, ...flags] of [["gracefully"], ["by force", "--force", "--grace-period=0"]] as const) {
    it(`B7: a pod deleted ${how} comes back as the same member, no key lost`, async () => {
      const before = await members();
      await put(`before ${how}`, "1");
      const { stdout: uid } = await stack.kubectl("get", "pod", "etcd-1", "-o", "jsonpath={.metadata.uid}");
      await stack.kubectl("delete", "pod", "etcd-1", "--wait=false", ...flags);
      await putDuringOutage(`during ${how}`, "2");
      await eventually("a new pod etcd-1", 60_000, async () => {
        const { stdout } = await stack.kubectl("get", "pod", "etcd-1", "-o", "jsonpath={.metadata.uid}");
        return stdout !== uid ? true : undefined;
      });
      await ready("etcd-1");
      assert.deepEqual(await members(), before);
      assert.equal(await localGet("etcd-1", `before ${how}`), "1");
      assert.equal(await localGet("etcd-1", `during ${how}`), "2");
      assert.match((await stack.kubectl("logs", "etcd-1")).stdout, /Re-joining etcd member/);
    });
  }

  it("hands leadership over before a leader's pod is stopped", async () => {
    const statuses = await Promise.all(
      [0, 1, 2].map(async (i) => ({
        pod: `etcd-${i}`,
        status: await stack.etcdctl(`etcd-${i}`, "endpoint", "status", "-w", "fields"),
      })),
    );
    const leader = statuses.find(
      ({ status }) => /"MemberID" : (\d+)/.exec(status)?.[1] === /"Leader" : (\d+)/.exec(status)?.[1],
    );
    assert(leader !== undefined);
    // The log of a stopped pod goes with the pod: it is followed while the pod stops.
    const log = stack.kubectl("logs", leader.pod, "--follow", "--tail=1");
    await new Promise((resolve) => setTimeout(resolve, 500));
    await stack.deletePods([leader.pod]);
    assert.match((await log).stdout, /Moved leadership to etcd-\d/);
    await eventually("the pod is ready again", 60_000, async () =>
      (await tryKubectl("-n", stack.namespace, "wait", "--for=condition=Ready", `pod/${leader.pod}`, "--timeout=30s"))
        .exitCode === 0
        ? true
        : undefined,
    );
  });

  it("finds what was changed by hand, and puts it back", async () => {
    await stack.kubectl("patch", "pdb", "etcd", "--type=merge", "-p", '{"spec":{"minAvailable":"10%"}}');
    const preview = await stack.run("preview", "--diff");
    assert.match(preview.all, /minAvailable/);
    const refresh = await stack.run("refresh");
    assert.match(refresh.all, /~ 1 updated/);
    await stack.run("up");
    const { stdout } = await stack.kubectl("get", "pdb", "etcd", "-o", "jsonpath={.spec.minAvailable}");
    assert.equal(stdout, "51%");
  });

  it("C6: destroy leaves nothing", async () => {
    await stack.run("destroy");
    assert.equal((await tryKubectl("get", "namespace", stack.namespace)).exitCode, 1);
    await eventually("no volume is left", 30_000, async () => {
      const { stdout } = await kubectl("get", "pv", "-o", "jsonpath={.items[*].spec.claimRef.namespace}");
      return stdout.split(" ").includes(stack.namespace) ? undefined : true;
    });
  });
});
