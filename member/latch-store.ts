import type { LatchWord, LostLatch } from "./decision.ts";
import type { Kubernetes } from "./kubernetes.ts";
import { claimKey, clusterIdKey, fromData, newLatch, rewrittenLatch, toData, type Latch } from "./latch.ts";
import { log } from "./log.ts";
import type { Settings } from "./settings.ts";

/** The latch where it is kept: a ConfigMap of the cluster's namespace. Nothing is retried here. */
export class LatchStore {
  readonly #settings: Settings;
  readonly #kubernetes: Kubernetes;

  constructor(settings: Settings, kubernetes: Kubernetes) {
    this.#settings = settings;
    this.#kubernetes = kubernetes;
  }

  /** Never throws: whatever keeps the latch from being read is silence, with its reason. */
  async read(): Promise<LatchWord> {
    const name = this.#settings.latchName;
    try {
      const data = await this.#kubernetes.configMap(name);
      return data === undefined ? { kind: "absent" } : { kind: "latched", latch: fromData(data, name) };
    } catch (error) {
      return { kind: "silent", why: (error as Error).message };
    }
  }

  /** @param token a random word; see Latch.token */
  async create(replicas: number, token: string): Promise<void> {
    if (await this.#create(newLatch(replicas, token))) {
      log(`Founding a cluster of ${replicas}: latch ${this.#settings.latchName} created`);
    }
  }

  async rewrite(lost: LostLatch): Promise<void> {
    if (await this.#create(rewrittenLatch(lost.ordinals, lost.clusterId))) {
      log(`The latch ${this.#settings.latchName} was lost: written anew for cluster ${lost.clusterId}`);
    }
  }

  /** @returns false where this ordinal's first start was claimed in the meantime */
  claim(ordinal: number, word: string): Promise<boolean> {
    return this.#kubernetes.compareAndSet(this.#settings.latchName, claimKey(ordinal), "", word);
  }

  /** Writes down which cluster was formed; the first to do so is the only one. */
  async setClusterId(clusterId: string): Promise<void> {
    await this.#kubernetes.compareAndSet(this.#settings.latchName, clusterIdKey, "", clusterId);
  }

  #create(latch: Latch): Promise<boolean> {
    const labels = {
      app: "etcd",
      "app.kubernetes.io/name": "etcd",
      "app.kubernetes.io/instance": this.#settings.clusterName,
    };
    return this.#kubernetes.createConfigMap(this.#settings.latchName, labels, toData(latch));
  }
}
