import { Refused, type Member, type MemberList, type Status } from "../../../../member/gateway.ts";
import { quorum, type Command } from "./etcd-data.ts";
import type { EtcdNode } from "./etcd-node.ts";
import { ordinalIn } from "./referee.ts";

/** Answers, or refuses with an error; never where etcd would say nothing. */
export type Reply<T> = (answer: T | Error) => void;

const UNAVAILABLE = 14;
const FAILED_PRECONDITION = 9;
const NOT_FOUND = 5;
/** etcd's HealthInterval. */
const HEALTHY_FOR_MS = 5_000;
/** etcd's ReqTimeout. */
const REQUEST_TIMEOUT_MS = 7_000;
const MOST_LEARNERS = 9;

const unhealthy = (): Refused => new Refused(UNAVAILABLE, "etcdserver: unhealthy cluster");

export function status(node: EtcdNode): Status {
  return {
    memberId: node.id,
    clusterId: node.dir.identity.clusterId,
    leaderId: node.leader() === undefined ? "0" : node.leaderId,
    appliedIndex: BigInt(node.applied),
    isLearner: node.isLearner,
  };
}

export function members(node: EtcdNode, reply: Reply<MemberList>): void {
  const leader = servingLeader(node, reply);
  if (leader === undefined || !leader.confirmsLeadership()) return;
  if (node !== leader && !leader.exchangeWith(node.id)) return;
  reply({ clusterId: node.dir.identity.clusterId, members: node.membership.list });
}

/** etcd refuses what asks for a leader while it has none, and a learner answers nothing but status. */
function servingLeader(node: EtcdNode, reply: (error: Error) => void): EtcdNode | undefined {
  if (node.isLearner) {
    reply(new Refused(UNAVAILABLE, "etcdserver: rpc not supported for learner"));
    return undefined;
  }
  const leader = node.leader();
  if (leader === undefined) reply(new Refused(UNAVAILABLE, "etcdserver: no leader"));
  return leader;
}

export function write(node: EtcdNode, key: number, reply: Reply<undefined>): void {
  propose(node, { kind: "write", key }, reply);
}

function propose(node: EtcdNode, command: Command, reply: Reply<undefined>): void {
  const leader = servingLeader(node, reply);
  if (leader === undefined) return;
  const { scheduler } = node.network;
  const giveUp = scheduler.after(REQUEST_TIMEOUT_MS, () =>
    reply(new Refused(UNAVAILABLE, "etcdserver: request timed out")),
  );
  leader.propose(command, node, (refusal) => {
    giveUp();
    reply(refusal === undefined ? undefined : new Refused(codeOf(refusal), refusal));
  });
}

function codeOf(refusal: string): number {
  return refusal.endsWith("not found") ? NOT_FOUND : FAILED_PRECONDITION;
}

function isUp(node: EtcdNode, id: string): boolean {
  return id === node.id || node.network.sameCluster(node).some((peer) => peer.id === id);
}

function activeFor(node: EtcdNode, ms: number): Member[] {
  const since = node.network.scheduler.now - ms;
  return node.membership.voters.filter(({ id }) => isUp(node, id) && (node.activeSince.get(id) ?? Infinity) <= since);
}

export function addLearner(
  node: EtcdNode,
  id: string,
  peerUrl: string,
  reply: Reply<{ added: Member; members: readonly Member[] }>,
): void {
  if (servingLeader(node, reply) === undefined) return;
  const { voters, list } = node.membership;
  if (activeFor(node, HEALTHY_FOR_MS).length < quorum(voters.length)) {
    reply(unhealthy());
    return;
  }
  if (list.length - voters.length >= MOST_LEARNERS) {
    reply(new Refused(FAILED_PRECONDITION, "etcdserver: too many learner members in cluster"));
    return;
  }
  propose(node, { kind: "add", id, peerUrl, isLearner: true }, (answer) => {
    const added = node.membership.members.get(id);
    if (answer instanceof Error) reply(answer);
    else if (added !== undefined) reply({ added, members: node.membership.list });
  });
}

/** etcd's rules: facts A.1, 4. A learner goes unasked; one that is down is no part of the quorum that holds. */
export function remove(node: EtcdNode, id: string, reply: Reply<undefined>): void {
  if (servingLeader(node, reply) === undefined) return;
  const { voters, members } = node.membership;
  if (members.get(id)?.isLearner === false) {
    const staying = voters.filter((member) => member.id !== id);
    if (staying.filter(({ name }) => name !== "").length < quorum(staying.length)) {
      reply(new Refused(FAILED_PRECONDITION, "etcdserver: re-configuration failed due to not enough started members"));
      return;
    }
    const isDown = !isUp(node, id);
    if (!isDown && activeFor(node, HEALTHY_FOR_MS).length - 1 < quorum(staying.length)) {
      reply(unhealthy());
      return;
    }
  }
  propose(node, { kind: "remove", id }, reply);
}

/** Only the leader knows how far a learner is; another member asks it. */
export function promote(node: EtcdNode, id: string, reply: Reply<undefined>): void {
  const leader = servingLeader(node, reply);
  if (leader === undefined) return;
  const { voters, members } = leader.membership;
  const started = [...voters, ...[members.get(id)]].filter((member) => member !== undefined && member.name !== "");
  if (started.length < quorum(voters.length + 1)) {
    reply(new Refused(FAILED_PRECONDITION, "etcdserver: re-configuration failed due to not enough started members"));
    return;
  }
  if (leader.matchOf(id) < 0.9 * leader.dir.log.length) {
    reply(
      new Refused(FAILED_PRECONDITION, "etcdserver: can only promote a learner member which is in sync with leader"),
    );
    return;
  }
  propose(leader, { kind: "promote", id }, reply);
}

export function updatePeerUrl(node: EtcdNode, id: string, peerUrl: string, reply: Reply<undefined>): void {
  propose(node, { kind: "update", id, peerUrl }, reply);
}

export function transferLeadership(node: EtcdNode, targetId: string, reply: Reply<undefined>): void {
  if (!node.isLeader) {
    reply(new Refused(FAILED_PRECONDITION, "etcdserver: not leader"));
    return;
  }
  if (!node.exchangeWith(targetId)) return;
  const ordinal = ordinalIn(node.membership.members.get(targetId)?.peerUrls[0] ?? "");
  if (node.network.at(ordinal, node.ordinal)?.campaign(true) === true) reply(undefined);
}
