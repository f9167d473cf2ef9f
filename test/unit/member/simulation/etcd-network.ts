import type { Chance } from "../../workload/simulation/chance.ts";
import type { Entry } from "./etcd-data.ts";
import type { EtcdNode } from "./etcd-node.ts";
import type { Referee } from "./referee.ts";
import type { Scheduler } from "./scheduler.ts";

/** Which etcd runs where, and who reaches whom. */
export class EtcdNetwork {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly referee: Referee;
  /** By ordinal. */
  readonly running = new Map<number, EtcdNode>();
  /** Whether the volume that this member's ordinal has now holds this member's data; set by whoever keeps the volumes. */
  holdsDirOf: (member: string) => boolean = () => false;
  /** Ordinals whose etcd listens on loopback alone. */
  readonly isolated = new Set<number>();
  readonly #cut = new Set<string>();
  readonly #foundings = new Map<string, readonly Entry[]>();

  constructor(scheduler: Scheduler, chance: Chance, referee: Referee) {
    this.scheduler = scheduler;
    this.chance = chance;
    this.referee = referee;
  }

  reaches(one: number, other: number): boolean {
    if (one === other) return true;
    return !this.isolated.has(one) && !this.isolated.has(other) && !this.#cut.has(pair(one, other));
  }

  cut(one: number, other: number): void {
    this.#cut.add(pair(one, other));
  }

  heal(): void {
    this.#cut.clear();
  }

  at(ordinal: number, from: number): EtcdNode | undefined {
    return this.reaches(from, ordinal) ? this.running.get(ordinal) : undefined;
  }

  /** The entries with which every founder's log begins: the same ones for all that found the same cluster. */
  foundingEntries(clusterId: string, founders: readonly { id: string; peerUrl: string }[]): readonly Entry[] {
    const entries =
      this.#foundings.get(clusterId) ??
      founders.map((founder): Entry => ({ term: 1, command: { kind: "add", ...founder, isLearner: false } }));
    this.#foundings.set(clusterId, entries);
    return entries;
  }

  /** The others of its cluster that a member reaches. */
  sameCluster(node: EtcdNode): EtcdNode[] {
    return [...this.running.values()].filter(
      (other) =>
        other !== node &&
        other.dir.identity.clusterId === node.dir.identity.clusterId &&
        this.reaches(node.ordinal, other.ordinal),
    );
  }

  /** The running etcd that is this member of this cluster, if it can be reached from there. */
  member(clusterId: string, id: string, from: number): EtcdNode | undefined {
    for (const node of this.running.values()) {
      const { identity } = node.dir;
      if (identity.memberId === id && identity.clusterId === clusterId && this.reaches(from, node.ordinal)) return node;
    }
    return undefined;
  }
}

function pair(one: number, other: number): string {
  return `${Math.min(one, other)}-${Math.max(one, other)}`;
}
