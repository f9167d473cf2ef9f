import { Unreachable, type PodProxy } from "./pod-proxy.ts";

const CLIENT_PORT = 2379;
const METRICS_PORT = 2381;
const ANSWER_WITHIN_MS = 3_000;

/** One member, as itself and the cluster's member list say. */
export interface MemberRow {
  /** The pod's name, and the member's. */
  readonly name: string;
  /** Lower-case hex, "" where it is not known. */
  readonly id: string;
  readonly peerUrl: string;
  readonly clientUrl: string;
  readonly role: "leader" | "voter" | "learner" | "not a member" | "unknown";
  readonly health: "healthy" | "not ready" | "no answer";
  readonly version: string;
}

interface ListedMember {
  readonly id: string;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
}

interface Answered {
  readonly memberId: string;
  readonly leaderId: string;
  readonly version: string;
  readonly ready: boolean;
  readonly listed: readonly ListedMember[];
}

/** A row for each pod asked, and one for each listed member that is none of them. */
export async function readMembers(proxy: PodProxy, pods: readonly string[]): Promise<MemberRow[]> {
  const answers = await Promise.all(pods.map(async (pod) => ({ pod, answered: await ask(proxy, pod) })));
  const listed = answers.find(({ answered }) => answered !== undefined)?.answered?.listed ?? [];
  const rows = answers.map(({ pod, answered }) => rowOf(pod, answered, listed));
  const left = listed.filter((member) => !rows.some((row) => row.id === member.id));
  return [
    ...rows,
    ...left.map((member) => rowOf(member.name === "" ? "(not started)" : member.name, undefined, [member])),
  ];
}

function rowOf(name: string, answered: Answered | undefined, listed: readonly ListedMember[]): MemberRow {
  const member =
    listed.find((one) => (answered === undefined ? one.name === name : one.id === answered.memberId)) ??
    (listed.length === 1 ? listed[0] : undefined);
  return {
    name,
    id: member?.id ?? answered?.memberId ?? "",
    peerUrl: member?.peerUrls.join(",") ?? "",
    clientUrl: member?.clientUrls.join(",") ?? "",
    role: roleOf(member, answered, listed.length > 0),
    health: answered === undefined ? "no answer" : answered.ready ? "healthy" : "not ready",
    version: answered?.version ?? "",
  };
}

function roleOf(
  member: ListedMember | undefined,
  answered: Answered | undefined,
  listKnown: boolean,
): MemberRow["role"] {
  if (member === undefined) return listKnown ? "not a member" : "unknown";
  if (member.isLearner) return "learner";
  return answered !== undefined && answered.leaderId === member.id ? "leader" : "voter";
}

/** Status, readiness and the local member list of one pod: none of them needs a quorum. */
async function ask(proxy: PodProxy, pod: string): Promise<Answered | undefined> {
  try {
    const [status, ready, list] = await Promise.all([
      proxy.call(pod, CLIENT_PORT, "/v3/maintenance/status", ANSWER_WITHIN_MS, {}),
      proxy.call(pod, METRICS_PORT, "/readyz", ANSWER_WITHIN_MS),
      proxy.call(pod, CLIENT_PORT, "/v3/cluster/member/list", ANSWER_WITHIN_MS, { linearizable: false }),
    ]);
    if (status.status !== 200 || list.status !== 200) return undefined;
    return { ...parseStatus(status.text), ready: ready.status === 200, listed: parseList(list.text) };
  } catch (error) {
    if (error instanceof Unreachable) return undefined;
    throw error;
  }
}

function parseStatus(text: string): Pick<Answered, "memberId" | "leaderId" | "version"> {
  const json = JSON.parse(text) as { header?: { member_id?: string }; leader?: string; version?: string };
  return { memberId: hex(json.header?.member_id), leaderId: hex(json.leader), version: json.version ?? "" };
}

interface GatewayMember {
  readonly ID?: string;
  readonly name?: string;
  readonly peerURLs?: string[];
  readonly clientURLs?: string[];
  readonly isLearner?: boolean;
}

function parseList(text: string): ListedMember[] {
  const json = JSON.parse(text) as { members?: GatewayMember[] };
  return (json.members ?? []).map((member) => ({
    id: hex(member.ID),
    name: member.name ?? "",
    peerUrls: member.peerURLs ?? [],
    clientUrls: member.clientURLs ?? [],
    isLearner: member.isLearner ?? false,
  }));
}

/** The gateway's 64-bit numbers are decimal strings; people and etcdctl read IDs as hex. */
function hex(decimal: string | undefined): string {
  return decimal === undefined ? "" : BigInt(decimal).toString(16);
}
