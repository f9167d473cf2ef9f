import { acknowledgedSoFar } from "../acknowledged.ts";
import { listMembers, untilTrue, whyNotHealthy, withMembers, type Member } from "../etcd/cluster-view.ts";
import { type StoreHash } from "../etcd/member-view.ts";
import { wrongRead, type Acknowledged } from "../generated-traffic.ts";
import { type TestCommand, type TestContext } from "./test-command.ts";

/**
 * At the very end. The composer runs it in one of the pods: it knows what was acknowledged to that pod, so by hand it is run
 * in each.
 */
export const nothingLost: TestCommand = {
  name: "finally_nothing_lost",
  summary: "All members agree on one revision and hold the same there, and every acknowledged write is there.",
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
    const kept = await keepsAll(context, members, acknowledgedSoFar(process.env));
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

async function keepsAll(
  { withinMs, assertions, say }: TestContext,
  members: readonly Member[],
  acknowledged: readonly Acknowledged[],
): Promise<boolean> {
  const until = performance.now() + withinMs;
  let read = 0;
  for (const put of acknowledged) {
    const member = members[read % members.length];
    if (member === undefined) return false;
    let outcome = await member.client.get(put.key);
    while (outcome.kind !== "ok" && performance.now() < until) outcome = await member.client.get(put.key);
    const wrong = outcome.kind === "ok" ? wrongRead(put, outcome.value, member.name) : `key '${put.key}' can't be read`;
    if (wrong !== undefined) {
      assertions.alwaysOrUnreachable("Every acknowledged write is there at the end", false, { lost: wrong });
      say(wrong);
      return false;
    }
    read += 1;
  }
  assertions.alwaysOrUnreachable("Every acknowledged write is there at the end", true, { writes: acknowledged.length });
  say(`all ${acknowledged.length} writes that were acknowledged to this pod are there`);
  return true;
}
