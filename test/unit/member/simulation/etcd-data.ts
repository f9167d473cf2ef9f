import type { Member } from "../../../../member/gateway.ts";
import type { WalIdentity } from "../../../../member/wal.ts";

/** What an entry of etcd's log does when it is applied. */
export type Command =
  | { readonly kind: "nothing" }
  | { readonly kind: "write"; readonly key: number }
  | { readonly kind: "publish"; readonly id: string; readonly name: string; readonly clientUrl: string }
  | { readonly kind: "add"; readonly id: string; readonly peerUrl: string; readonly isLearner: boolean }
  | { readonly kind: "promote"; readonly id: string }
  | { readonly kind: "remove"; readonly id: string }
  | { readonly kind: "update"; readonly id: string; readonly peerUrl: string };

/** The same object in every log that holds it: two entries are the same entry only where they are the same object. */
export interface Entry {
  readonly term: number;
  readonly command: Command;
}

/** What survives a crash. */
export class DataDir {
  readonly identity: WalIdentity;
  readonly log: Entry[] = [];
  term = 0;
  votedFor = "";
  committed = 0;
  /** The running etcd that holds the lock of this dir. */
  locked = false;

  constructor(identity: WalIdentity) {
    this.identity = identity;
  }
}

export function isChangeOfMembers({ command }: Entry): boolean {
  return ["add", "promote", "remove", "update"].includes(command.kind);
}

/** The member list that a prefix of the log makes. */
export class Membership {
  readonly members = new Map<string, Member>();
  readonly removed = new Set<string>();

  get list(): Member[] {
    return [...this.members.values()];
  }

  get voters(): Member[] {
    return this.list.filter((member) => !member.isLearner);
  }

  /** @returns etcd's refusal: the entry is in the log and changes nothing then */
  apply(command: Command): string | undefined {
    switch (command.kind) {
      case "nothing":
      case "write":
        return undefined;
      case "add":
        return this.#add(command.id, command.peerUrl, command.isLearner);
      case "remove":
        if (this.removed.has(command.id)) return "etcdserver: member removed";
        this.removed.add(command.id);
        return this.members.delete(command.id) ? undefined : "etcdserver: member not found";
      case "publish":
        return this.#change(command.id, { name: command.name, clientUrls: [command.clientUrl] });
      case "promote":
        if (this.members.get(command.id)?.isLearner === false) return "etcdserver: can only promote a learner member";
        return this.#change(command.id, { isLearner: false });
      case "update":
        return this.#change(command.id, { peerUrls: [command.peerUrl] });
    }
  }

  #add(id: string, peerUrl: string, isLearner: boolean): string | undefined {
    if (this.list.some((member) => member.peerUrls.includes(peerUrl))) return "etcdserver: Peer URLs already exists";
    this.members.set(id, { id, name: "", peerUrls: [peerUrl], clientUrls: [], isLearner });
    return undefined;
  }

  #change(id: string, change: Partial<Member>): string | undefined {
    const member = this.members.get(id);
    if (member === undefined) return "etcdserver: member not found";
    this.members.set(id, { ...member, ...change });
    return undefined;
  }
}

export function quorum(voters: number): number {
  return Math.floor(voters / 2) + 1;
}
