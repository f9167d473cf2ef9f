import { noop } from "cockatiel";
import { Etcd3 } from "etcd3";
import { Channel } from "../grpc/channel.ts";
import { hashAnswer } from "./answers.ts";
import { type MemberAddress } from "./member-client.ts";
import { hashRequest } from "./requests.ts";

/** A member as the cluster's list has it. */
export interface ListedMember {
  readonly id: string;
  /** Empty until it has started for the first time. */
  readonly name: string;
  readonly learner: boolean;
}

/** What a member says of itself. */
export interface MemberStatus {
  readonly id: string;
  /** "0": it knows of none. */
  readonly leader: string;
  readonly term: string;
  readonly revision: string;
  readonly learner: boolean;
}

export interface StoreHash {
  readonly hash: number;
  /** The hash is of what was stored since this revision: only hashes since the same one can be compared. */
  readonly since: string;
}

/**
 * Asks one member about itself and its cluster. All of it are questions, so nothing can go wrong by asking; an error is
 * thrown.
 */
export class MemberView {
  readonly host: string;
  readonly #etcd: Etcd3;
  readonly #channel: Channel;
  readonly #deadlineMs: number;

  /** @param deadlineMs how long an answer is waited for, in milliseconds */
  constructor(address: MemberAddress, deadlineMs: number) {
    this.host = address.host;
    this.#deadlineMs = deadlineMs;
    const hosts = `http://${address.host}:${address.port ?? 2379}`;
    this.#channel = new Channel({ ...address, port: address.port ?? 2379 }, deadlineMs);
    // One host and no policies: the answer is this member's or none.
    this.#etcd = new Etcd3({ hosts, faultHandling: { global: noop, host: () => noop } });
  }

  /** The cluster's members, by a quorum's word. */
  async members(): Promise<readonly ListedMember[]> {
    const { members } = await this.#etcd.cluster.memberList({ linearizable: true }, this.#options());
    return members.map(({ ID, name, isLearner }) => ({ id: ID, name, learner: isLearner }));
  }

  async status(): Promise<MemberStatus> {
    const { header, leader, raftTerm, isLearner } = await this.#etcd.maintenance.status(this.#options());
    return { id: header.member_id, leader, term: raftTerm, revision: header.revision, learner: isLearner };
  }

  /** The hash of this member's own store up to a revision, which must not be ahead of it. */
  hash(revision: string): Promise<StoreHash> {
    return this.#channel.call("/etcdserverpb.Maintenance/HashKV", hashRequest(revision), hashAnswer);
  }

  close(): void {
    this.#etcd.close();
    this.#channel.close();
  }

  #options(): { deadline: number } {
    return { deadline: Date.now() + this.#deadlineMs };
  }
}
