import { isChangeOfMembers, Membership, quorum, type Command, type DataDir, type Entry } from "./etcd-data.ts";
import type { EtcdNetwork } from "./etcd-network.ts";

const TICK_MS = 250;
const ELECTION_MS = 1_000;
/** A leader that has not heard from a quorum for so long gives up. */
const LEASE_MS = 1_500;

/**
 * A running etcd: raft with the exchange of two members as one event (replication, votes), membership changed when an entry
 * is applied, one change at a time. A member that it was told of may serve before it has any entry, as etcd's do.
 */
export class EtcdNode {
  readonly dir: DataDir;
  readonly ordinal: number;
  readonly membership = new Membership();
  readonly network: EtcdNetwork;
  running = true;
  leaderId = "";
  /** When each other member was found reachable without a break since. */
  readonly activeSince = new Map<string, number>();
  readonly #onExit: (why: string) => void;
  readonly #match = new Map<string, number>();
  readonly #waiters = new Map<Entry, (refusal: string | undefined) => void>();
  #applied = 0;
  #heardAt: number;
  #replicating = false;

  constructor(network: EtcdNetwork, ordinal: number, dir: DataDir, onExit: (why: string) => void) {
    this.network = network;
    this.ordinal = ordinal;
    this.dir = dir;
    this.#onExit = onExit;
    this.#heardAt = network.scheduler.now;
    dir.locked = true;
    network.running.set(ordinal, this);
    this.#apply();
    this.#tickLater();
  }

  get id(): string {
    return this.dir.identity.memberId;
  }

  get isLeader(): boolean {
    return this.running && this.leaderId === this.id;
  }

  get applied(): number {
    return this.#applied;
  }

  get isLearner(): boolean {
    return this.membership.members.get(this.id)?.isLearner !== false;
  }

  end(why: string): void {
    if (!this.running) return;
    this.running = false;
    this.dir.locked = false;
    if (this.network.running.get(this.ordinal) === this) this.network.running.delete(this.ordinal);
    this.#onExit(why);
  }

  /** The leader as this member knows it, if it is one and can be reached. */
  leader(): EtcdNode | undefined {
    if (this.leaderId === "") return undefined;
    const node = this.#peer(this.leaderId);
    return node?.isLeader === true && node.dir.term === this.dir.term ? node : undefined;
  }

  /** Puts an entry into the log; the callback hears of it when `at`, who was asked, has applied it. Leaders only. */
  propose(command: Command, at: EtcdNode, applied: (refusal: string | undefined) => void): void {
    const entry = { term: this.dir.term, command };
    if (isChangeOfMembers(entry) && this.#changePending()) return;
    at.#waiters.set(entry, applied);
    this.dir.log.push(entry);
    this.#replicateSoon();
  }

  /** raft makes one change of members at a time and drops another: nobody is told (raft.go, "ignoring conf change"). */
  #changePending(): boolean {
    return this.dir.log.slice(this.#applied).some(isChangeOfMembers);
  }

  /** Whether a quorum takes this member for the leader right now, and it has committed something in its term. */
  confirmsLeadership(): boolean {
    const { voters } = this.membership;
    const followers = voters.filter(({ id }) => id !== this.id && this.#exchange(id));
    const own = voters.some(({ id }) => id === this.id) ? 1 : 0;
    return this.isLeader && followers.length + own >= quorum(voters.length) && this.#ownTermIsCommitted();
  }

  #ownTermIsCommitted(): boolean {
    return this.dir.log[this.dir.committed - 1]?.term === this.dir.term;
  }

  matchOf(id: string): number {
    return this.#match.get(id) ?? 0;
  }

  /** Brings one member up to date, and learns whether it follows. */
  exchangeWith(id: string): boolean {
    return this.#exchange(id);
  }

  #peer(id: string): EtcdNode | undefined {
    return this.network.member(this.dir.identity.clusterId, id, this.ordinal);
  }

