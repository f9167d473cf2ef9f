import { type EtcdProcess } from "../cluster/reach.ts";
import { type World } from "../cluster/world.ts";
import { always, targetWords, type FaultKind, type Observe } from "./fault.ts";

/** SIGKILL of etcd: the member program stays and starts it again. */
export const kill: FaultKind = {
  kind: "kill",
  title: ({ target }) => `SIGKILL of ${targetWords(target)}`,
  alone: false,
  visibleWithinMs: 10_000,
  recoveryBoundMs: 30_000,
  missing: always,
  undo: () => [],
  async start(world, _planned, targets) {
    const before = await running(world, targets);
    await Promise.all(targets.map((pod) => sendKill(world, pod)));
    return eachSeen(targets, async (pod) => {
      const old = before.get(pod);
      const now = await world.reach.etcd(pod);
      if (now === undefined || now.pid === old?.pid) return undefined;
      return `${pod}: process ${old?.pid ?? "?"} is gone, etcd runs again as ${now.pid}`;
    });
  },
};

/** SIGSTOP, and SIGCONT at the end. The member is silent, its connections stay open. */
export const pause: FaultKind = {
  kind: "pause",
  title: ({ target }) => `SIGSTOP of ${targetWords(target)}`,
  alone: false,
  uses: "stop",
  visibleWithinMs: 5_000,
  recoveryBoundMs: 30_000,
  missing: always,
  undo: (_world, _planned, targets) => targets.map((pod) => ({ undo: "continue", pod })),
  async start(world, _planned, targets) {
    await running(world, targets);
    const stopped = await Promise.all(targets.map((pod) => stop(world, pod)));
    return () => Promise.resolve(stopped.join("; "));
  },
};

/** etcd's processes, waited for: an earlier fault may have ended one, and what does not run can't be disturbed. */
async function running(world: World, pods: readonly string[]): Promise<Map<string, EtcdProcess>> {
  const found = new Map<string, EtcdProcess>();
  for (const pod of pods) {
    const etcd = await world.until(20_000, () => world.reach.etcd(pod));
    if (etcd === undefined) throw new Error(`no etcd ran in ${pod} for 20 s${await world.whyNotRunning([pod])}`);
    found.set(pod, etcd);
  }
  return found;
}

/** To the process there is: one that another fault has just ended is followed by the next. */
async function sendKill(world: World, pod: string): Promise<void> {
  const sent = await world.until(20_000, () => world.reach.signal(pod, "KILL").then(() => true));
  if (sent !== true) throw new Error(`SIGKILL could not be sent to etcd in ${pod} for 20 s`);
}

/** Sent until a process is seen to be stopped: one that another fault has just ended takes the signal with it. */
async function stop(world: World, pod: string): Promise<string> {
  const stopped = await world.until(20_000, async () => {
    await world.reach.signal(pod, "STOP");
    const now = await world.reach.etcd(pod);
    return now?.state === "T" ? `${pod}: process ${now.pid} is stopped (state T)` : undefined;
  });
  if (stopped === undefined) throw new Error(`etcd in ${pod} could not be stopped for 20 s`);
  return stopped;
}

/** Words of all targets, once each of them has shown the effect. What was seen once stays seen. */
export function eachSeen(targets: readonly string[], look: (pod: string) => Promise<string | undefined>): Observe {
  const seen = new Map<string, string>();
  return async () => {
    for (const pod of targets.filter((each) => !seen.has(each))) {
      const words = await look(pod);
      if (words !== undefined) seen.set(pod, words);
    }
    return seen.size === targets.length ? targets.map((pod) => seen.get(pod)).join("; ") : undefined;
  };
}
