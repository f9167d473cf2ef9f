import type { DataDir } from "./etcd-data.ts";
import { Membership, type Entry } from "./etcd-data.ts";

/** An invariant of docs/adr/0002-starts.md, by its number there; 0 is a defect of the program (an error that nobody expected). */
export interface Violation {
  readonly invariant: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 8 | 9;
  readonly what: string;
}

/** A stop asked its StatefulSet at most this long ago, in milliseconds: a change of members that hangs counts as well. */
const WORD_COUNTS_FOR_MS = 75_000;

/** Sees everything, changes nothing, and says which invariant was broken first. */
export class Referee {
  violation: Violation | undefined;
  readonly #now: () => number;
  readonly #trace: string[] = [];
  /** What each cluster has committed, as one who sees all logs knows it. */
  readonly #committed = new Map<string, { log: Entry[]; membership: Membership }>();
  readonly #dirs = new Map<string, DataDir>();
  readonly #replicas: { at: number; replicas: number }[] = [];
  #clusterId = "";
  /** Whom a person named to go on alone, and whether it has. */
  #word = { memberId: "", isCarriedOut: false };
  /** Members that a recovery has dropped for good. */
  readonly #abandoned = new Set<string>();
  /** What only they knew to be committed, or nobody did: it is gone, and must stay so. */
  readonly #discarded = new Set<Entry>();
  /** Hears that a recovery has taken effect: what is not in the log now is lost by a person's word. */
  onRecovered: () => void = () => undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  get trace(): readonly string[] {
    return this.#trace;
  }

  note(who: string, what: string): void {
    this.#trace.push(`${(this.#now() / 1000).toFixed(3).padStart(9)} ${who.padEnd(8)} ${what}`);
    if (this.#trace.length > 4_000) this.#trace.splice(0, 2_000);
  }

  broken(invariant: Violation["invariant"], what: string): void {
    this.note("REFEREE", `invariant ${invariant}: ${what}`);
    this.violation ??= { invariant, what };
  }

  /** The member list by everybody's word; empty before there is a cluster. */
  get membership(): Membership {
    return this.#committed.get(this.#clusterId)?.membership ?? new Membership();
  }

  get log(): readonly Entry[] {
    return this.#committed.get(this.#clusterId)?.log ?? [];
  }

  elected({ clusterId, memberId }: DataDir["identity"]): void {
    // A quorum came back before the word was carried out: it counts no more.
    if (!this.#word.isCarriedOut) this.#word = { memberId: "", isCarriedOut: false };
    if (this.#abandoned.has(memberId))
      this.broken(1, `${memberId} leads, which a recovery has given up: a second cluster beside the recovered one`);
    if (this.#clusterId !== "" && this.#clusterId !== clusterId)
      this.broken(1, `a second cluster, ${clusterId}, has a leader beside ${this.#clusterId}`);
    this.#clusterId ||= clusterId;
  }

  /** A member knows that its log is committed up to `upTo`. */
  committed(dir: DataDir, upTo: number, holdsDirOf: (member: string) => boolean): void {
    const { clusterId, memberId } = dir.identity;
    const known = this.#committed.get(clusterId) ?? { log: [], membership: new Membership() };
    this.#committed.set(clusterId, known);
    for (let index = dir.committed; index < upTo; index++) {
      const entry = dir.log[index];
      if (entry === undefined) continue;
      const other = known.log[index];
      if (other === undefined) {
        if (this.#discarded.has(entry))
          this.broken(8, `${memberId} commits entry ${index}, which a recovery has dropped: it is there again`);
        known.log.push(entry);
        this.#judge(entry, known.membership, index, holdsDirOf);
        known.membership.apply(entry.command);
      } else if (other !== entry) {
        this.broken(8, `${memberId} has another entry ${index} than the one that was committed`);
        return;
      }
    }
  }

  #judge(entry: Entry, before: Membership, index: number, holdsDirOf: (member: string) => boolean): void {
    const { command } = entry;
    if (command.kind === "add" && !command.isLearner && entry.term > 1)
      this.broken(3, `${command.id} was added as a voter (entry ${index})`);
    if (command.kind !== "remove") return;
    const member = before.members.get(command.id);
    if (member === undefined) return;
    const ordinal = ordinalIn(member.peerUrls[0] ?? "");
    if (!this.#wasDeparted(ordinal) && holdsDirOf(command.id))
      this.broken(5, `${command.id} was removed, and neither left nor lost its volume`);
  }

  /** A person confirms that a majority is lost, and who goes on. */
  personSays(memberId: string): void {
    this.#word = { memberId, isCarriedOut: false };
  }

  wasAbandoned(memberId: string): boolean {
    return this.#abandoned.has(memberId);
  }

  /** A member's etcd drops all others, and what it does not know to be committed, without a quorum. */
  goesOnAlone(dir: DataDir, removals: readonly Entry[]): void {
    const { clusterId, memberId } = dir.identity;
    const known = this.#committed.get(clusterId);
    if (known === undefined || this.#word.memberId !== memberId) {
      this.broken(8, `${memberId} goes on alone without a person's word`);
      return;
    }
    const again = this.#word.isCarriedOut;
    if (again && (removals.length > 0 || known.log.length > dir.committed)) {
      this.broken(8, `${memberId} goes on alone once more, and drops what was decided since`);
      return;
    }
    for (const entry of [...known.log.slice(dir.committed), ...dir.log.slice(dir.committed)])
      this.#discarded.add(entry);
    known.log.length = dir.committed;
    known.log.push(...removals);
    known.membership = new Membership();
    for (const { command } of known.log) known.membership.apply(command);
    for (const { command } of removals) if (command.kind === "remove") this.#abandoned.add(command.id);
    this.#word = { memberId, isCarriedOut: true };
    this.onRecovered();
  }

  declared(replicas: number): void {
    this.#replicas.push({ at: this.#now(), replicas });
  }

  #wasDeparted(ordinal: number): boolean {
    return this.#replicas.some(({ replicas }, index) => {
      const until = this.#replicas[index + 1]?.at ?? Infinity;
      return replicas > 0 && ordinal >= replicas && until >= this.#now() - WORD_COUNTS_FOR_MS;
    });
  }

  /** etcd has made a WAL on an empty volume. */
  madeWal(dir: DataDir): void {
    const key = `${dir.identity.clusterId} ${dir.identity.memberId}`;
    if (this.#dirs.has(key)) this.broken(2, `${key} starts a second time with an empty volume`);
    this.#dirs.set(key, dir);
  }

  wiping(dir: DataDir): void {
    const { clusterId, memberId } = dir.identity;
    if (clusterId === this.#clusterId && this.membership.members.has(memberId))
      this.broken(5, `the data of ${memberId} is wiped, and it is a member`);
  }
}

export function ordinalIn(url: string): number {
  return Number(/-(\d+)\./.exec(url)?.[1] ?? NaN);
}
