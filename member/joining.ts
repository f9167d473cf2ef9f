import { memberName, ordinalOf, peerUrl } from "./address.ts";
import type { FirstStartFlags } from "./etcd-process.ts";
import type { Member } from "./gateway.ts";
import type { Stop } from "./pause.ts";
import { throughAPeer } from "./peers.ts";
import type { Ports } from "./ports.ts";
import type { Settings } from "./settings.ts";

/**
 * For so long a member gives way to each lower one that is to join as well. On a small machine a join takes about as long, and
 * two that start side by side take the CPU from those that serve; a large database may still be copied to several at once.
 */
const ONE_JOIN_MS = 600;
const LOOK_AGAIN_AFTER_MS = 100;

/**
 * Has this member added as a learner. A member that went by the same peer URL is removed first: its volume is not this
 * one, and no data dir is ever used under another's ID.
 *
 * @param members the list as it was last seen
 * @returns undefined where the pod was told to stop before that
 * @throws Trouble where it can't be done now; the next look at things goes on from what was done
 */
export async function joinAsLearner(
  ports: Ports,
  leftover: Member | undefined,
  members: readonly Member[],
  stop: Stop,
): Promise<FirstStartFlags | undefined> {
  const { settings } = ports;
  const mine = peerUrl(settings, settings.ordinal);
  if (leftover !== undefined) {
    ports.log(`Removing member ${leftover.id}: it went by ${mine}, and its volume is lost`);
    await throughAPeer(ports, (gateway) => gateway.remove(leftover.id));
    await ports.reached("lost-member-removed");
  }
  await giveWay(ports, members, stop);
  if (stop.asked) return undefined;
  // The list that etcd gives with the change is the one that counts: another learner may have come since the last look.
  const { added, members: now } = await throughAPeer(ports, (gateway) => gateway.addLearner(mine));
  await ports.reached("learner-added");
  ports.volume.noteFirstStart({ kind: "joining", memberId: added.id });
  await ports.reached("joining-noted");
  ports.log(`Joining as learner: added as member ${added.id}`);
  return existingCluster(settings, added, now);
}

/** Those that join together do so one after the other, the lowest first, as long as none takes its time. */
async function giveWay(ports: Ports, seen: readonly Member[], stop: Stop): Promise<void> {
  const { settings, clock } = ports;
  const until = clock.now() + joiningBefore(settings, seen) * ONE_JOIN_MS;
  while (clock.now() < until && !stop.asked) {
    await clock.pause(LOOK_AGAIN_AFTER_MS, stop);
    const { members } = await throughAPeer(ports, (gateway) => gateway.members());
    if (joiningBefore(settings, members) === 0) return;
  }
}

/** How many of the lower ordinals are no voters yet. */
export function joiningBefore(
  settings: Parameters<typeof ordinalOf>[0] & { ordinal: number },
  members: readonly Member[],
): number {
  const voters = new Set(members.flatMap((member) => (member.isLearner ? [] : (ordinalOf(settings, member) ?? []))));
  return Array.from({ length: settings.ordinal }, (_, ordinal) => ordinal).filter((each) => !voters.has(each)).length;
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
