import type { LatchWord, LostLatch } from "./decision.ts";
import {
  claimKey,
  clusterIdKey,
  fromData,
  newLatch,
  recoveryKey,
  rewrittenLatch,
  toData,
  type Latch,
} from "./latch.ts";
import type { Ports } from "./ports.ts";
import { Trouble } from "./trouble.ts";

/** The latch where it is kept: a ConfigMap of the cluster's namespace. Nothing is retried here. */
export class LatchStore {
  readonly #ports: Pick<Ports, "settings" | "kubernetes" | "log">;

  constructor(ports: Pick<Ports, "settings" | "kubernetes" | "log">) {
    this.#ports = ports;
  }

  get #name(): string {
    return this.#ports.settings.latchName;
  }

  /** Whatever keeps the latch from being read is silence, with its reason. */
  async read(): Promise<LatchWord> {
    try {
      const data = await this.#ports.kubernetes.configMap(this.#name);
      return data === undefined ? { kind: "absent" } : { kind: "latched", latch: fromData(data, this.#name) };
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      return { kind: "silent", why: error.message };
    }
  }

  /** @param token a random word; see Latch.token */
  async create(replicas: number, token: string): Promise<void> {
    if (await this.#create(newLatch(replicas, token))) {
      this.#ports.log(`Founding a cluster of ${replicas}: latch ${this.#name} created`);
    }
  }

  async rewrite(lost: LostLatch): Promise<void> {
    if (await this.#create(rewrittenLatch(lost.ordinals, lost.clusterId))) {
      this.#ports.log(`The latch ${this.#name} was lost: written anew for cluster ${lost.clusterId}`);
    }
  }

  /** @returns false where this ordinal's first start was claimed in the meantime */
  claim(ordinal: number, word: string): Promise<boolean> {
    return this.#ports.kubernetes.compareAndSet(this.#name, claimKey(ordinal), "", word);
  }

  /** Writes down which cluster was formed; the first to do so is the only one. */
  async setClusterId(clusterId: string): Promise<void> {
    await this.#ports.kubernetes.compareAndSet(this.#name, clusterIdKey, "", clusterId);
  }

  /** The recovery that names this member is done, or was not needed. */
  async endRecovery(memberId: string): Promise<void> {
    await this.#ports.kubernetes.compareAndSet(this.#name, recoveryKey, memberId, "");
  }

  /** The latch lives as long as the volumes do. */
  async #create(latch: Latch): Promise<boolean> {
    const { clusterName } = this.#ports.settings;
    const labels = {
      app: "etcd",
      "app.kubernetes.io/name": "etcd",
      "app.kubernetes.io/instance": clusterName,
    };
    const owner = (await this.#ports.kubernetes.statefulSet(clusterName))?.owner;
    const metadata = { name: this.#name, labels, ...(owner === undefined ? {} : { ownerReferences: [owner] }) };
    return this.#ports.kubernetes.createConfigMap(metadata, toData(latch));
  }
}
