/** What etcd's JSON gateway answers, parsed for the desk. 64-bit numbers are decimal strings in it; IDs are hex outside. */

export interface ListedMember {
  /** Lower-case hex, as etcdctl prints it. */
  readonly id: string;
  /** Empty until the member has started for the first time. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
}

export interface Alarm {
  readonly memberId: string;
  /** "NOSPACE" or "CORRUPT". */
  readonly kind: string;
}

/** One member's own word about itself: needs no quorum. */
export interface Status {
  /** Whether it answers clients; one that was started without a quorum does not (etcd-without-quorum.ts). */
  readonly serves: boolean;
  readonly memberId: string;
  readonly clusterId: string;
  /** "" while there is no leader. */
  readonly leaderId: string;
  readonly version: string;
  readonly revision: number;
  /** The last log entry this member knows to be committed. */
  readonly raftIndex: number;
  /** Bytes on disk, bytes in use, and the quota; 0 where the version does not tell. */
  readonly dbSize: number;
  readonly dbSizeInUse: number;
  readonly dbSizeQuota: number;
  readonly alarms: readonly Alarm[];
}

interface GatewayStatus {
  readonly header?: { readonly member_id?: string; readonly cluster_id?: string; readonly revision?: string };
  readonly leader?: string;
  readonly version?: string;
  readonly raftIndex?: string;
  readonly dbSize?: string;
  readonly dbSizeInUse?: string;
  readonly dbSizeQuota?: string;
  readonly errors?: readonly string[];
}

export function parseStatus(text: string): Status {
  const json = JSON.parse(text) as GatewayStatus;
  return {
    serves: true,
    memberId: hex(json.header?.member_id),
    clusterId: hex(json.header?.cluster_id),
    leaderId: hex(json.leader),
    version: json.version ?? "",
    revision: Number(json.header?.revision ?? 0),
    raftIndex: Number(json.raftIndex ?? 0),
    dbSize: Number(json.dbSize ?? 0),
    dbSizeInUse: Number(json.dbSizeInUse ?? 0),
    dbSizeQuota: Number(json.dbSizeQuota ?? 0),
    alarms: (json.errors ?? []).flatMap(parseAlarm),
  };
}

/** etcd prints an alarm as protobuf text among the errors: `memberID:123 alarm:NOSPACE ` (v3rpc/maintenance.go Status). */
function parseAlarm(error: string): Alarm[] {
  const [, id, kind] = /memberID:\s*(\d+)\s+alarm:\s*(\w+)/.exec(error) ?? [];
  return id === undefined || kind === undefined ? [] : [{ memberId: hex(id), kind }];
}

interface GatewayMember {
  readonly ID?: string;
  readonly name?: string;
  readonly peerURLs?: string[];
  readonly clientURLs?: string[];
  readonly isLearner?: boolean;
}

export function parseMembers(text: string): ListedMember[] {
  const json = JSON.parse(text) as { members?: GatewayMember[] };
  return (json.members ?? []).map((member) => ({
    id: hex(member.ID),
    name: member.name ?? "",
    peerUrls: member.peerURLs ?? [],
    clientUrls: member.clientURLs ?? [],
    isLearner: member.isLearner ?? false,
  }));
}

/** People and etcdctl read IDs as hex. */
function hex(decimal: string | undefined): string {
  return decimal === undefined ? "" : BigInt(decimal).toString(16);
}
