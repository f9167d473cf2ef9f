import { type PodFacts } from "../cluster/kubernetes.ts";
import { type World } from "../cluster/world.ts";
import { type PlannedFault } from "../report-format.ts";
import { targetWords, type FaultKind, type Observe, type UndoStep } from "./fault.ts";

/** What marks our rules, so that they and no others are removed. */
export const ruleComment = "etcd-drill";
const peerPort = "2380";

/** A link from one member to another that is cut or made worse. */
interface Link {
  readonly from: string;
  readonly to: string;
}

/** Links that a partition cuts, in the direction packets go. Pure: tested by table. */
export function cutLinks(members: readonly string[], targets: readonly string[], planned: PlannedFault): Link[] {
  const links = members.flatMap((from) => members.filter((to) => to !== from).map((to) => ({ from, to })));
  if (planned.target === "ring") {
    // Each member keeps its neighbours, so that each sees a majority and no two see the same one. Of three members, all are
    // neighbours: there the first and the last lose each other.
    const far = (a: number, b: number): boolean => {
      const distance = Math.abs(a - b);
      return members.length <= 3 ? distance === members.length - 1 : Math.min(distance, members.length - distance) > 1;
    };
    return links.filter(({ from, to }) => far(members.indexOf(from), members.indexOf(to)));
  }
  const inside = (member: string): boolean => targets.includes(member);
  switch (planned.options?.["direction"]) {
    case "in":
      return links.filter(({ from, to }) => inside(to) && !inside(from));
    case "out":
      return links.filter(({ from, to }) => inside(from) && !inside(to));
    default:
      return links.filter(({ from, to }) => inside(from) !== inside(to));
  }
}

/**
 * Packets between members are dropped where they arrive; clients still reach every member. Both ends of a link open
 * connections to the other's peer port, so the port is looked for on either side.
 */
export const partition: FaultKind = networkFault({
  kind: "partition",
  title({ target, options }) {
    if (target === "ring") return "members in a ring: none sees all, each sees a majority";
    const direction = options?.["direction"];
    const way = direction === "in" ? "hears nobody" : direction === "out" ? "is heard by nobody" : "is cut off";
    return `${targetWords(target)} ${way}`;
  },
  start: async (world, planned, targets) => dropping(world, planned, targets, []),
});

/** A share of the packets between the target and the others is lost. */
export const lossyLink: FaultKind = networkFault({
  kind: "lossy-link",
  title: ({ target, options }) =>
    `${options?.["percent"] ?? "20"} % of the packets to and from ${targetWords(target)} lost`,
  start: async (world, planned, targets) => {
    const share = Number(planned.options?.["percent"] ?? "20") / 100;
    return dropping(world, planned, targets, ["-m", "statistic", "--mode", "random", "--probability", String(share)]);
  },
});

/** What the target sends is limited to a rate; packets wait in line meanwhile. */
export const slowLink: FaultKind = networkFault({
  kind: "slow-link",
  title: ({ target, options }) => `${options?.["kbit"] ?? "64"} kbit/s out of ${targetWords(target)}`,
  async start(world, planned, targets) {
    const rate = `${planned.options?.["kbit"] ?? "64"}kbit`;
    const limit = `tc qdisc replace dev eth0 root tbf rate ${rate} burst 8kb latency 300ms`.split(" ");
    await onTheNetwork(world);
    for (const pod of targets) await world.reach.inNetwork(pod, limit);
    return seenInAll(targets, async (pod) => {
      const stats = await world.reach.inNetwork(pod, ["tc", "-s", "qdisc", "show", "dev", "eth0"]);
      const [, sent = "0", over = "0"] = /tbf.*?Sent (\d+) bytes.*?overlimits (\d+)/s.exec(stats) ?? [];
      return Number(over) > 0 ? `${pod}: ${over} packets had to wait, ${sent} bytes sent so far` : undefined;
    });
  },
});

