import type { Exit, FirstStartFlags } from "../../../../member/etcd-process.ts";
import type { Etcd } from "../../../../member/ports.ts";
import { DataDir, Membership, type Entry } from "./etcd-data.ts";
import type { EtcdNetwork } from "./etcd-network.ts";
import { EtcdNode } from "./etcd-node.ts";
import { ordinalIn } from "./referee.ts";
import type { Volume } from "./volume.ts";

/** etcd as the child of a member program, from the command line to its end. */
export class EtcdChild implements Etcd {
  readonly startedAt: number;
  readonly exited: Promise<Exit>;
  isRunning = true;
  node: EtcdNode | undefined;
  readonly #network: EtcdNetwork;
  readonly #ordinal: number;
  #resolve: (exit: Exit) => void = () => undefined;
  #isAlone = false;

  constructor(network: EtcdNetwork, ordinal: number, volume: Volume, first: FirstStartFlags | "alone" | undefined) {
    this.#network = network;
    this.#ordinal = ordinal;
    this.startedAt = network.scheduler.now;
    this.exited = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    network.scheduler.after(network.chance.between(10, 200), () => {
      if (this.isRunning) this.#begin(volume, first);
    });
  }

  /** In order it takes a moment; by force it does not. */
  stop(withinMs: number): Promise<Exit> {
    const takes = withinMs > 0 ? this.#network.chance.between(20, 900) : 0;
    this.#network.scheduler.after(takes, () => this.#end({ code: withinMs > 0 ? 0 : null, signal: null }));
    return this.exited;
  }

  /** Never needed here, and harmless: etcd is started again. */
  waitsInVain(): Promise<boolean> {
    return Promise.resolve(this.#network.chance.happens(0.05));
  }

  kill(): void {
    this.#end({ code: null, signal: "SIGKILL" });
  }

  #end(exit: Exit): void {
    if (!this.isRunning) return;
    this.isRunning = false;
    if (this.#isAlone) this.#network.isolated.delete(this.#ordinal);
    this.node?.end("stopped");
    this.#resolve(exit);
  }

  #fail(why: string): void {
    this.#network.referee.note(`etcd-${this.#ordinal}`, `etcd ends: ${why}`);
    this.#end({ code: 1, signal: null });
  }

  #begin(volume: Volume, first: FirstStartFlags | "alone" | undefined): void {
    if (volume.dir === undefined) {
      if (first === undefined || first === "alone") {
        this.#fail("no data and no initial cluster");
        return;
      }
      const dir = first.state === "new" ? this.#found(first) : this.#join(first);
      if (dir === undefined) return;
      this.#network.referee.madeWal(dir);
      volume.dir = dir;
    }
    if (volume.dir.locked) {
      this.#fail("the data dir is in use");
      return;
    }
    if (first === "alone") this.#dropTheOthers(volume.dir);
    this.node = new EtcdNode(this.#network, this.#ordinal, volume.dir, (why) => this.#fail(why));
  }

  /**
   * --force-new-cluster: what is not known to be committed is dropped, then everybody else, without asking anybody
   * (server/etcdserver/bootstrap.go, bootstrapRaftFromWAL and createConfChangeEnts).
   */
  #dropTheOthers(dir: DataDir): void {
    this.#isAlone = true;
    this.#network.isolated.add(this.#ordinal);
    const { log, term } = dir;
    const membership = new Membership();
    for (const { command } of log.slice(0, dir.committed)) membership.apply(command);
    const others = membership.list.filter(({ id }) => id !== dir.identity.memberId);
    const removals = others.map(({ id }): Entry => ({ term, command: { kind: "remove", id } }));
    this.#network.referee.goesOnAlone(dir, removals);
    log.length = dir.committed;
    log.push(...removals);
    dir.committed = log.length;
  }

  /** IDs come from peer URLs and token alone; the members are the first entries of everybody's log. */
  #found(first: FirstStartFlags): DataDir | undefined {
    const founders = [...first.initialCluster.values()].map((peerUrl) => ({
      id: `m${ordinalIn(peerUrl)}.${first.token.split("/").at(-1) ?? ""}`,
      peerUrl,
    }));
    const self = founders.find(({ peerUrl }) => ordinalIn(peerUrl) === this.#ordinal);
    if (self === undefined) {
      this.#fail("couldn't find local name in the initial cluster configuration");
      return undefined;
    }
    const clusterId = `c.${first.token}`;
    const dir = new DataDir({ clusterId, memberId: self.id });
    const known = [...this.#network.running.values()].some(
      (node) =>
        this.#network.reaches(this.#ordinal, node.ordinal) &&
        node.dir.identity.clusterId === clusterId &&
        (node.membership.members.get(self.id)?.name ?? "") !== "",
    );
    if (known) {
      this.#fail(`member ${self.id} has already been bootstrapped`);
      return undefined;
    }
    dir.log.push(...this.#network.foundingEntries(clusterId, founders));
    dir.term = 1;
    this.#network.referee.committed(dir, dir.log.length, () => false);
    dir.committed = dir.log.length;
    return dir;
  }

  /** The list on the command line must be the one that some member has. */
  #join(first: FirstStartFlags): DataDir | undefined {
    const urls = [...first.initialCluster.values()];
    const [peer] = urls.flatMap((url) => {
      const ordinal = ordinalIn(url);
      const node = ordinal === this.#ordinal ? undefined : this.#network.at(ordinal, this.#ordinal);
      return node === undefined || node.membership.list.length === 0 ? [] : [node];
    });
    if (peer === undefined) {
      this.#fail("cannot fetch cluster info from peer urls");
      return undefined;
    }
    const { list } = peer.membership;
    const self = list.find((member) => ordinalIn(member.peerUrls[0] ?? "") === this.#ordinal);
    const unequal = list.length !== urls.length || list.some(({ peerUrls }) => !urls.includes(peerUrls[0] ?? ""));
    if (self === undefined || unequal) {
      this.#fail("error validating peerURLs: member count is unequal or unmatched");
      return undefined;
    }
    return new DataDir({ clusterId: peer.dir.identity.clusterId, memberId: self.id });
  }
}
