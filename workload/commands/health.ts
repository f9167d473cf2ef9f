import { MemberClient } from "../etcd/member-client.ts";
import { MemberView, type MemberStatus } from "../etcd/member-view.ts";
import { findMembers } from "../etcd/members.ts";
import { type TestCommand } from "./test-command.ts";

/** At any time, faults or not: what members say of themselves never contradicts raft. */
export const health: TestCommand = {
  name: "anytime_health",
  summary: "Asks every member how it is: two must never name different leaders of one term.",
  async run({ cluster, deadlineMs, assertions, say }) {
    const addresses = await findMembers(cluster);
    const asked = await Promise.all(
      addresses.map(async (address) => {
        const [view, client] = [new MemberView(address, deadlineMs), new MemberClient(address, deadlineMs)];
        const [status, read] = await Promise.all([view.status().catch(() => undefined), client.get("\0")]);
        view.close();
        client.close();
        return { member: address.host, status, reads: read.kind === "ok" };
      }),
    );
    const all = asked.length > 0 && asked.every(({ reads }) => reads);
    assertions.sometimes("All members can be read from at once", all, { members: asked.length });
    const dispute = twoLeaders(asked);
    assertions.always("No term has two leaders", dispute === undefined, { dispute: dispute ?? null });
    say(dispute ?? asked.map(({ member, reads }) => `${member} ${reads ? "serves" : "does not answer"}`).join(", "));
    return dispute === undefined;
  },
};

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
