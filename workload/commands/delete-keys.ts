import { MemberClient } from "../etcd/member-client.ts";
import { findMembers } from "../etcd/members.ts";
import { randomBetween, randomChoice, randomText } from "../random.ts";
import { type TestCommand, type TestContext } from "./test-command.ts";

/**
 * Keys of its own prefix, so that no other command's are touched. What is unknown leaves room: a range must count at least
 * what is certainly there and at most what may be there.
 */
export const deleteKeys: TestCommand = {
  name: "serial_driver_delete_keys",
  summary:
    "Puts 1 to 50 keys, counts them by a range, deletes half of them, counts and reads again; each through a random member.",
  run,
};

/** How many keys a range may count. */
interface Bounds {
  low: number;
  high: number;
}

async function run({ cluster, deadlineMs, random, assertions, say }: TestContext): Promise<boolean> {
  const clients = (await findMembers(cluster)).map((address) => new MemberClient(address, deadlineMs));
  if (clients.length === 0) {
    say(`no member of ${cluster.clusterName} resolves: nothing was sent`);
    return true;
  }
  const prefix = `${randomText(random, 16)}/`;
  const any = () => randomChoice(random, clients);
  try {
    const keys = Array.from({ length: randomBetween(random, 1, 50) }, (_, number) => `${prefix}${number}`);
    const there = await putAll(any(), keys);
    const counted = await count(any(), prefix, there, "put");
    const { deleted, maybe } = await deleteHalf(any(), keys);
    there.low -= deleted.length + maybe;
    there.low = Math.max(0, there.low);
    there.high -= deleted.length;
    const recounted = await count(any(), prefix, there, "deleted");
    const gone = await readDeleted(any(), deleted);
    say(
      `${keys.length} keys put, ${deleted.length} deleted: ${counted && recounted && gone ? "all as it must be" : "WRONG"}`,
    );
    return counted && recounted && gone;
  } finally {
    for (const client of clients) client.close();
  }

  async function putAll(client: MemberClient, keys: readonly string[]): Promise<Bounds> {
    const bounds = { low: 0, high: 0 };
    for (const key of keys) {
      const { kind } = await client.put(key, randomText(random, 16));
      if (kind === "ok") bounds.low += 1;
      if (kind !== "failed") bounds.high += 1;
    }
    return bounds;
  }

  async function count(client: MemberClient, key: string, { low, high }: Bounds, after: string): Promise<boolean> {
    const outcome = await client.call({ op: "range", key, end: `${key.slice(0, -1)}0`, countOnly: true });
    assertions.sometimes("Client can make successful range requests", outcome.kind === "ok");
    if (outcome.kind !== "ok") return true;
    const counted = outcome.value.count;
    const right = counted >= low && counted <= high;
    const details = { after, counted, low, high, member: client.member };
    assertions.always("A range counts what was put and not deleted", right, details);
    if (!right) say(`a range after keys were ${after} counts ${counted}: expected ${low} to ${high}`);
    return right;
  }

  async function deleteHalf(client: MemberClient, keys: readonly string[]) {
    const deleted: string[] = [];
    let maybe = 0;
    for (const key of keys.slice(0, Math.ceil(keys.length / 2))) {
      const outcome = await client.call({ op: "delete", key });
      assertions.sometimes("Client can make successful delete requests", outcome.kind === "ok");
      if (outcome.kind === "ok" && outcome.value.deleted === 1) deleted.push(key);
      else if (outcome.kind !== "failed") maybe += 1;
    }
    return { deleted, maybe };
  }

  async function readDeleted(client: MemberClient, deleted: readonly string[]): Promise<boolean> {
    for (const key of deleted) {
      const outcome = await client.get(key);
      if (outcome.kind !== "ok") continue;
      const { kv } = outcome.value;
      assertions.always("Key was deleted correctly", kv === null, { key, value: kv?.value ?? null });
      if (kv !== null) {
        say(`key '${key}' was deleted, but a later read through ${client.member} found '${kv.value}'`);
        return false;
      }
    }
    if (deleted.length > 0) assertions.reachable("Completion of a key deleting check");
    return true;
  }
}
