import { setTimeout as sleep } from "node:timers/promises";
import { ApiClient } from "../local/cluster/api.ts";
import { prepareMachine } from "../local/machine.ts";
import { rawEtcd, rawMembers, type KubernetesObject } from "./raw-etcd.ts";
import { type Figure, median } from "./result.ts";
import { seconds } from "./seconds.ts";

const collections: Record<string, (namespace: string) => string> = {
  Service: (namespace) => `/api/v1/namespaces/${namespace}/services`,
  StatefulSet: (namespace) => `/apis/apps/v1/namespaces/${namespace}/statefulsets`,
};

/**
 * How fast the local cluster brings a plain three-member etcd StatefulSet to Ready and takes it away again: in fresh
 * namespaces, in one namespace over and over, and with the namespace itself made and deleted under one name.
 */
export async function run(rounds: number): Promise<Figure[]> {
  await prepareMachine();
  const api = new ApiClient();
  try {
    const fresh = await series("fresh namespaces", rounds, async (round) => {
      const namespace = `bench-fresh-${round}`;
      await makeNamespace(api, namespace);
      const taken = await timedCreate(api, namespace);
      return { ...taken, removed: await seconds(() => deleteNamespace(api, namespace)) };
    });
    await makeNamespace(api, "bench-same");
    const same = await series("same names in one namespace", rounds, async () => {
      const taken = await timedCreate(api, "bench-same");
      return { ...taken, removed: await seconds(() => deleteObjects(api, "bench-same")) };
    });
    await deleteNamespace(api, "bench-same");
    const again = await series("same namespace made again", rounds, async () => {
      await makeNamespace(api, "bench-again");
      const taken = await timedCreate(api, "bench-again");
      return { ...taken, removed: await seconds(() => deleteNamespace(api, "bench-again")) };
    });
    return [...fresh, ...same, ...again];
  } finally {
    api.close();
  }
}

interface Round {
  created: number;
  removed: number;
  /** What the cluster reported meanwhile. */
  events: string[];
}

async function series(name: string, rounds: number, once: (round: number) => Promise<Round>): Promise<Figure[]> {
  const taken: Round[] = [];
  for (let round = 1; round <= rounds; round++) {
    const result = await once(round);
    taken.push(result);
    process.stdout.write(
      `${name}: created in ${result.created.toFixed(2)} s, gone in ${result.removed.toFixed(2)} s\n`,
    );
  }
  const created = taken.map((round) => round.created);
  const slowest = taken.find((round) => round.created === Math.max(...created));
  if (slowest !== undefined && slowest.created > 1.5 * median(created)) {
    process.stdout.write(`the slowest, ${slowest.created.toFixed(2)} s:\n${slowest.events.join("\n")}\n`);
  }
  const removed = taken.map((round) => round.removed);
  const ratio = [Math.max(...created) / median(created)];
  return [
    { name: `${name}: created → 3 ready`, unit: "s", samples: created, judged: "median", bound: undefined },
    { name: `${name}: slowest / median`, unit: "×", samples: ratio, judged: "max", bound: 2 },
    { name: `${name}: deleted → gone`, unit: "s", samples: removed, judged: "median", bound: undefined },
  ];
}

async function timedCreate(api: ApiClient, namespace: string): Promise<{ created: number; events: string[] }> {
  const began = Date.now();
  const created = await seconds(async () => {
    await Promise.all(
      rawEtcd().map((object) => api.apply(`${collection(object, namespace)}/${object.metadata.name}`, object)),
    );
    const path = `/apis/apps/v1/namespaces/${namespace}/statefulsets/etcd`;
    await until("three members are ready", async () => {
      const set = (await api.read(path)) as { status?: { readyReplicas?: number } };
      return set.status?.readyReplicas === rawMembers;
    });
  });
  return { created, events: await eventsSince(api, namespace, began) };
}

function collection(object: KubernetesObject, namespace: string): string {
  const path = collections[object.kind];
  if (path === undefined) throw new Error(`no path for a ${object.kind}`);
  return path(namespace);
}

async function eventsSince(api: ApiClient, namespace: string, began: number): Promise<string[]> {
  const list = (await api.read(`/api/v1/namespaces/${namespace}/events`)) as {
    items: {
      metadata: { creationTimestamp: string };
      involvedObject: { kind: string; name: string };
      reason: string;
      message: string;
      eventTime: string | null;
    }[];
  };
  return list.items
    .filter(({ metadata }) => Date.parse(metadata.creationTimestamp) >= began - 1000)
    .map(
      ({ metadata, involvedObject, reason, message, eventTime }) =>
        `  ${eventTime ?? metadata.creationTimestamp} ${involvedObject.kind}/${involvedObject.name} ${reason}: ${message}`,
    )
    .sort();
}

async function makeNamespace(api: ApiClient, name: string): Promise<void> {
  await deleteNamespace(api, name);
  await api.apply(`/api/v1/namespaces/${name}`, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
}

async function deleteNamespace(api: ApiClient, name: string): Promise<void> {
  await api.call("DELETE", `/api/v1/namespaces/${name}`);
  await until(`namespace ${name} is gone`, async () => (await api.read(`/api/v1/namespaces/${name}`)) === undefined);
}

async function deleteObjects(api: ApiClient, namespace: string): Promise<void> {
  for (const object of rawEtcd().toReversed()) {
    await api.call("DELETE", `${collection(object, namespace)}/${object.metadata.name}`);
  }
  const isEmpty = (kind: string) => async (): Promise<boolean> => {
    const list = (await api.read(`/api/v1/namespaces/${namespace}/${kind}`)) as { items: unknown[] };
    return list.items.length === 0;
  };
  await until("the pods are gone", isEmpty("pods"));
  await api.call("DELETE", `/api/v1/namespaces/${namespace}/persistentvolumeclaims`);
  await until("the claims are gone", isEmpty("persistentvolumeclaims"));
}

async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 180_000;
  while (!(await look())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within 180 s`);
    await sleep(25);
  }
}
