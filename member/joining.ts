import { memberName, ordinalOf, peerUrl } from "./address.ts";
import type { FirstStartFlags } from "./etcd-process.ts";
import type { Member } from "./gateway.ts";
import { ONE_CHANGE_MS, throughAPeer } from "./peers.ts";
import type { Ports } from "./ports.ts";
import type { Settings } from "./settings.ts";

/**
 * Has this member added as a learner. A member that went by the same peer URL is removed first: its volume is not this
 * one, and no data dir is ever used under another's ID.
 *
 * @param listed how many members the list had
 * @throws Trouble where it can't be done now; the next look at things goes on from what was done
 */
export async function joinAsLearner(
  ports: Ports,
  leftover: Member | undefined,
  listed: number,
): Promise<FirstStartFlags> {
  const { settings } = ports;
  const mine = peerUrl(settings, settings.ordinal);
  if (leftover !== undefined) {
    ports.log(`Removing member ${leftover.id}: it went by ${mine}, and its volume is lost`);
    await throughAPeer(ports, (gateway) => gateway.remove(leftover.id));
    await ports.reached("lost-member-removed");
  }
  await ports.clock.pause(turnToJoinMs(settings.ordinal, listed));
  // The list that etcd gives with the change is the one that counts: another learner may have come since the last look.
  const { added, members } = await throughAPeer(ports, (gateway) => gateway.addLearner(mine));
  await ports.reached("learner-added");
  ports.volume.noteFirstStart({ kind: "joining", memberId: added.id });
  await ports.reached("joining-noted");
  ports.log(`Joining as learner: added as member ${added.id}`);
  return existingCluster(settings, added, members);
}

/** Those that join together are added one after the other, the lowest first: etcd makes one change at a time. In milliseconds. */
export function turnToJoinMs(ordinal: number, listed: number): number {
  return Math.max(0, ordinal - listed) * ONE_CHANGE_MS;
}

/** Goes on where a join was cut off after the member was added. */
export function resumeJoin(ports: Ports, self: Member, members: readonly Member[]): FirstStartFlags {
  ports.log(`Joining as learner: member ${self.id} was added for this volume before`);
  return existingCluster(ports.settings, self, members);
}

/** etcd compares peer URLs, not names; a member that has not started yet has no name to give. */
function existingCluster(settings: Settings, self: Member, members: readonly Member[]): FirstStartFlags {
  const named = members.map((member): [string, string] => {
    const ordinal = member.id === self.id ? settings.ordinal : ordinalOf(settings, member);
    return [ordinal === undefined ? member.id : memberName(settings, ordinal), member.peerUrls[0] ?? ""];
  });
  return { initialCluster: new Map(named), state: "existing", token: settings.clusterToken };
}
