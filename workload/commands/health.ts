import { setTimeout as sleep } from "node:timers/promises";
import { MemberClient } from "../etcd/member-client.ts";
import { MemberView, type MemberStatus } from "../etcd/member-view.ts";
import { findMembers, type ClusterSettings } from "../etcd/members.ts";
import { type TestCommand } from "./test-command.ts";

/** At any time, faults or not: what members say of themselves never contradicts raft. */
export const health: TestCommand = {
  name: "anytime_health",
  summary: "Asks every member how it is: two must never name different leaders of one term.",
  async run({ cluster, deadlineMs, assertions, say }) {
    const first = await askAll(cluster, deadlineMs);
    const all = first.length > 0 && first.every(({ reads }) => reads);
    assertions.sometimes("All members can be read from at once", all, { members: first.length });
    let dispute = twoLeaders(first);
    for (let look = 1; dispute !== undefined && look < looks; look++) {
      await sleep(lookAgainMs);
      dispute = twoLeaders(await askAll(cluster, deadlineMs));
    }
    assertions.always("No term has two leaders", dispute === undefined, { dispute: dispute ?? null });
    say(dispute ?? first.map(({ member, reads }) => `${member} ${reads ? "serves" : "does not answer"}`).join(", "));
    return dispute === undefined;
  },
};

/**
 * A status tells the leader a member follows now beside the term of the last entry it has applied (etcd's server.go calls
 * setTerm where it applies entries), so that for a moment after an election the new leader stands beside the old term. A new
 * leader applies an entry of its term, or within two election timeouts is leader no more: what is still so after that is a
 * dispute.
 */
const looks = 3;
const lookAgainMs = 2_500;

interface Asked {
  readonly member: string;
  readonly status: MemberStatus | undefined;
  readonly reads: boolean;
}

async function askAll(cluster: ClusterSettings, deadlineMs: number): Promise<Asked[]> {
  const addresses = await findMembers(cluster);
  return Promise.all(
    addresses.map(async (address) => {
      const [view, client] = [new MemberView(address, deadlineMs), new MemberClient(address, deadlineMs)];
      const [status, read] = await Promise.all([view.status().catch(() => undefined), client.get("\0")]);
      view.close();
      client.close();
      return { member: address.host, status, reads: read.kind === "ok" };
    }),
  );
}

/** The sentence that names two members with different leaders for one term. */
export function twoLeaders(
  asked: readonly { readonly member: string; readonly status: Pick<MemberStatus, "leader" | "term"> | undefined }[],
): string | undefined {
  const leaders = new Map<string, { member: string; leader: string }>();
  for (const { member, status } of asked) {
    if (status === undefined || status.leader === "0") continue;
    const { leader, term } = status;
    const other = leaders.get(term);
    if (other !== undefined && other.leader !== leader) {
      return `in term ${term} the leader is ${other.leader} for ${other.member}, and ${leader} for ${member}`;
    }
    leaders.set(term, { member, leader });
  }
  return undefined;
}
