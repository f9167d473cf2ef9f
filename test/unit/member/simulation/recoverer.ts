import type { ApiObjects } from "./api-server.ts";
import type { EtcdNetwork } from "./etcd-network.ts";
import type { EtcdNode } from "./etcd-node.ts";
import type { KubernetesWorld } from "./kubernetes-world.ts";

const PODS_END_WITHIN_MS = 120_000;
const ALONE_WITHIN_MS = 300_000;
const LOOK_EVERY_MS = 300;
/** A person notices, and types the command again. */
const AGAIN_AFTER_MS = [500, 20_000] as const;

/** The desk died: what it had begun stays as it is until somebody runs it again. */
class DeskDied extends Error {}

/**
 * `npm run member -- recover`, step by step as desk/recovery.ts does it, by a person who runs it again wherever it was cut
 * off, until a quorum answers.
 */
export class Recoverer {
  isDone = false;
  readonly #network: EtcdNetwork;
  readonly #world: KubernetesWorld;
  /** Probability that the desk dies after a step. */
  readonly #dies: number;

  constructor(network: EtcdNetwork, world: KubernetesWorld, dies: number) {
    this.#network = network;
    this.#world = world;
    this.#dies = dies;
  }

  get #objects(): ApiObjects {
    return this.#world.objects;
  }

  async run(): Promise<void> {
    while (!this.isDone) {
      try {
        await this.#once();
      } catch (error) {
        if (!(error instanceof DeskDied)) throw error;
        this.#say(`the desk ends: ${error.message}`);
      }
      await this.#pause(this.#network.chance.between(...AGAIN_AFTER_MS));
    }
  }

  async #once(): Promise<void> {
    await this.#step("looks");
    if (this.#quorumAnswers()) {
      this.#takeBack();
      this.isDone = true;
      return;
    }
    const survivor = this.#best();
    const { latch } = this.#objects;
    if (survivor === undefined || latch === undefined) return;
    const before = latch["given-up"] ?? "";
    const others = survivor.membership.list.filter(({ id }) => id !== survivor.id).map(({ id }) => id);
    latch["given-up"] = [...new Set([...listIn(before), ...others])].join();
    await this.#step(`gives up ${others.join()}`);
    if (this.#quorumAnswers()) {
      latch["given-up"] = before;
      return;
    }
    await this.#stopOthers(survivor.ordinal);
    this.#network.referee.personSays(survivor.id);
    latch["recovery"] = survivor.id;
    await this.#step(`names ${survivor.id} to go on alone`);
    this.#world.deletePod(survivor.ordinal);
    await this.#eventually(ALONE_WITHIN_MS, () => latch["recovery"] === "" && this.#quorumAnswers());
  }

  async #stopOthers(survivor: number): Promise<void> {
    const others = [...this.#objects.pods.values()].filter(({ ordinal }) => ordinal !== survivor);
    for (const { ordinal } of others) this.#world.deletePod(ordinal);
    await this.#eventually(PODS_END_WITHIN_MS, () =>
      others.every((pod) => this.#objects.pods.get(pod.ordinal)?.uid !== pod.uid),
    );
    await this.#step("has seen the others' pods end");
  }

  #takeBack(): void {
    const { latch } = this.#objects;
    if (latch === undefined) return;
    const { members } = this.#network.referee.membership;
    latch["given-up"] = listIn(latch["given-up"] ?? "")
      .filter((id) => !members.has(id))
      .join();
  }

  /** By what it can be asked from outside: whoever listens on loopback is not there. */
  get #answering(): EtcdNode[] {
    return [...this.#network.running.values()].filter(({ ordinal }) => !this.#network.isolated.has(ordinal));
  }

  #quorumAnswers(): boolean {
    return this.#answering.some((node) => node.isLeader && node.confirmsLeadership());
  }

  #best(): EtcdNode | undefined {
    return this.#answering
      .filter((node) => !node.isLearner)
      .sort((a, b) => b.dir.committed - a.dir.committed || a.ordinal - b.ordinal)[0];
  }

  async #eventually(withinMs: number, holds: () => boolean): Promise<void> {
    const deadline = this.#network.scheduler.now + withinMs;
    while (!holds()) {
      if (this.#network.scheduler.now > deadline) throw new DeskDied("waited in vain");
      await this.#pause(LOOK_EVERY_MS);
    }
  }

  async #step(what: string): Promise<void> {
    this.#say(what);
    await this.#pause(this.#network.chance.between(1, 500));
    if (this.#network.chance.happens(this.#dies)) throw new DeskDied("cut off");
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#network.scheduler.after(ms, resolve));
  }

  #say(what: string): void {
    this.#network.referee.note("recovery", what);
  }
}

function listIn(text: string): string[] {
  return text.split(",").filter((id) => id !== "");
}
