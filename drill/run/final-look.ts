import path from "node:path";
import { HistoryWriter } from "../../workload/history/writer.ts";
import { rangeEnd, type Dump, type ListedMember } from "../cluster/gateway.ts";
import { type PodFacts } from "../cluster/kubernetes.ts";
import { type World } from "../cluster/world.ts";
import { finalDump } from "../judge/timeline.ts";

/** Where the last reads are recorded, in a drill's folder. */
export const finalDumpFile = "final-dump.jsonl";

/** A member when all is over. */
export interface FinalMember {
  readonly pod: string;
  /** Everything the clients wrote, from the member's own state. */
  readonly dump: Dump | undefined;
  readonly hash: string | undefined;
  readonly memberId: string | undefined;
}

/** The cluster when all is over. */
export interface FinalLook {
  readonly healthy: boolean;
  readonly members: readonly FinalMember[];
  /** At which the hashes were taken. */
  readonly hashRevision: number;
  readonly listed: readonly ListedMember[];
  readonly claims: readonly string[];
  readonly pods: readonly PodFacts[];
  /** Pods whose etcd was another process a few seconds later. */
  readonly restless: readonly string[];
  /** A history of what was read here, for the checker. */
  readonly file: string;
}

/** Reads everything, from every member, when traffic has ended and the cluster has had its time to recover. */
export async function lookAtTheEnd(world: World, prefix: string, folder: string, healthy: boolean): Promise<FinalLook> {
  const pods = world.expected();
  const before = await Promise.all(pods.map((pod) => world.reach.etcd(pod).catch(() => undefined)));
  const file = path.join(folder, finalDumpFile);
  const dumps = await dumpAll(world, prefix, file);
  const { revision } = await world.look();
  const members = await Promise.all(
    pods.map(async (pod, at) => ({
      pod,
      dump: dumps[at],
      hash: await hashAt(world, pod, revision),
      memberId: await world.gateway.status(pod).then(
        ({ memberId }) => memberId,
        () => undefined,
      ),
    })),
  );
  const [first = ""] = pods;
  const listed = await world.gateway.members(first).catch(() => []);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const after = await Promise.all(pods.map((pod) => world.reach.etcd(pod).catch(() => undefined)));
  return {
    healthy,
    members,
    hashRevision: revision,
    listed,
    claims: await world.kubernetes.claims(),
    pods: await world.members(),
    restless: pods.filter((_, at) => before[at]?.pid !== after[at]?.pid || after[at] === undefined),
    file,
  };
}

/** A linearizable read through each member, for the checker; then each member's own state. */
async function dumpAll(world: World, prefix: string, file: string): Promise<(Dump | undefined)[]> {
  const writer = new HistoryWriter(file, { process: finalDump });
  const end = rangeEnd(prefix);
  const dumps: (Dump | undefined)[] = [];
  for (const [number, pod] of world.expected().entries()) {
    for (const serializable of [false, true]) {
      writer.begin(number, pod, { op: "range", key: prefix, end, ...(serializable ? { serializable } : {}) });
      try {
        const dump = await world.gateway.dump(pod, prefix, serializable);
        writer.end<"range">(number, { ok: { revision: dump.revision, kvs: dump.keys, count: dump.keys.length } });
        if (serializable) dumps.push(dump);
      } catch (error) {
        writer.end(number, { failed: error instanceof Error ? error.message : String(error) });
        if (serializable) dumps.push(undefined);
      }
    }
  }
  writer.close();
  return dumps;
}

/** Once the member has applied the revision. */
async function hashAt(world: World, pod: string, revision: number): Promise<string | undefined> {
  return await world.until(10_000, async () => {
    const { hash, compacted } = await world.gateway.hash(pod, revision);
    // etcd's hash is of what is kept since the last compaction; before the first one it says -1.
    return `${hash} (${compacted === "-1" ? "nothing compacted" : `from revision ${compacted}`})`;
  });
}
