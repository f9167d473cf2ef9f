import { readMembers } from "../desk/members.ts";
import { PodProxy } from "../desk/pod-proxy.ts";
import { TestCluster } from "../test/e2e/test-cluster.ts";
import { kubectl, worldContext, worldEnvironment } from "../test/e2e/world.ts";
import { allReady, etcdctl, lead, memberId, type MeasuredCluster } from "./measured-cluster.ts";
import { applyRawEtcd } from "./raw-etcd.ts";
import { median, type Figure } from "./result.ts";
import { seconds } from "./seconds.ts";

/** A voter counts as healthy for a removal once it has been connected so long (etcd: server.go, HealthInterval), in ms. */
const HEALTH_INTERVAL_MS = 5_000;
const WITHIN_MS = 60_000;

/** What each member of a plain etcd requests, as each of ours does. */
const CPU = "250m";
const RAW: MeasuredCluster = { namespace: "bench-scale-raw", peerService: "etcd" };
/** A learner that starts holds what a new cluster does within so long (a small database), in s. */
const SYNCED_AFTER_S = 1;

/** From the changed number of replicas to the members and pods that go with it; before that, a plain etcd's pods. */
export async function run(rounds: number): Promise<Figure[]> {
  const raw = await rawScaling(rounds);
  const cluster = new TestCluster("bench-scale", CPU);
  try {
    await cluster.stack.removeLeftovers();
    await cluster.stack.run("up");
    const { KUBECONFIG } = await worldEnvironment();
    const proxy = new PodProxy({ kubeconfig: KUBECONFIG, context: worldContext, namespace: cluster.stack.namespace });
    const [grown, shrunk]: [number[], number[]] = [[], []];
    for (let round = 1; round <= rounds; round++) {
      grown.push(await secondsTo(cluster, 5, () => startedVoters(proxy, 5)));
      await cluster.settlesAt(5);
      await new Promise((resolve) => setTimeout(resolve, HEALTH_INTERVAL_MS));
      shrunk.push(
        await secondsTo(cluster, 3, async () => (await startedVoters(proxy, 3)) && (await podCount(cluster)) === 3),
      );
      await cluster.settlesAt(3);
      process.stdout.write(
        `round ${round}/${rounds}: 3 → 5 ${grown.at(-1)?.toFixed(2)} s, 5 → 3 ${shrunk.at(-1)?.toFixed(2)} s\n`,
      );
    }
    return [
      ...raw,
      { name: "3 → 5: two more started voters (aim: 4 s)", unit: "s", samples: grown, judged: "median", bound: 6 },
      { name: "5 → 3: member list and pods (aim: 2 s)", unit: "s", samples: shrunk, judged: "median", bound: 3.5 },
    ];
  } finally {
    await cluster.stack.cleanUp();
  }
}

/**
 * The floor: a plain etcd can't be scaled up by its number of replicas, but five of its pods can be started at once, and
 * two of five members be removed by hand before the number is changed.
 */
async function rawScaling(rounds: number): Promise<Figure[]> {
  const [five, three]: [number[], number[]] = [[], []];
  for (let round = 1; round <= rounds; round++) {
    try {
      five.push(
        await seconds(async () => {
          await applyRawEtcd(RAW.namespace, CPU, 5);
          await allReady(RAW);
        }),
      );
      await new Promise((resolve) => setTimeout(resolve, HEALTH_INTERVAL_MS));
      three.push(await removeTwoByHand());
    } finally {
      await kubectl("delete", "namespace", RAW.namespace, "--ignore-not-found", "--wait");
    }
    process.stdout.write(
      `raw etcd ${round}/${rounds}: five from nothing ${five.at(-1)?.toFixed(2)} s, 5 → 3 by hand ${three.at(-1)?.toFixed(2)} s\n`,
    );
  }
  const floor = { unit: "s", judged: "median", bound: undefined } as const;
  const joins = 2 * (median(five) + SYNCED_AFTER_S);
  return [
    { name: "raw etcd: five members from nothing, side by side", samples: five, ...floor },
    { name: "theory: two joins, one after the other (2 × (a pod's start + 1 s))", samples: [joins], ...floor },
    { name: "raw etcd: 5 → 3, members removed by hand, the leader stays", samples: three, ...floor },
  ];
}

async function removeTwoByHand(): Promise<number> {
  const leaving = ["etcd-4", "etcd-3"];
  await lead(RAW, "etcd-0");
  const ids = await Promise.all(leaving.map((pod) => memberId(RAW, pod)));
  return seconds(async () => {
    for (const id of ids) await etcdctl(RAW, "member", "remove", id);
    await kubectl("-n", RAW.namespace, "scale", "statefulset/etcd", "--replicas=3");
    for (const pod of leaving)
      await kubectl("-n", RAW.namespace, "wait", "--for=delete", `pod/${pod}`, "--timeout=60s");
  });
}

function secondsTo(cluster: TestCluster, replicas: number, done: () => Promise<boolean>): Promise<number> {
  return seconds(async () => {
    const deadline = performance.now() + WITHIN_MS;
    await cluster.patch(replicas);
    while (!(await done())) {
      if (performance.now() > deadline) throw new Error(`not at ${replicas} within ${WITHIN_MS / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
}

/** Whether the member list, by the word of one that stays, is these voters, all of them answering, and nobody else. */
async function startedVoters(proxy: PodProxy, count: number): Promise<boolean> {
  const rows = await readMembers(
    proxy,
    Array.from({ length: count }, (_, ordinal) => `etcd-${ordinal}`),
  );
  return rows.length === count && rows.every(({ role, health }) => /leader|voter/.test(role) && health !== "no answer");
}

async function podCount(cluster: TestCluster): Promise<number> {
  const { stdout } = await cluster.stack.kubectl("get", "pods", "-l", "app=etcd", "-o", "name");
  return stdout.trim().split("\n").length;
}
