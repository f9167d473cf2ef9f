import type { Cluster, ClusterSeen } from "./cluster.ts";
import { GIVEN_UP, RECOVERY, recoveryNotes } from "./latch.ts";
import type { MemberRow } from "./members.ts";
import { eventually, TimedOut } from "./waiting.ts";

/** Whom a recovery keeps, and what it costs. */
export interface Recovery {
  readonly survivor: MemberRow;
  /** Members on the survivor's list: their data, if there is any, counts no more. */
  readonly givenUp: readonly MemberRow[];
}

/**
 * Which member a cluster that has lost its majority is to go on from: of the voters that answer the one that knows most to
 * be committed, and of equals the one with the lowest ordinal.
 *
 * @returns the sentence to show where nothing is to be recovered, or nothing can be
 */
export function chooseSurvivor(seen: ClusterSeen): Recovery | string {
  if (seen.statefulSet.replicas === 0) return "the cluster hibernates: wake it by setting etcd:hibernate to false";
  if (seen.quorum) {
    return "a quorum answers, so there is nothing to recover; one member is replaced with `npm run member -- replace NAME`";
  }
  const answering = seen.rows.filter(({ status, role }) => status !== undefined && role !== "learner");
  const [survivor] = [...answering].sort(
    (a, b) =>
      (b.status?.raftIndex ?? 0) - (a.status?.raftIndex ?? 0) ||
      (b.status?.revision ?? 0) - (a.status?.revision ?? 0) ||
      (a.ordinal ?? 0) - (b.ordinal ?? 0),
  );
  if (survivor === undefined) {
    return "no voter answers, so there is none to go on from: bring one back with its volume, or restore a snapshot";
  }
  return { survivor, givenUp: seen.rows.filter(({ id }) => id !== "" && id !== survivor.id) };
}

/** Nothing was done: one sentence that says why, and what to do first. */
export class NotDone extends Error {}

/** Deadlines, in milliseconds. */
export interface Patience {
  readonly podsEndMs: number;
  readonly regrowMs: number;
}

/**
 * Goes on from the survivor alone, then lets the others join anew (docs/adr/0009-recovery.md). May be cut off anywhere and run
 * again.
 *
 * @param say told each step as it is done
 * @param onceAlone done when the survivor serves, before its cluster is waited for to grow
 * @throws TimedOut, Unreachable, or NotDone
 */
export async function recover(
  cluster: Cluster,
  { survivor, givenUp }: Recovery,
  say: (line: string) => void,
  patience: Patience,
  onceAlone: () => Promise<void>,
): Promise<void> {
  await fence(cluster, survivor, givenUp);
  say(`${names(givenUp)} can't start with ${givenUp.length === 1 ? "its" : "their"} data any more`);
  await stopOthers(cluster, survivor, patience.podsEndMs);
  say("no other member runs");
  await cluster.objects.setInLatch({ [RECOVERY]: survivor.id });
  await cluster.objects.deletePod(survivor.name);
  say(`${survivor.name} restarts, to go on alone`);
  await eventually(`${survivor.name} goes on alone`, patience.regrowMs, async () => {
    const latch = await cluster.objects.latch();
    return latch?.[RECOVERY] === "" && (await cluster.look())?.quorum === true;
  });
  say(`${survivor.name} is a cluster of its own data; the others join anew`);
  await onceAlone();
  await regrown(cluster, patience.regrowMs, say);
}

/**
 * Takes back what a recovery had begun that was cut off, where a quorum has come back meanwhile: members it counts on may
 * start with their data as before.
 *
 * @returns the members that were given up and are so no more
 */
export async function takeBack(cluster: Cluster, seen: ClusterSeen): Promise<readonly string[]> {
  if (!seen.quorum) return [];
  const latch = await cluster.objects.latch();
  const { givenUp, goesOnAlone } = recoveryNotes(latch);
  const counted = givenUp.filter((given) => seen.rows.some(({ id, role }) => id === given && role !== "not a member"));
  if (counted.length === 0 && goesOnAlone === "") return [];
  await cluster.objects.setInLatch({
    [RECOVERY]: "",
    [GIVEN_UP]: givenUp.filter((id) => !counted.includes(id)).join(","),
  });
  return counted;
}

function names(rows: readonly MemberRow[]): string {
  return rows.map(({ name, id }) => `${name} (${id})`).join(", ");
}

/** From here on no member that is given up starts with its data: an old majority can't come back beside the survivor. */
async function fence(cluster: Cluster, survivor: MemberRow, givenUp: readonly MemberRow[]): Promise<void> {
  const latch = await cluster.objects.latch();
  if (latch === undefined) {
    throw new NotDone(
      `there is no ConfigMap ${cluster.objects.name}-latch: delete pod ${survivor.name}, which writes it anew, then try again`,
    );
  }
  if (latch["cluster-id"] !== survivor.status?.clusterId) {
    throw new NotDone(`${survivor.name} holds data of another cluster than the latch stands for: nothing was done`);
  }
  const before = latch[GIVEN_UP] ?? "";
  const ids = new Set([...recoveryNotes(latch).givenUp, ...givenUp.map(({ id }) => id)]);
  await cluster.objects.setInLatch({ [GIVEN_UP]: [...ids].join(",") });
  if ((await cluster.look())?.quorum === true) {
    await cluster.objects.setInLatch({ [GIVEN_UP]: before });
    throw new NotDone("a quorum answers again, so there is nothing to recover: nothing was done");
  }
}

/**
 * Waits until Kubernetes is sure that they have ended: a pod on a node that does not answer may run on, out of sight, and
 * take writes.
 */
async function stopOthers(cluster: Cluster, survivor: MemberRow, withinMs: number): Promise<void> {
  const others = (await cluster.objects.pods()).filter(({ name }) => name !== survivor.name);
  await Promise.all(others.map(({ name }) => cluster.objects.deletePod(name)));
  try {
    await eventually("the pods of the others have ended", withinMs, async () => {
      const now = await cluster.objects.pods();
      return !now.some(({ uid }) => others.some((other) => other.uid === uid));
    });
  } catch (error) {
    if (!(error instanceof TimedOut)) throw error;
    const now = await cluster.objects.pods();
    const stuck = now.filter(({ uid }) => others.some((other) => other.uid === uid));
    throw new TimedOut(
      `${stuck.map(({ name, node }) => `pod ${name} on node ${node}`).join(", ")} did not end: it may still run there. ` +
        "Make sure that the node is off, `kubectl delete pod --force`, then run this again",
    );
  }
}

/** Every declared ordinal a healthy voter. */
async function regrown(cluster: Cluster, withinMs: number, say: (line: string) => void): Promise<void> {
  const said = new Set<string>();
  await eventually("all members are healthy voters", withinMs, async () => {
    const seen = await cluster.look();
    if (seen === undefined) return false;
    const voters = seen.rows.filter(
      ({ role, health }) => (role === "leader" || role === "voter") && health === "healthy",
    );
    for (const { name, id } of voters.filter((row) => !said.has(row.name))) {
      said.add(name);
      say(`${name} is a voter and healthy, member ${id}`);
    }
    return seen.quorum && voters.length === seen.statefulSet.replicas && seen.rows.length === voters.length;
  });
}
