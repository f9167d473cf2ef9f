import { memberName, ordinalOf } from "./address.ts";
import type { EtcdProcess } from "./etcd-process.ts";
import { Refused, type Member } from "./gateway.ts";
import { NoAnswer } from "./http.ts";
import { UnexpectedAnswer } from "./json.ts";
import { Denied, type Kubernetes } from "./kubernetes.ts";
import { log, SaidOnce } from "./log.ts";
import { declaredReplicas } from "./observation.ts";
import { ownGateway, ownStatus } from "./own-etcd.ts";
import { pause, type Stop } from "./pause.ts";
import { HIGHEST_ORDINAL, type Settings } from "./settings.ts";

const LOOK_EVERY_MS = 2_000;
/** Claims are looked for when replicas or members changed, and after this time all the same. */
const CLAIMS_AGAIN_AFTER_MS = 60_000;

export interface Departed {
  readonly ordinal: number;
  /** The member that is still listed for this ordinal. */
  readonly member: Member | undefined;
}

/**
 * The ordinals beyond `replicas`, the highest first, with the member each may have left on the list.
 *
 * @param replicas undefined or 0 (hibernation) where nobody has departed
 */
export function departedOrdinals(
  naming: Parameters<typeof ordinalOf>[0],
  members: readonly Member[],
  replicas: number | undefined,
): Departed[] {
  if (replicas === undefined || replicas === 0) return [];
  const count = Math.max(0, HIGHEST_ORDINAL + 1 - replicas);
  return Array.from({ length: count }, (_, index) => HIGHEST_ORDINAL - index).map((ordinal) => ({
    ordinal,
    member: members.find((member) => ordinalOf(naming, member) === ordinal),
  }));
}

/**
 * Repairs what a crash left behind, and only the program beside the leader does: a member whose ordinal is beyond the
 * replicas and whose pod is gone is removed, then its claim is deleted. Everything is looked at anew each time, so whoever
 * leads next goes on.
 */
export async function keepHouse(
  settings: Settings,
  kubernetes: Kubernetes,
  etcd: EtcdProcess,
  stop: Stop,
): Promise<void> {
  const said = new SaidOnce();
  const claims = new CleanClaims();
  while (etcd.isRunning && !stop.asked) {
    await pause(LOOK_EVERY_MS, stop);
    try {
      const status = await ownStatus(settings);
      if (status !== undefined && status.leaderId === status.memberId) await repair(settings, kubernetes, claims);
    } catch (error) {
      if (!isTrouble(error)) throw error;
      said.say(`Housekeeping: ${error.message}`);
    }
  }
}

function isTrouble(error: unknown): error is Error {
  return [NoAnswer, Refused, Denied, UnexpectedAnswer].some((kind) => error instanceof kind);
}

async function repair(settings: Settings, kubernetes: Kubernetes, claims: CleanClaims): Promise<void> {
  const replicas = await declaredReplicas(settings, kubernetes);
  const { members } = await ownGateway(settings).members();
  const departed = departedOrdinals(settings, members, replicas);
  for (const { ordinal, member } of departed) {
    if (member === undefined || (await kubernetes.podExists(memberName(settings, ordinal)))) continue;
    await ownGateway(settings).remove(member.id);
    log(`Removed member ${member.id}: ordinal ${ordinal} is beyond ${replicas ?? "?"} replicas and its pod is gone`);
    return;
  }
  if (claims.areClean(replicas, members)) return;
  const clean = await Promise.all(
    departed.map(
      async ({ ordinal, member }) => member === undefined && (await isRidOfClaim(settings, kubernetes, ordinal)),
    ),
  );
  if (clean.every(Boolean)) claims.cleaned(replicas, members);
}

/**
 * Deletes the claim of an ordinal that has left. The declaration is asked for once more before: it may have grown since.
 *
 * @returns whether there is no claim (any more); false while its pod is still on its way out
 */
async function isRidOfClaim(settings: Settings, kubernetes: Kubernetes, ordinal: number): Promise<boolean> {
  const claim = `data-${memberName(settings, ordinal)}`;
  if (!(await kubernetes.claimExists(claim))) return true;
  if (await kubernetes.podExists(memberName(settings, ordinal))) return false;
  const replicas = await declaredReplicas(settings, kubernetes);
  if (replicas === undefined || replicas === 0 || ordinal < replicas) return false;
  await kubernetes.deleteClaim(claim);
  log(`Deleted claim ${claim}: ordinal ${ordinal} has left`);
  return true;
}

/** Remembers for which state of things no claim was left, so that nothing is asked while nothing changes. */
class CleanClaims {
  #state = "";
  #at = 0;

  areClean(replicas: number | undefined, members: readonly Member[]): boolean {
    return this.#state === stateOf(replicas, members) && Date.now() - this.#at < CLAIMS_AGAIN_AFTER_MS;
  }

  cleaned(replicas: number | undefined, members: readonly Member[]): void {
    this.#state = stateOf(replicas, members);
    this.#at = Date.now();
  }
}

function stateOf(replicas: number | undefined, members: readonly Member[]): string {
  return `${replicas ?? "?"} ${members.map((member) => member.id).join()}`;
}
