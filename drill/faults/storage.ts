import { setTimeout as sleep } from "node:timers/promises";
import { Refused } from "../cluster/gateway.ts";
import { type World } from "../cluster/world.ts";
import { always, targetWords, type FaultKind } from "./fault.ts";
import { kill } from "./processes.ts";

/** Key the drill writes to see whether writes are refused; outside all traffic. */
export const probeKey = "etcd-drill/probe";

/** History up to now is dropped while clients work. */
export const compaction: FaultKind = {
  kind: "compaction",
  title: () => "all revisions but the last compacted",
  alone: false,
  visibleWithinMs: 10_000,
  recoveryBoundMs: 10_000,
  missing: always,
  undo: () => [],
  async start(world) {
    const { pod, revision } = await answered(world, "compaction", async () => {
      const serves = await serving(world);
      const status = await world.gateway.status(serves);
      await world.gateway.compact(serves, status.revision);
      return { pod: serves, revision: status.revision };
    });
    return async () => {
      const { compacted } = await world.gateway.hash(pod, 0);
      return Number(compacted) >= revision ? `revision ${compacted} is the first that can be read` : undefined;
    };
  },
};

/** Every member's file is rewritten, one after the other: a member answers nobody while it is at it. */
export const defragmentation: FaultKind = {
  kind: "defragmentation",
  title: ({ target }) => `data file of ${targetWords(target)} defragmented`,
  alone: false,
  visibleWithinMs: 30_000,
  recoveryBoundMs: 10_000,
  missing: always,
  undo: () => [],
  async start(world, _planned, targets) {
    const words: string[] = [];
    for (const pod of targets) {
      const { before, after } = await answered(world, `defragmentation of ${pod}`, async () => {
        const status = await world.gateway.status(pod);
        await world.gateway.defragment(pod);
        return { before: status.dbSize, after: (await world.gateway.status(pod)).dbSize };
      });
      words.push(`${pod}: file of ${before} bytes rewritten, ${after} bytes now`);
    }
    return () => Promise.resolve(words.join("; "));
  },
};

/** SIGKILL of etcd while it rewrites its file: how long after it began, in milliseconds, is by chance. */
export const killInDefragmentation: FaultKind = {
  kind: "kill-in-defragmentation",
  title: ({ target }) => `SIGKILL of ${targetWords(target)} while it defragments`,
  alone: false,
  visibleWithinMs: 15_000,
  recoveryBoundMs: 30_000,
  missing: always,
  undo: () => [],
  async start(world, planned, targets) {
    // It does not come to its end: nobody waits for what it answers.
    for (const pod of targets) void world.gateway.defragment(pod).catch(() => undefined);
    await sleep(Number(planned.options?.["afterMs"] ?? "50"));
    return await kill.start(world, planned, targets);
  },
};

/** The alarm a full quota raises: the cluster refuses writes and goes on answering reads. The quota itself is not filled. */
export const quotaAlarm: FaultKind = {
  kind: "quota-alarm",
  title: ({ target }) => `alarm NOSPACE for ${targetWords(target)}`,
  alone: false,
  uses: "alarm",
  // It takes a majority that serves to be refused a write.
  visibleWithinMs: 30_000,
  recoveryBoundMs: 10_000,
  missing: always,
  undo: () => [{ undo: "lower alarms" }],
  async start(world, _planned, targets) {
    for (const pod of targets) {
      await answered(world, `alarm of ${pod}`, async () => {
        const { memberId } = await world.gateway.status(pod);
        await world.gateway.noSpaceAlarm(pod, memberId, "ACTIVATE");
        return true;
      });
    }
    return async () => {
      const pod = await serving(world);
      try {
        await world.gateway.put(pod, probeKey, "refused?");
        return undefined;
      } catch (error) {
        return error instanceof Refused && error.message.includes("space")
          ? `${pod} refuses writes: ${error.message}`
          : undefined;
      }
    };
  },
};

/** A volume without a byte left. */
export const diskFull: FaultKind = impossible(
  "disk-full",
  "a volume filled to the last byte",
  "the volumes are folders on the node's own disk, without a limit that could be reached; quota-alarm shows what etcd does when its quota is full",
);

/** A process that sees another time than its neighbours. */
export const clockSkew: FaultKind = impossible(
  "clock-skew",
  "another wall clock for one member",
  "Linux has no wall clock per process or container (time namespaces cover only the monotonic clocks), and setting the node's would skew all members alike",
);

/** What no cluster of today's can have: in a plan so that the report says it. */
function impossible(kind: string, title: string, why: string): FaultKind {
  return {
    kind,
    title: () => title,
    alone: false,
    visibleWithinMs: 0,
    recoveryBoundMs: 0,
    missing: () => Promise.resolve(why),
    undo: () => [],
    start: () => Promise.reject(new Error(why)),
  };
}

/** Asks until it is done: another fault may be on, and requests that fail under it are no problem of this one. */
async function answered<T>(world: World, what: string, ask: () => Promise<T>): Promise<T> {
  let last = "";
  const done = await world.until(30_000, async () => {
    try {
      return { answer: await ask() };
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
      throw error;
    }
  });
  if (done === undefined) throw new Error(`the ${what} was not done within 30 s: ${last}`);
  return done.answer;
}

/** A pod whose member serves now. */
async function serving(world: World): Promise<string> {
  const view = await world.look();
  const pod = view.leader ?? view.members.find(({ ready }) => ready)?.pod;
  if (pod === undefined) throw new Error("no member serves, so nothing can be asked of the cluster");
  return pod;
}
