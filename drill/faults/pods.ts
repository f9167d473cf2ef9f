import { type World } from "../cluster/world.ts";
import { always, targetWords, type FaultKind, type Observe } from "./fault.ts";
import { eachSeen } from "./processes.ts";

/** The pod is deleted as kubectl does it: it gets its grace period and moves leadership away. */
export const deletePod: FaultKind = {
  kind: "delete",
  title: ({ target }) => `pod of ${targetWords(target)} deleted`,
  alone: false,
  replacesPods: true,
  visibleWithinMs: 70_000,
  recoveryBoundMs: 60_000,
  missing: always,
  undo: () => [],
  start: (world, _planned, targets) => replaced(world, targets, undefined),
};

/** The pod is deleted without grace, as when its node is lost. */
export const forceDelete: FaultKind = {
  kind: "force-delete",
  title: ({ target }) => `pod of ${targetWords(target)} deleted by force`,
  alone: false,
  replacesPods: true,
  visibleWithinMs: 70_000,
  recoveryBoundMs: 60_000,
  missing: always,
  undo: () => [],
  start: (world, _planned, targets) => replaced(world, targets, 0),
};

/** Every pod deleted in turn, the next once all are healthy again: what a drain or an update of the nodes does. */
export const rollingRestart: FaultKind = {
  kind: "rolling-restart",
  title: () => "every pod deleted, one after the other",
  alone: true,
  visibleWithinMs: 1_000,
  recoveryBoundMs: 60_000,
  missing: always,
  undo: () => [],
  async start(world) {
    const seen: string[] = [];
    for (const pod of world.expected()) {
      const observe = await replaced(world, [pod], undefined);
      const words = await world.until(60_000, observe);
      if (words === undefined) throw new Error(`${pod} was deleted and had no successor within 60 s`);
      seen.push(words);
      const healthy = await world.until(60_000, async () => (await world.look()).healthy);
      if (healthy !== true) throw new Error(`the members were not healthy within 60 s after ${pod} was deleted`);
    }
    return () => Promise.resolve(seen.join("; "));
  },
};

/** The member's data is removed and its pod deleted by force: it has to come back as a new member. */
export const wipe: FaultKind = {
  kind: "wipe",
  title: ({ target }) => `volume of ${targetWords(target)} wiped`,
  alone: true,
  visibleWithinMs: 90_000,
  recoveryBoundMs: 60_000,
  missing: always,
  undo: () => [],
  async start(world, _planned, targets) {
    const before = new Map(
      await Promise.all(targets.map(async (pod) => [pod, (await world.gateway.status(pod)).memberId] as const)),
    );
    for (const pod of targets) {
      await world.kubernetes.exec(pod, ["sh", "-c", "rm -rf /var/lib/etcd/data"]);
      await world.kubernetes.deletePod(pod, 0);
    }
    return eachSeen(targets, async (pod) => {
      const { memberId, isLearner } = await world.gateway.status(pod);
      const old = before.get(pod);
      if (memberId === old || memberId === "0" || isLearner) return undefined;
      return `${pod}: was member ${hex(old)}, is member ${hex(memberId)}`;
    });
  },
};

async function replaced(world: World, targets: readonly string[], grace: number | undefined): Promise<Observe> {
  const before = new Map(
    await Promise.all(targets.map(async (pod) => [pod, await deleted(world, pod, grace)] as const)),
  );
  return eachSeen(targets, async (pod) => {
    const now = await world.kubernetes.pod(pod);
    const old = before.get(pod);
    if (now === undefined || now.uid === old) return undefined;
    return `${pod}: pod ${old?.slice(0, 8) ?? "?"} is gone, its successor is ${now.uid.slice(0, 8)}`;
  });
}

/**
 * Deletes the pod there is: one that another fault has just deleted is followed by the next.
 *
 * @returns the uid of the one that is deleted
 */
async function deleted(world: World, pod: string, grace: number | undefined): Promise<string> {
  const uid = await world.until(20_000, async () => {
    const now = await world.kubernetes.pod(pod);
    if (now === undefined) return undefined;
    await world.kubernetes.deletePod(pod, grace);
    return now.uid;
  });
  if (uid === undefined) throw new Error(`there was no pod ${pod} to delete for 20 s`);
  return uid;
}

function hex(decimal: string | undefined): string {
  return decimal === undefined ? "?" : BigInt(decimal).toString(16);
}
