import { Unreachable, type Answer } from "./connection.ts";
import { parseMembers, parseStatus, type Alarm, type ListedMember, type Status } from "./etcd-answers.ts";
import { knowsLeader, parseMetrics, parsePeerMembers } from "./etcd-without-quorum.ts";
import type { PodProxy } from "./pod-proxy.ts";

export const CLIENT_PORT = 2379;
const PEER_PORT = 2380;
export const METRICS_PORT = 2381;
/** All questions to all members go out side by side, so a look takes no longer than this, or twice this where etcd serves no client. */
const ANSWER_WITHIN_MS = 2_000;

/** One member, as itself and the cluster's member list say. */
export interface MemberRow {
  /** The pod's name, and the member's. */
  readonly name: string;
  /** The number behind the pod's name; undefined for a member that is none of this StatefulSet's. */
  readonly ordinal: number | undefined;
  /** Lower-case hex, "" where it is not known. */
  readonly id: string;
  readonly peerUrl: string;
  readonly clientUrl: string;
  readonly role: "leader" | "voter" | "learner" | "not a member" | "unknown";
  readonly health: "healthy" | "not ready" | "no answer";
  readonly version: string;
  /** What the member says of itself; undefined where it does not answer. */
  readonly status: Status | undefined;
  /** Why it takes no part in decisions now, such as "no answer within 2 s"; undefined where it does. */
  readonly absence: string | undefined;
}

/** The members of a cluster and what they agree on. */
export interface Membership {
  readonly rows: readonly MemberRow[];
  /** Whether a quorum answered a question that needs one. */
  readonly quorum: boolean;
  /** "" where nobody answers. */
  readonly clusterId: string;
  readonly alarms: readonly Alarm[];
}

/** What is asked of pods goes through here. */
type PodPorts = Pick<PodProxy, "call">;

interface Answered {
  readonly status: Status;
  readonly knowsLeader: boolean;
  readonly ready: boolean;
  readonly listed: readonly ListedMember[];
  readonly byQuorum: boolean;
}

/** A row for each pod asked, and one for each listed member that is none of them. */
export async function readMembers(proxy: PodPorts, pods: readonly string[]): Promise<MemberRow[]> {
  return [...(await readMembership(proxy, pods)).rows];
}

/** As `readMembers`, with what only the members together can say. */
export async function readMembership(proxy: PodPorts, pods: readonly string[]): Promise<Membership> {
  const answers = await Promise.all(pods.map(async (pod) => ({ pod, answered: await ask(proxy, pod) })));
  const heard = answers.flatMap(({ answered }) => (answered === undefined ? [] : [answered]));
  // A quorum's list before a local one, which may be stale: the most advanced of those.
  const best = [...heard].sort(
    (a, b) => Number(b.byQuorum) - Number(a.byQuorum) || b.status.raftIndex - a.status.raftIndex,
  );
  const listed = best.find((answered) => answered.listed.length > 0)?.listed ?? [];
  // One that is cut off, or hangs, may take itself for the leader long after the others have another.
  const leader = best.find(({ byQuorum }) => byQuorum)?.status.leaderId;
  const rows = answers.map(({ pod, answered }) => rowOf(pod, answered, listed, leader, true));
  const left = listed.filter((member) => !rows.some((row) => row.id === member.id));
  return {
    rows: [...rows, ...left.map((member) => rowOf(nameOf(member), undefined, [member], leader, false))],
    quorum: heard.some(({ byQuorum }) => byQuorum),
    clusterId: heard[0]?.status.clusterId ?? "",
    alarms: alarmsIn(heard),
  };
}

function alarmsIn(heard: readonly Answered[]): Alarm[] {
  const all = heard.flatMap(({ status }) => status.alarms);
  return [...new Map(all.map((alarm) => [`${alarm.memberId} ${alarm.kind}`, alarm])).values()];
}

/** A member that has not started has no name of its own; its peer URL says which pod it is to be. */
function nameOf(member: ListedMember): string {
  if (member.name !== "") return member.name;
  const url = member.peerUrls[0] ?? "";
  return URL.canParse(url) ? (new URL(url).hostname.split(".")[0] ?? "") : "(not started)";
}

