import type { Cluster, ClusterSeen } from "./cluster.ts";
import { isUp } from "./plan.ts";
import { quorum } from "./quorum.ts";
import { eventually } from "./waiting.ts";

/**
 * Why a member must not be replaced now; undefined where it may. While it is away it still counts as a voter: the others
 * must be a quorum without it.
 */
export function replaceProblem(seen: ClusterSeen, name: string): string | undefined {
  const { statefulSet, rows } = seen;
  const declared = Array.from({ length: statefulSet.replicas }, (_, ordinal) => `${seen.name}-${ordinal}`);
  if (!declared.includes(name)) return `there is no member ${name}: it is one of ${declared.join(", ")}`;
  if (!seen.quorum) {
    return "no quorum answers, so nobody could take the new member in: docs/runbooks/lost-majority.md says what to do";
  }
  const voters = rows.filter(({ role }) => role === "leader" || role === "voter");
  if (!voters.some((row) => row.name === name)) return undefined;
  const others = voters.filter((row) => row.name !== name && isUp(row)).length;
  if (others >= quorum(voters.length)) return undefined;
  const advice = voters.length < 3 ? "change replicas to 3 first" : "bring those that are down back first";
  return `without ${name} there would be ${others} of ${voters.length} voters running, and ${quorum(voters.length)} are needed: ${advice}`;
}

/**
 * Takes a member's volume away and waits until another member is a voter in its place. May be cut off anywhere and run
 * again: then the member that is there by that time is replaced.
 *
 * @param say told each step as it is done
 * @throws Unreachable, or an Error that says what was waited for
 */
export async function replaceMember(
  cluster: Cluster,
  ordinal: number,
  say: (line: string) => void,
  withinMs: number,
): Promise<void> {
  const name = `${cluster.objects.name}-${ordinal}`;
  const before = (await cluster.look())?.rows.find((row) => row.name === name);
  const claims = await cluster.objects.claims();
  // The claim first: once the pod is gone, so is the volume, and the next pod finds a new one.
  await cluster.objects.deleteClaim(ordinal);
  await cluster.objects.deletePod(name);
  say(`claim ${cluster.objects.claimName(ordinal)} and pod ${name} are being deleted`);
  await eventually(`the old volume of ${name} is gone`, withinMs, async () => {
    const now = (await cluster.objects.claims()).find((claim) => claim.ordinal === ordinal);
    const was = claims.find((claim) => claim.ordinal === ordinal);
    return now === undefined || now.uid !== was?.uid;
  });
  let learner = "";
  await eventually(`${name} is a voter with an empty volume of its own`, withinMs, async () => {
    const row = (await cluster.look())?.rows.find((one) => one.name === name);
    if (row === undefined || row.id === "" || row.id === before?.id) return false;
    if (row.role === "learner" && learner !== row.id) {
      learner = row.id;
      say(`${name} joins as learner, member ${row.id}`);
    }
    const isVoter = row.role === "voter" || row.role === "leader";
    if (isVoter && row.health === "healthy") say(`${name} is a voter and healthy, member ${row.id}`);
    return isVoter && row.health === "healthy";
  });
}