/** Packets are delayed by the kernel's netem. */
export const delay: FaultKind = {
  ...networkFault({
    kind: "delay",
    title: ({ target, options }) => `packets of ${targetWords(target)} delayed by ${options?.["ms"] ?? "100"} ms`,
    async start(world, planned, targets) {
      const late = `${planned.options?.["ms"] ?? "100"}ms`;
      await onTheNetwork(world);
      for (const pod of targets) await world.reach.inNetwork(pod, [...netem, "delay", late]);
      return seenInAll(targets, async (pod) => {
        const stats = await world.reach.inNetwork(pod, ["tc", "-s", "qdisc", "show", "dev", "eth0"]);
        return /netem.*?Sent [1-9]/s.test(stats) ? `${pod}: netem is on its interface and packets pass it` : undefined;
      });
    },
  }),
  async missing(world) {
    if (world.reach.noNetwork !== undefined) return world.reach.noNetwork;
    const [pod = ""] = world.expected();
    try {
      await world.reach.inNetwork(pod, [...netem, "delay", "0ms"]);
      await world.reach.inNetwork(pod, ["tc", "qdisc", "del", "dev", "eth0", "root"]);
      return undefined;
    } catch {
      return "the kernel of the node has no netem, without which tc can't delay packets";
    }
  },
};

const netem = ["tc", "qdisc", "replace", "dev", "eth0", "root", "netem"];

function networkFault(own: Pick<FaultKind, "kind" | "title" | "start">): FaultKind {
  return {
    ...own,
    alone: false,
    uses: "network",
    visibleWithinMs: 8_000,
    recoveryBoundMs: 30_000,
    missing: (world) => Promise.resolve(world.reach.noNetwork),
    // Rules may be on any member: a link is cut where its packets arrive.
    undo: (world): UndoStep[] => world.expected().map((pod) => ({ undo: "open network", pod })),
  };
}

/** Rules of one pod are made by one shell: the nearer together links are cut, the more it is one fault. */
async function dropping(
  world: World,
  planned: PlannedFault,
  targets: readonly string[],
  match: readonly string[],
): Promise<Observe> {
  const facts = await onTheNetwork(world);
  const links = cutLinks(world.expected(), targets, planned);
  const ends = [...new Set(links.map(({ to }) => to))];
  await Promise.all(
    ends.map(async (end) => {
      const commands = links.filter(({ to }) => to === end).flatMap((link) => rules(link, facts, match));
      await world.reach.inNetwork(end, ["sh", "-ec", commands.join("\n")]);
    }),
  );
  return seenInAll(ends, async (pod) => {
    const listing = await world.reach.inNetwork(pod, ["iptables", "-w", "-L", "INPUT", "-v", "-x", "-n"]);
    const dropped = droppedPackets(listing);
    return dropped > 0 ? `${pod}: ${dropped} packets of other members dropped` : undefined;
  });
}

/** All members' pods, once each has its address and its namespace: an earlier fault may have replaced one. */
async function onTheNetwork(world: World): Promise<ReadonlyMap<string, PodFacts>> {
  const pods = await world.until(20_000, async () => {
    const facts = new Map((await world.members()).map((pod) => [pod.name, pod]));
    for (const name of world.expected()) {
      if ((facts.get(name)?.ip ?? "") === "" || facts.get(name)?.leaving === true) return undefined;
      await world.reach.inNetwork(name, ["true"]);
    }
    return facts;
  });
  if (pods === undefined) {
    const why = await world.whyNotRunning(world.expected());
    throw new Error(`not every member had a pod with an address within 20 s${why}`);
  }
  return pods;
}

/** Packets our rules have dropped, from `iptables -L -v -x -n`. */
export function droppedPackets(listing: string): number {
  return listing
    .split("\n")
    .filter((line) => line.includes(ruleComment))
    .reduce((sum, line) => sum + Number(line.trim().split(/\s+/)[0] ?? "0"), 0);
}

function rules({ from }: Link, facts: ReadonlyMap<string, PodFacts>, match: readonly string[]): string[] {
  const source = facts.get(from)?.ip ?? "";
  return ["--dport", "--sport"].map((side) =>
    [
      ...["iptables -w -I INPUT -p tcp -s", source, side, peerPort, ...match],
      ...["-m comment --comment", ruleComment, "-j DROP"],
    ].join(" "),
  );
}

/** The latest words of all, once all have any: counters are the more telling the later they are read. */
function seenInAll(pods: readonly string[], look: (pod: string) => Promise<string | undefined>): Observe {
  return async () => {
    const words = await Promise.all(pods.map(look));
    return words.every((each) => each !== undefined) ? words.join("; ") : undefined;
  };
}