function rowOf(
  name: string,
  answered: Answered | undefined,
  listed: readonly ListedMember[],
  leader: string | undefined,
  hasPod: boolean,
): MemberRow {
  const member = listed.find((one) =>
    answered === undefined ? nameOf(one) === name : one.id === answered.status.memberId,
  );
  const [, ordinal] = /-(\d+)$/.exec(name) ?? [];
  return {
    name,
    ordinal: ordinal === undefined ? undefined : Number(ordinal),
    id: member?.id ?? answered?.status.memberId ?? "",
    peerUrl: member?.peerUrls.join(",") ?? "",
    clientUrl: member?.clientUrls.join(",") ?? "",
    role: roleOf(member, leader ?? answered?.status.leaderId, listed.length > 0),
    health: answered === undefined ? "no answer" : answered.ready ? "healthy" : "not ready",
    version: answered?.status.version ?? "",
    status: answered?.status,
    absence: absenceOf(answered, hasPod, member?.isLearner === true),
  };
}

/**
 * Only what a voter gets agreed with the others shows that it takes part: one whose disk hangs still knows the leader it had
 * last, and tells its status until a commit of its database hangs as well. A learner is asked for nothing of that kind.
 */
function absenceOf(answered: Answered | undefined, hasPod: boolean, isLearner: boolean): string | undefined {
  if (!hasPod) return "no pod runs with its data";
  if (answered === undefined) return `no answer within ${ANSWER_WITHIN_MS / 1_000} s`;
  if (!answered.knowsLeader) return "it knows no leader";
  if (!answered.status.serves)
    return "it knows a leader and serves no client: it has only just started, or its disk hangs";
  if (answered.byQuorum || isLearner) return undefined;
  return `it answers for itself alone, and gets nothing agreed with the others within ${ANSWER_WITHIN_MS / 1_000} s`;
}

function roleOf(member: ListedMember | undefined, leader: string | undefined, listKnown: boolean): MemberRow["role"] {
  if (member === undefined) return listKnown ? "not a member" : "unknown";
  if (member.isLearner) return "learner";
  return leader === member.id ? "leader" : "voter";
}

/**
 * Status, readiness and the local member list of one pod need no quorum; the other list shows whether there is one. The peer
 * port tells a member that serves no client from one that is silent.
 */
async function ask(proxy: PodPorts, pod: string): Promise<Answered | undefined> {
  const list = (linearizable: boolean): Promise<ListedMember[]> =>
    quietly(proxy.call(pod, CLIENT_PORT, "/v3/cluster/member/list", ANSWER_WITHIN_MS, { linearizable }), parseMembers);
  const [status, ready, local, byQuorum, [peers]] = await Promise.all([
    quietly(proxy.call(pod, CLIENT_PORT, "/v3/maintenance/status", ANSWER_WITHIN_MS, {}), (text) => [
      parseStatus(text),
    ]),
    quietly(proxy.call(pod, METRICS_PORT, "/readyz", ANSWER_WITHIN_MS), () => [true]),
    list(false),
    list(true),
    quietly(proxy.call(pod, PEER_PORT, "/members", ANSWER_WITHIN_MS), (text, headers) => [{ text, headers }]),
  ]);
  const [own] = status;
  if (own === undefined) return peers === undefined ? undefined : await askWithoutQuorum(proxy, pod, peers);
  const agreed = byQuorum.length > 0;
  return {
    status: own,
    knowsLeader: own.leaderId !== "",
    ready: ready.length > 0,
    listed: agreed ? byQuorum : local,
    byQuorum: agreed,
  };
}

/** A member that serves no client may still tell what it has. */
async function askWithoutQuorum(
  proxy: PodPorts,
  pod: string,
  peers: Pick<Answer, "text" | "headers">,
): Promise<Answered | undefined> {
  const clusterId = BigInt(`0x${String(peers.headers["x-etcd-cluster-id"] ?? "0")}`).toString(16);
  const [metrics = ""] = await quietly(proxy.call(pod, METRICS_PORT, "/metrics", ANSWER_WITHIN_MS), (text) => [text]);
  const status = parseMetrics(metrics, clusterId);
  if (status === undefined) return undefined;
  return {
    status,
    knowsLeader: knowsLeader(metrics),
    ready: false,
    listed: parsePeerMembers(peers.text),
    byQuorum: false,
  };
}

/** What was answered; nothing where there was no answer or a refusal (a learner refuses the list, for one). */
async function quietly<T>(
  asked: Promise<Answer>,
  parse: (text: string, headers: Answer["headers"]) => T[],
): Promise<T[]> {
  try {
    const { status, text, headers } = await asked;
    return status === 200 ? parse(text, headers) : [];
  } catch (error) {
    if (error instanceof Unreachable) return [];
    throw error;
  }
}
