import type { Chance } from "../../workload/simulation/chance.ts";
import type { EtcdNetwork } from "./etcd-network.ts";
import { quorum } from "./etcd-data.ts";
import type { KubernetesWorld } from "./kubernetes-world.ts";
import { ordinalIn } from "./referee.ts";
import type { Volume } from "./volume.ts";

/** A lost node comes back with its volume this long after the loss at the latest: mostly while it is being recovered from. */
const COMES_BACK_WITHIN_MS = [2_000, 20_000, 120_000] as const;

/** A majority of the voters is gone at the same moment: some with their volumes, some with nodes that come back later. */
export class MajorityLoss {
  /** Volumes that died, and turn up again when nobody counts on them any more. */
  readonly #dead = new Map<number, Volume>();
  readonly #world: KubernetesWorld;
  readonly #chance: Chance;
  readonly #network: EtcdNetwork;

  constructor(network: EtcdNetwork, world: KubernetesWorld) {
    this.#network = network;
    this.#world = world;
    this.#chance = network.chance;
  }

  /** @returns false where there are too few voters to lose most and keep one */
  strike(): boolean {
    const ordinals = this.#network.referee.membership.voters.map(({ peerUrls }) => ordinalIn(peerUrls[0] ?? ""));
    const fewest = ordinals.length - quorum(ordinals.length) + 1;
    if (fewest >= ordinals.length) return false;
    const lost = this.#chance.between(fewest, ordinals.length - 1);
    const together = this.#chance.one(COMES_BACK_WITHIN_MS);
    for (let count = 0; count < lost; count++) {
      const ordinal = this.#chance.one(ordinals);
      ordinals.splice(ordinals.indexOf(ordinal), 1);
      if (this.#chance.happens(0.5)) this.#kill(ordinal);
      else this.#turnOff(ordinal, together);
    }
    return true;
  }

  #kill(ordinal: number): void {
    const volume = this.#world.volumeOf(ordinal);
    if (volume === undefined) return;
    this.#network.referee.note("operator", `volume ${ordinal} dies`);
    this.#dead.set(ordinal, volume);
    this.#world.loseVolume(ordinal);
  }

  #turnOff(ordinal: number, withinMs: number): void {
    this.#network.referee.note("operator", `the node of ${ordinal} is off`);
    this.#world.turnOff(ordinal);
    this.#network.scheduler.after(this.#chance.between(1, withinMs), () => {
      this.#network.referee.note("operator", `the node of ${ordinal} is back, with its old volume`);
      this.#world.turnOn(ordinal);
    });
  }

  get areAllNodesOn(): boolean {
    return this.#world.off.size === 0;
  }

  /**
   * A volume that was thought dead takes the place of its successor.
   *
   * @param mayLose whether the successor can be spared
   * @returns false where there is none, or none that may
   */
  putOneBack(mayLose: (ordinal: number) => boolean): boolean {
    for (const [ordinal, volume] of this.#dead) {
      this.#dead.delete(ordinal);
      if (!mayLose(ordinal)) continue;
      this.#network.referee.note("operator", `the old volume of ${ordinal} turns up, and is put in`);
      this.#world.loseVolume(ordinal, volume);
      return true;
    }
    return false;
  }
}
