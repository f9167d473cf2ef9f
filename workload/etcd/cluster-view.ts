import { setTimeout as sleep } from "node:timers/promises";
import { MemberClient } from "./member-client.ts";
import { MemberView, type ListedMember } from "./member-view.ts";
import { findMembers, type ClusterSettings } from "./members.ts";

/** One member with both ways to talk to it. */
export interface Member {
  readonly name: string;
  readonly view: MemberView;
  readonly client: MemberClient;
}

/**
 * The members the cluster itself lists, by a quorum's word. Asked of whichever member DNS knows and answers first.
 * @returns undefined when none answers now
 */
export async function listMembers(
  cluster: ClusterSettings,
  deadlineMs: number,
): Promise<readonly ListedMember[] | undefined> {
  for (const address of await findMembers(cluster)) {
    const view = new MemberView(address, deadlineMs);
    try {
      return await view.members();
    } catch {
      // The next one may know.
    } finally {
      view.close();
    }
  }
  return undefined;
}

/** Runs `use` with connections to these members, and closes them. */
export async function withMembers<T>(
  names: readonly string[],
  cluster: ClusterSettings,
  deadlineMs: number,
  use: (members: readonly Member[]) => Promise<T>,
): Promise<T> {
  const members = names.map((name) => {
    const address = { host: `${name}.${cluster.peerService}` };
    return { name, view: new MemberView(address, deadlineMs), client: new MemberClient(address, deadlineMs) };
  });
  try {
    return await use(members);
  } finally {
    for (const { view, client } of members) {
      view.close();
      client.close();
    }
  }
}

/**
 * Why the cluster is not one of `declared` voters that all serve, as a sentence; undefined when it is.
 * @param declared how many members there should be; undefined: as many as the cluster lists
 */
export async function whyNotHealthy(
  cluster: ClusterSettings,
  deadlineMs: number,
  declared: number | undefined,
): Promise<string | undefined> {
  const listed = await listMembers(cluster, deadlineMs);
  if (listed === undefined) return "no member tells who the members are";
  const voters = listed.filter(({ learner, name }) => !learner && name !== "");
  const expected = declared ?? listed.length;
  if (voters.length !== listed.length)
    return `${listed.length - voters.length} of ${listed.length} members are no voters yet`;
  if (voters.length !== expected) return `there are ${voters.length} members, ${expected} are declared`;
  const names = voters.map(({ name }) => name);
  return withMembers(names, cluster, deadlineMs, async (members) => {
    // A linearizable read is what a client needs of a member, and what its readiness is.
    const answers = await Promise.all(members.map(({ client }) => client.get("\0")));
    const silent = names.filter((_, index) => answers[index]?.kind !== "ok");
    return silent.length === 0 ? undefined : `${silent.join(", ")} can't be read from`;
  });
}

/**
 * Asks again and again until `whyNot` has nothing to say any more, or the time is over.
 * @returns what it said last; undefined when it came true
 */
export async function untilTrue(
  withinMs: number,
  whyNot: () => Promise<string | undefined>,
): Promise<string | undefined> {
  const until = performance.now() + withinMs;
  for (;;) {
    const why = await whyNot();
    if (why === undefined || performance.now() > until) return why;
    await sleep(250);
  }
}
