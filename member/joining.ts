import { setTimeout as sleep } from "node:timers/promises";
import { memberName, ordinalOf, peerUrl } from "./address.ts";
import { noteFirstStart } from "./data-dir.ts";
import type { FirstStartFlags } from "./etcd-process.ts";
import type { Member } from "./gateway.ts";
import { log } from "./log.ts";
import { ONE_CHANGE_MS, throughAPeer } from "./peers.ts";
import type { Settings } from "./settings.ts";

/**
 * Has this member added as a learner. A member that went by the same peer URL is removed first: its volume is not this
 * one, and no data dir is ever used under another's ID.
 *
 * @throws NoAnswer, Refused where it can't be done now; the next look at things goes on from what was done
 */
export async function joinAsLearner(
  settings: Settings,
  leftover: Member | undefined,
  members: readonly Member[],
): Promise<FirstStartFlags> {
  const mine = peerUrl(settings, settings.ordinal);
  if (leftover !== undefined) {
    log(`Removing member ${leftover.id}: it went by ${mine}, and its volume is lost`);
    await throughAPeer(settings, (gateway) => gateway.remove(leftover.id));
  }
  await sleep(turnToJoinMs(settings.ordinal, members.length));
  const added = await throughAPeer(settings, (gateway) => gateway.addLearner(mine));
  noteFirstStart(settings.dataDir, { kind: "joining", memberId: added.id });
  log(`Joining as learner: added as member ${added.id}`);
  return existingCluster(settings, added, [...members.filter((member) => member.id !== leftover?.id), added]);
}

/** Those that join together are added one after the other, the lowest first: etcd makes one change at a time. In milliseconds. */
export function turnToJoinMs(ordinal: number, listed: number): number {
  return Math.max(0, ordinal - listed) * ONE_CHANGE_MS;
}

/** Goes on where a join was cut off after the member was added. */
export function resumeJoin(settings: Settings, self: Member, members: readonly Member[]): FirstStartFlags {
  log(`Joining as learner: member ${self.id} was added for this volume before`);
  return existingCluster(settings, self, members);
}

/** etcd compares peer URLs, not names; a member that has not started yet has no name to give. */
function existingCluster(settings: Settings, self: Member, members: readonly Member[]): FirstStartFlags {
  const named = members.map((member): [string, string] => {
    const ordinal = member.id === self.id ? settings.ordinal : ordinalOf(settings, member);
    return [ordinal === undefined ? member.id : memberName(settings, ordinal), member.peerUrls[0] ?? ""];
  });
  return { initialCluster: new Map(named), state: "existing", token: settings.clusterToken };
}
