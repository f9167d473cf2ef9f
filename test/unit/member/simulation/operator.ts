import type { Chance } from "../../workload/simulation/chance.ts";
import type { ApiObjects } from "./api-server.ts";
import { quorum } from "./etcd-data.ts";
import type { EtcdNetwork } from "./etcd-network.ts";
import type { KubernetesWorld } from "./kubernetes-world.ts";
import { ordinalIn } from "./referee.ts";

export const MOST_MEMBERS = 7;

/** Whoever does things to the cluster by hand, and the machines it runs on: all that a minority has to survive. */
export class Operator {
  readonly #network: EtcdNetwork;
  readonly #world: KubernetesWorld;
  readonly #chance: Chance;

  constructor(network: EtcdNetwork, world: KubernetesWorld) {
    this.#network = network;
    this.#world = world;
    this.#chance = network.chance;
  }

  get #objects(): ApiObjects {
    return this.#world.objects;
  }

  #say(what: string): void {
    this.#network.referee.note("operator", what);
  }

  scale(replicas: number): void {
    if (this.#objects.statefulSet === undefined) return;
    this.#say(`replicas: ${replicas}`);
    this.#objects.statefulSet = { ...this.#objects.statefulSet, replicas };
    this.#network.referee.declared(replicas);
  }

  /** One thing that goes wrong, or is done by hand. */
  disturb(): void {
    const { pods } = this.#objects;
    const ordinals = [...pods.keys()];
    const ordinal = ordinals.length === 0 ? 0 : this.#chance.one(ordinals);
    const deeds: (() => void)[] = [
      () => this.scale(this.#chance.between(1, this.#chance.happens(0.7) ? 5 : MOST_MEMBERS)),
      () => this.scale(this.#chance.between(1, 5)),
      () => this.#chance.happens(0.3) && this.scale(0),
      () => this.#killProgram(),
      () => this.#killEtcd(),
      () => this.#deletePod(ordinal),
      () => this.#forceDeletePod(ordinal),
      () => this.#chance.happens(0.3) && ordinals.forEach((each) => this.#deletePod(each)),
      () => this.#loseVolume(ordinal),
      () => this.#partition(),
      () => this.#apiServerAway(),
      () => this.#chance.happens(0.3) && this.#replaceStatefulSet(),
    ];
    this.#chance.one(deeds)();
  }

  #killProgram(): void {
    const running = this.#world.programs();
    if (running.length > 0) this.#chance.one(running).program.kill("by the operator");
  }

  #killEtcd(): void {
    const running = this.#world.programs();
    if (running.length === 0) return;
    const { ordinal, program } = this.#chance.one(running);
    this.#say(`kill -9 of etcd ${ordinal}`);
    program.etcd?.kill();
  }

  #deletePod(ordinal: number): void {
    this.#say(`deletes pod ${ordinal}`);
    this.#world.deletePod(ordinal);
  }

  #forceDeletePod(ordinal: number): void {
    this.#say(`deletes pod ${ordinal} by force`);
    this.#world.forceDeletePod(ordinal);
  }

  #loseVolume(ordinal: number): void {
    if (!this.mayLose(ordinal)) return;
    this.#say(`loses volume ${ordinal}`);
    this.#world.loseVolume(ordinal);
  }

  /**
   * Only where a quorum of the voters still has its data after that, and nobody is on the way out: of two who are left by
   * a third that leaves, none may be lost, and no program can change that.
   */
  mayLose(ordinal: number): boolean {
    const { voters, list } = this.#network.referee.membership;
    const whole = voters.filter(({ id, peerUrls }) => {
      const claim = this.#objects.claims.get(ordinalIn(peerUrls[0] ?? ""));
      return claim !== undefined && !claim.deleting && claim.volume.dir?.identity.memberId === id;
    });
    const replicas = this.#objects.statefulSet?.replicas ?? 0;
    const leaving =
      [...this.#objects.pods.values()].some(({ terminating }) => terminating) ||
      list.some(({ peerUrls }) => ordinalIn(peerUrls[0] ?? "") >= replicas);
    const left = whole.filter(({ peerUrls }) => ordinalIn(peerUrls[0] ?? "") !== ordinal);
    return !leaving && voters.length > 0 && left.length >= quorum(voters.length);
  }

  #partition(): void {
    const some = Array.from({ length: MOST_MEMBERS }, (_, ordinal) => ordinal).filter(() => this.#chance.happens(0.3));
    this.#say(`cuts ${some.join()} off`);
    for (const one of some)
      for (let other = 0; other < MOST_MEMBERS; other++) if (!some.includes(other)) this.#network.cut(one, other);
    this.#network.scheduler.after(this.#chance.between(500, 20_000), () => {
      this.#say("heals the network");
      this.#network.heal();
    });
  }

  #apiServerAway(): void {
    const ms = this.#chance.between(500, 40_000);
    this.#say(`API server away for ${ms} ms`);
    this.#objects.awayUntil = this.#network.scheduler.now + ms;
  }

  /** As Pulumi does it for a field that can't be changed: deleted with its pods, made anew, claims kept. */
  #replaceStatefulSet(): void {
    const { statefulSet } = this.#objects;
    if (statefulSet === undefined || statefulSet.deleting) return;
    this.#say("replaces the StatefulSet");
    this.#objects.statefulSet = { ...statefulSet, deleting: true };
    this.#network.scheduler.after(this.#chance.between(500, 5_000), () => {
      this.#objects.statefulSet = undefined;
      this.#network.scheduler.after(this.#chance.between(10, 1_000), () => {
        this.#objects.statefulSet = { ...statefulSet, deleting: false };
        this.#network.referee.declared(statefulSet.replicas);
      });
    });
  }

  /** Faults end; what is declared last is what counts. */
  restore(): void {
    this.#network.heal();
    this.#objects.awayUntil = 0;
  }
}
