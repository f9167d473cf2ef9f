import { execa } from "execa";
import { Unreachable } from "../desk/connection.ts";
import { parseMembers } from "../desk/etcd-answers.ts";
import { CLIENT_PORT, METRICS_PORT } from "../desk/members.ts";
import { PodProxy } from "../desk/pod-proxy.ts";
import { kubectl, TestStack, worldContext, worldEnvironment } from "../test/e2e/world.ts";
import { median, type Figure } from "./result.ts";
import { seconds } from "./seconds.ts";

const REPLICAS = 3;
const PODS = Array.from({ length: REPLICAS }, (_, ordinal) => `etcd-${ordinal}`);

/**
 * The way of `npm run up`, measured on the local cluster: from the first object that exists to three healthy voters, in
 * turn with `kubectl apply` of the very objects that `up` had registered; the whole command; and one with nothing to do.
 */
export async function run(rounds: number): Promise<Figure[]> {
  const stack = new TestStack("bench");
  await stack.removeLeftovers();
  try {
    const samples = { warm: [], created: [], applied: [], ratio: [], rest: [], noOp: [] } as Record<string, number[]>;
    await clusterDown();
    push(samples, { warm: await seconds(() => stack.run("up")) });
    const manifests = await registeredObjects(stack);
    await stack.run("destroy");
    for (let round = 1; round <= rounds; round++) {
      const up = await timedUp(stack);
      // Until what has just been started is at rest.
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      const noOp = await seconds(() => stack.run("up", "--expect-no-changes"));
      await stack.run("destroy");
      const applied = await timedApply(stack, manifests);
      push(samples, {
        created: up.toHealthy,
        rest: up.whole - up.toHealthy,
        noOp,
        applied,
        ratio: up.toHealthy / applied,
      });
      process.stdout.write(
        `round ${round}/${rounds}: up ${up.toHealthy.toFixed(2)} s to healthy of ${up.whole.toFixed(2)} s, apply ${applied.toFixed(2)} s, no-op ${noOp.toFixed(2)} s\n`,
      );
    }
    return figures(samples);
  } finally {
    await stack.cleanUp();
  }
}

function push(samples: Record<string, number[]>, taken: Record<string, number>): void {
  for (const [key, value] of Object.entries(taken)) samples[key]?.push(value);
}

function figures(samples: Record<string, number[]>): Figure[] {
  const of = (key: string): number[] => samples[key] ?? [];
  const slowest = Math.max(...of("created"));
  return [
    { name: "up, cluster down before, caches warm", unit: "s", samples: of("warm"), judged: "max", bound: 30 },
    {
      name: "up: first object → 3 healthy voters",
      unit: "s",
      samples: of("created"),
      judged: "median",
      bound: undefined,
    },
    {
      name: "kubectl apply: first object → 3 healthy voters",
      unit: "s",
      samples: of("applied"),
      judged: "median",
      bound: undefined,
    },
    { name: "up / kubectl apply, round by round", unit: "×", samples: of("ratio"), judged: "median", bound: 1.1 },
    {
      name: "slowest create / median create",
      unit: "×",
      samples: [slowest / median(of("created"))],
      judged: "max",
      bound: 2,
    },
    { name: "up: all the rest of the command", unit: "s", samples: of("rest"), judged: "median", bound: 5 },
    { name: "up with nothing to change", unit: "s", samples: of("noOp"), judged: "median", bound: 4 },
  ];
}

/** The local Kubernetes goes, with whatever runs in it: the way of `up` begins with starting it. */
async function clusterDown(): Promise<void> {
  await execa(process.execPath, ["local/cluster/command.ts", "down"]);
}

async function timedUp(stack: TestStack): Promise<{ whole: number; toHealthy: number }> {
  const healthy = timeToHealthy(stack);
  const whole = await seconds(() => stack.run("up"));
  return { whole, toHealthy: await healthy };
}

async function timedApply(stack: TestStack, manifests: string): Promise<number> {
  const healthy = timeToHealthy(stack);
  const environment = await worldEnvironment();
  await execa("kubectl", ["--context", worldContext, "apply", "-f", "-"], { env: environment, input: manifests });
  const taken = await healthy;
  await kubectl("delete", "namespace", stack.namespace, "--wait");
  return taken;
}

/** From the moment the namespace exists to the moment all members are healthy voters; both are looked for all the time. */
async function timeToHealthy(stack: TestStack): Promise<number> {
  const environment = await worldEnvironment();
  const proxy = new PodProxy({
    kubeconfig: environment["KUBECONFIG"],
    context: worldContext,
    namespace: stack.namespace,
  });
  await until("the namespace exists", () => proxy.namespaceExists());
  const start = performance.now();
  await until("all members are healthy voters", () => areHealthyVoters(proxy));
  return (performance.now() - start) / 1000;
}

/** One question at a time, to one member: more of them would take the time that the members need for their start. */
async function areHealthyVoters(proxy: PodProxy): Promise<boolean> {
  try {
    const list = await proxy.call("etcd-0", CLIENT_PORT, "/v3/cluster/member/list", 1_000, { linearizable: true });
    const started = list.status === 200 ? parseMembers(list.text).filter(({ name }) => name !== "") : [];
    if (started.filter(({ isLearner }) => !isLearner).length < REPLICAS) return false;
    for (const pod of PODS) {
      if ((await proxy.call(pod, METRICS_PORT, "/readyz", 1_000)).status !== 200) return false;
    }
    return true;
  } catch (error) {
    if (error instanceof Unreachable) return false;
    throw error;
  }
}

async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 180_000;
  while (!(await look())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within 180 s`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** The objects as the engine holds them: exactly what the program registered, as one List for kubectl. */
async function registeredObjects(stack: TestStack): Promise<string> {
  const state = JSON.parse(await stack.export()) as {
    deployment: { resources: { type: string; inputs?: { kind?: string } }[] };
  };
  const items = state.deployment.resources
    .filter(({ type, inputs }) => type.startsWith("kubernetes:") && inputs?.kind !== undefined)
    .map(({ inputs }) => inputs);
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}
