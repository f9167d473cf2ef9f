import { setTimeout as sleep } from "node:timers/promises";
import { acknowledgedAnywhere, acknowledgedHere, lastOfEachKey } from "../acknowledged.ts";
import { listMembers, untilTrue, whyNotHealthy, withMembers, type Member } from "../etcd/cluster-view.ts";
import { type StoreHash } from "../etcd/member-view.ts";
import { wrongRead, type Acknowledged } from "../generated-traffic.ts";
import { type TestCommand, type TestContext } from "./test-command.ts";

/** Reads at a time through each member, and the rest after one that failed, in milliseconds. */
const readsAtOnce = 8;
const restMs = 100;

/** At the very end, in one of the pods: it knows the writes of all of them (workload/acknowledged.ts says how). */
export const nothingLost: TestCommand = {
  name: "finally_nothing_lost",
  summary:
    "All members agree on one revision and hold the same there, and every write acknowledged to a driver is there.",
  run,
};

async function run(context: TestContext): Promise<boolean> {
  const { cluster, deadlineMs, withinMs, assertions, say } = context;
  const unhealthy = await untilTrue(withinMs, () => whyNotHealthy(cluster, deadlineMs, undefined));
  assertions.alwaysOrUnreachable("All members serve at the end", unhealthy === undefined, { why: unhealthy ?? null });
  if (unhealthy !== undefined) {
    say(`the cluster does not serve after ${withinMs / 1000} s: ${unhealthy}`);
    return false;
  }
  const names = ((await listMembers(cluster, deadlineMs)) ?? []).map(({ name }) => name);
  return withMembers(names, cluster, deadlineMs, async (members) => {
    const agreed = await agree(context, members);
    const kept = await keepsAll(context, members);
    return agreed && kept;
  });
}

async function agree({ withinMs, assertions, say }: TestContext, members: readonly Member[]): Promise<boolean> {
  // A member may be behind, or may have compacted when another has not yet.
  const why = await untilTrue(withinMs, () => whyNotSame(members));
  assertions.alwaysOrUnreachable("All members hold the same at one revision", why === undefined, { why: why ?? null });
  say(why === undefined ? `${members.length} members hold the same` : `the members do not hold the same: ${why}`);
  return why === undefined;
}

async function whyNotSame(members: readonly Member[]): Promise<string | undefined> {
  const [first] = members;
  const now = await first?.client.get("\0");
  if (now?.kind !== "ok") return "no revision to compare at";
  const { revision } = now.value;
  const hashes = await Promise.all(
    members.map(({ name, view }) =>
      view.hash(revision).then(
        (hash) => ({ name, hash }),
        (error: unknown) => ({ name, hash: undefined, error: String(error) }),
      ),
    ),
  );
  const silent = hashes.find(({ hash }) => hash === undefined);
  if (silent !== undefined) return `${silent.name} gives no hash at revision ${revision}`;
  return differentHashes(
    revision,
    hashes.flatMap(({ name, hash }) => (hash === undefined ? [] : [{ name, hash }])),
  );
}

/** The sentence that names two members whose stores differ. */
export function differentHashes(
  revision: string,
  hashes: readonly { readonly name: string; readonly hash: StoreHash }[],
): string | undefined {
  const [one] = hashes;
  const other = hashes.find(({ hash }) => hash.hash !== one?.hash.hash || hash.since !== one.hash.since);
  if (one === undefined || other === undefined) return undefined;
  const told = ({ name, hash }: typeof one) => `${name} ${hash.hash} (since ${hash.since})`;
  return `at revision ${revision} the hash of ${told(one)} is not that of ${told(other)}`;
}

async function keepsAll({ withinMs, assertions, say }: TestContext, members: readonly Member[]): Promise<boolean> {
  const until = performance.now() + withinMs;
  const here = acknowledgedHere(process.env);
  const anywhere = await recorded(members, until);
  const writes = lastOfEachKey(here, anywhere ?? []);
  const lost = anywhere === undefined ? "the records of what was acknowledged can't be read" : undefined;
  const wrong = lost ?? (await firstLost(writes, members, until));
  assertions.alwaysOrUnreachable("Every acknowledged write is there at the end", wrong === undefined, {
    writes: writes.length,
    lost: wrong ?? null,
  });
  say(wrong ?? `all ${writes.length} acknowledged writes are there; ${here.length} of them were this pod's`);
  return wrong === undefined;
}

async function recorded(members: readonly Member[], until: number): Promise<readonly Acknowledged[] | undefined> {
  for (;;) {
    for (const { client } of members) {
      const outcome = await acknowledgedAnywhere(client);
      if (outcome.kind === "ok") return outcome.value;
    }
    if (performance.now() > until) return undefined;
    await sleep(restMs);
  }
}

/** Reads each through one of the members, many at a time; the sentence about the first that is not as it was acknowledged. */
async function firstLost(
  writes: readonly Acknowledged[],
  members: readonly Member[],
  until: number,
): Promise<string | undefined> {
  const left = writes.values();
  let wrong: string | undefined;
  const readOn = async ({ name, client }: Member): Promise<void> => {
    for (const put of left) {
      let outcome = await client.get(put.key);
      while (outcome.kind !== "ok" && performance.now() < until) {
        await sleep(restMs);
        outcome = await client.get(put.key);
      }
      wrong ??= outcome.kind === "ok" ? wrongRead(put, outcome.value, name) : `key '${put.key}' can't be read`;
      if (wrong !== undefined) return;
    }
  };
  await Promise.all(members.flatMap((member) => Array.from({ length: readsAtOnce }, () => readOn(member))));
  return wrong;
}
