import type { Figure } from "./result.ts";

/**
 * Of both clusters that are compared: etcd's defaults, which neither the member program nor the plain StatefulSet changes
 * (server/embed/config.go, TickMs and ElectionMs).
 */
export const etcdTiming = { heartbeatMs: 100, electionMs: 1_000 } as const;

/**
 * What raft allows for a cluster of three, from its settings alone: a figure of theory to read a measured one beside.
 * A follower campaigns when it has heard nothing for a time it draws from [T, 2T), T the election timeout, and it may have
 * heard the last word a heartbeat before the leader died (raft.go, resetRandomizedElectionTimeout). The first of two draws
 * comes at 4/3 T on average. A leader that hands over does so with the next message, and is followed from the heartbeat
 * after that on: two heartbeats at the most, with no time for the network.
 */
export function timeBounds({ heartbeatMs, electionMs }: { heartbeatMs: number; electionMs: number }): Figure[] {
  const [heartbeat, timeout] = [`heartbeat ${heartbeatMs} ms`, `T ${electionMs} ms`];
  const of = (name: string, value: number): Figure => {
    return { name: `theory: ${name}`, unit: "ms", samples: [value], judged: "median", bound: undefined };
  };
  return [
    of(`leader killed, least (T − heartbeat; ${timeout}, ${heartbeat})`, electionMs - heartbeatMs),
    of("leader killed, expected (4/3 T, the first of two followers)", (4 / 3) * electionMs),
    of("leader killed, most at one election (2 T)", 2 * electionMs),
    of("leader hands over, expected (a heartbeat)", heartbeatMs),
    of("leader hands over, most (2 heartbeats)", 2 * heartbeatMs),
  ];
}