  #tickLater(): void {
    this.network.scheduler.after(TICK_MS + this.network.chance.between(0, 60), () => {
      if (!this.running) return;
      this.#tick();
      this.#tickLater();
    });
  }

  #tick(): void {
    const { now } = this.network.scheduler;
    for (const { id } of this.membership.list) {
      const peer = id === this.id ? this : this.#peer(id);
      if (peer === undefined) this.activeSince.delete(id);
      else if (!this.activeSince.has(id)) this.activeSince.set(id, now);
    }
    if (this.network.sameCluster(this).some((peer) => peer.membership.removed.has(this.id))) {
      this.end("the member has been permanently removed from the cluster");
      return;
    }
    if (this.isLeader) this.#replicate();
    else if (now - this.#heardAt > ELECTION_MS + this.network.chance.between(0, ELECTION_MS)) this.campaign(false);
    this.#publish();
  }

  #publish(): void {
    const self = this.membership.members.get(this.id);
    const leader = this.leader();
    if (self === undefined || self.name !== "" || leader === undefined) return;
    const [name, clientUrl] = [`etcd-${this.ordinal}`, `http://etcd-${this.ordinal}.etcd:2379`];
    if (leader.dir.log.slice(leader.applied).some(({ command }) => command.kind === "publish")) return;
    leader.propose({ kind: "publish", id: this.id, name, clientUrl }, leader, () => undefined);
  }

  /** @param called by the leader that hands over: then nobody minds that there is a leader */
  campaign(called: boolean): boolean {
    const { voters } = this.membership;
    if (!voters.some(({ id }) => id === this.id)) return false;
    const peers = voters.flatMap(({ id }) => (id === this.id ? [] : (this.#peer(id) ?? [])));
    const granted = peers.filter((peer) => peer.#grants(this, called));
    if (granted.length + 1 < quorum(voters.length)) return false;
    const term = Math.max(this.dir.term, ...granted.map((peer) => peer.dir.term)) + 1;
    for (const peer of [this, ...granted]) {
      peer.dir.term = term;
      peer.dir.votedFor = this.id;
      peer.leaderId = "";
      peer.#heardAt = this.network.scheduler.now;
    }
    this.#lead();
    return true;
  }

  #grants(candidate: EtcdNode, called: boolean): boolean {
    const { now } = this.network.scheduler;
    if (!called && this.leader() !== undefined && now - this.#heardAt < ELECTION_MS) return false;
    const [mine, theirs] = [this.dir.log, candidate.dir.log];
    const [myTerm, theirTerm] = [mine.at(-1)?.term ?? 0, theirs.at(-1)?.term ?? 0];
    return theirTerm > myTerm || (theirTerm === myTerm && theirs.length >= mine.length);
  }

  #lead(): void {
    this.leaderId = this.id;
    this.#match.clear();
    this.network.referee.elected(this.dir.identity);
    this.network.referee.note(`etcd-${this.ordinal}`, `leads in term ${this.dir.term}`);
    this.dir.log.push({ term: this.dir.term, command: { kind: "nothing" } });
    this.#replicateSoon();
  }

  #replicateSoon(): void {
    if (this.#replicating) return;
    this.#replicating = true;
    this.network.scheduler.after(this.network.chance.between(1, 8), () => {
      this.#replicating = false;
      if (this.isLeader) this.#replicate();
    });
  }

  #replicate(): void {
    const { now } = this.network.scheduler;
    const { voters } = this.membership;
    const following = this.membership.list.filter(({ id }) => id !== this.id && this.#exchange(id)).map(({ id }) => id);
    if (!this.isLeader) return;
    const own = voters.some(({ id }) => id === this.id) ? 1 : 0;
    if (voters.filter(({ id }) => following.includes(id)).length + own >= quorum(voters.length)) this.#heardAt = now;
    else if (now - this.#heardAt > LEASE_MS) {
      this.leaderId = "";
      return;
    }
    const upTo = this.#committable();
    if (upTo <= this.dir.committed) return;
    this.#learnCommitted(upTo);
    // The others hear of it before it takes effect here: a leader may be removed by it.
    for (const id of following) this.#exchange(id);
    this.#apply();
  }

  #committable(): number {
    const { voters } = this.membership;
    this.#match.set(this.id, this.dir.log.length);
    for (let upTo = this.dir.log.length; upTo > this.dir.committed; upTo--) {
      if (this.dir.log[upTo - 1]?.term !== this.dir.term) return 0;
      if (voters.filter(({ id }) => this.matchOf(id) >= upTo).length >= quorum(voters.length)) return upTo;
    }
    return 0;
  }

  /** One round trip: the other's log becomes this one's, unless it has seen a later leader. */
  #exchange(id: string): boolean {
    const peer = this.#peer(id);
    if (peer === undefined || !this.isLeader) return false;
    if (peer.dir.term > this.dir.term) {
      this.dir.term = peer.dir.term;
      this.leaderId = "";
      return false;
    }
    peer.#follow(this);
    if (peer.running) this.#match.set(id, this.dir.log.length);
    return peer.running;
  }

  #follow(leader: EtcdNode): void {
    this.dir.term = leader.dir.term;
    this.leaderId = leader.id;
    this.#heardAt = this.network.scheduler.now;
    const [mine, theirs] = [this.dir.log, leader.dir.log];
    let same = Math.min(mine.length, theirs.length);
    while (same > 0 && mine[same - 1] !== theirs[same - 1]) same--;
    if (same < this.dir.committed) {
      this.network.referee.broken(8, `${leader.id} leads and lacks what ${this.id} knows to be committed`);
      return;
    }
    mine.length = same;
    for (let index = same; index < theirs.length; index++) mine.push(...theirs.slice(index, index + 1));
    const upTo = Math.min(leader.dir.committed, mine.length);
    if (upTo > this.dir.committed) this.#learnCommitted(upTo);
    this.#apply();
  }

  #learnCommitted(upTo: number): void {
    this.network.referee.committed(this.dir, upTo, this.network.holdsDirOf);
    this.dir.committed = upTo;
  }

  #apply(): void {
    for (; this.#applied < this.dir.committed && this.running; this.#applied++) {
      const entry = this.dir.log[this.#applied];
      if (entry === undefined) return;
      const refusal = this.membership.apply(entry.command);
      this.#waiters.get(entry)?.(refusal);
      this.#waiters.delete(entry);
      if (entry.command.kind === "remove" && entry.command.id === this.id) this.#endRemoved();
    }
  }

  #endRemoved(): void {
    this.leaderId = "";
    this.network.scheduler.after(500, () => this.end("the member has been permanently removed from the cluster"));
  }
}
