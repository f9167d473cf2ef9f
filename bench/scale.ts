import { readMembers } from "../desk/members.ts";
import { PodProxy } from "../desk/pod-proxy.ts";
import { TestCluster } from "../test/e2e/test-cluster.ts";
import { worldContext, worldEnvironment } from "../test/e2e/world.ts";
import type { Figure } from "./result.ts";

/** A voter counts as healthy for a removal once it has been connected so long (etcd: server.go, HealthInterval), in ms. */
const HEALTH_INTERVAL_MS = 5_000;
const WITHIN_MS = 60_000;

/** From the changed number of replicas to the members and pods that go with it. */
export async function run(rounds: number): Promise<Figure[]> {
  const cluster = new TestCluster("bench-scale", "250m");
  try {
    await cluster.stack.removeLeftovers();
    await cluster.stack.run("up");
    const { KUBECONFIG } = await worldEnvironment();
    const proxy = new PodProxy({ kubeconfig: KUBECONFIG, context: worldContext, namespace: cluster.stack.namespace });
    const [grown, shrunk]: [number[], number[]] = [[], []];
    for (let round = 1; round <= rounds; round++) {
      grown.push(await seconds(cluster, 5, () => startedVoters(proxy, 5)));
      await cluster.settlesAt(5);
      await new Promise((resolve) => setTimeout(resolve, HEALTH_INTERVAL_MS));
      shrunk.push(
        await seconds(cluster, 3, async () => (await startedVoters(proxy, 3)) && (await podCount(cluster)) === 3),
      );
      await cluster.settlesAt(3);
      process.stdout.write(
        `round ${round}/${rounds}: 3 → 5 ${grown.at(-1)?.toFixed(2)} s, 5 → 3 ${shrunk.at(-1)?.toFixed(2)} s\n`,
      );
    }
    return [
      { name: "3 → 5: two more started voters (aim: 4 s)", unit: "s", samples: grown, judged: "median", bound: 6 },
      { name: "5 → 3: member list and pods (aim: 2 s)", unit: "s", samples: shrunk, judged: "median", bound: 3.5 },
    ];
  } finally {
    await cluster.stack.cleanUp();
  }
}

async function seconds(cluster: TestCluster, replicas: number, done: () => Promise<boolean>): Promise<number> {
  const start = performance.now();
  await cluster.patch(replicas);
  while (!(await done())) {
    if (performance.now() - start > WITHIN_MS) throw new Error(`not at ${replicas} within ${WITHIN_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return (performance.now() - start) / 1000;
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
