import { claimName, memberName, ordinalOf } from "./address.ts";
import type { Member } from "./gateway.ts";
import { SaidOnce } from "./log.ts";
import { declaredReplicas } from "./observation.ts";
import { ownGateway, ownStatus } from "./own-etcd.ts";
import type { Stop } from "./pause.ts";
import type { Clock, Ports } from "./ports.ts";
import { HIGHEST_ORDINAL } from "./settings.ts";
import { Trouble } from "./trouble.ts";

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
 *
 * @param over asked when etcd has ended or is to end
 */
export async function keepHouse(ports: Ports, over: Stop, departedOf = departedOrdinals): Promise<void> {
  const said = new SaidOnce(ports);
  const claims = new CleanClaims(ports.clock);
  while (!over.asked) {
    await ports.clock.pause(LOOK_EVERY_MS, over);
    try {
      const status = await ownStatus(ports);
      if (status !== undefined && status.leaderId === status.memberId) await repair(ports, claims, departedOf);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      said.say(`Housekeeping: ${error.message}`);
    }
  }
}

async function repair(ports: Ports, claims: CleanClaims, departedOf: typeof departedOrdinals): Promise<void> {
  const { settings, kubernetes } = ports;
  const replicas = await declaredReplicas(ports);
  const { members } = await ownGateway(ports).members();
  const departed = departedOf(settings, members, replicas);
  for (const { ordinal, member } of departed) {
    if (member === undefined || (await kubernetes.pod(memberName(settings, ordinal))) !== undefined) continue;
    await ownGateway(ports).remove(member.id);
    ports.log(
      `Removed member ${member.id}: ordinal ${ordinal} is beyond ${replicas ?? "?"} replicas and its pod is gone`,
    );
    await ports.reached("departed-removed");
    return;
  }
  if (claims.areClean(replicas, members)) return;
  const clean = await Promise.all(
    departed.map(async ({ ordinal, member }) => member === undefined && (await isRidOfClaim(ports, ordinal))),
  );
  if (clean.every(Boolean)) claims.cleaned(replicas, members);
}

/**
 * Deletes the claim of an ordinal that has left. The declaration is asked for once more before: it may have grown since.
 *
 * @returns whether there is no claim (any more); false while its pod is still on its way out
 */
async function isRidOfClaim(ports: Ports, ordinal: number): Promise<boolean> {
  const { settings, kubernetes } = ports;
  const claim = claimName(settings, ordinal);
  if ((await kubernetes.claim(claim)) === undefined) return true;
  const replicas = await declaredReplicas(ports);
  if (replicas === undefined || replicas === 0 || ordinal < replicas) return false;
  // Last, right before: a pod that comes in between has a claim that is going, sees it, and asks for another pod.
  if ((await kubernetes.pod(memberName(settings, ordinal))) !== undefined) return false;
  await kubernetes.deleteClaim(claim);
  ports.log(`Deleted claim ${claim}: ordinal ${ordinal} has left`);
  await ports.reached("claim-deleted");
  return true;
}

/** Remembers for which state of things no claim was left, so that nothing is asked while nothing changes. */
class CleanClaims {
  readonly #clock: Clock;
  #state = "";
  #at = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  areClean(replicas: number | undefined, members: readonly Member[]): boolean {
    return this.#state === stateOf(replicas, members) && this.#clock.now() - this.#at < CLAIMS_AGAIN_AFTER_MS;
  }

  cleaned(replicas: number | undefined, members: readonly Member[]): void {
    this.#state = stateOf(replicas, members);
    this.#at = this.#clock.now();
  }
}

function stateOf(replicas: number | undefined, members: readonly Member[]): string {
  return `${replicas ?? "?"} ${members.map((member) => member.id).join()}`;
}
