import type { ListedMember, Status } from "./etcd-answers.ts";

/**
 * What a member tells that serves no client. One that was started without a quorum does not before it has seen a leader
 * (embed/serve.go waits for ReadyNotify), and one whose disk hangs tells its status no more: that reads the database, whose lock
 * is held by a commit that waits for the disk (backend/batch_tx.go). Both serve metrics and their peers' question for the
 * member list.
 */

/**
 * @param metrics what GET :2381/metrics answers
 * @param clusterId as the peer port tells it
 * @returns undefined where these are not an etcd server's metrics
 */
export function parseMetrics(metrics: string, clusterId: string): Status | undefined {
  const gauge = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(metrics)?.[1] ?? 0);
  const [, memberId] = /^etcd_server_id\{server_id="([0-9a-f]+)"\} 1$/m.exec(metrics) ?? [];
  if (memberId === undefined) return undefined;
  return {
    serves: false,
    memberId,
    clusterId,
    leaderId: "",
    version: /^etcd_server_version\{server_version="([^"]+)"\}/m.exec(metrics)?.[1] ?? "",
    revision: gauge("etcd_debugging_mvcc_current_revision"),
    raftIndex: gauge("etcd_server_proposals_committed_total"),
    dbSize: gauge("etcd_mvcc_db_total_size_in_bytes"),
    dbSizeInUse: gauge("etcd_mvcc_db_total_size_in_use_in_bytes"),
    dbSizeQuota: gauge("etcd_server_quota_backend_bytes"),
    alarms: [],
  };
}

/** Whether the member has a leader, or had one when its disk began to hang. */
export function knowsLeader(metrics: string): boolean {
  return /^etcd_server_has_leader 1$/m.test(metrics);
}

interface PeerMember {
  readonly id: string;
  readonly name?: string;
  readonly peerURLs?: readonly string[];
  readonly clientURLs?: readonly string[];
  readonly isLearner?: boolean;
}

/** What GET :2380/members answers; its IDs are JSON numbers beyond 2^53 and are read as the text they are. */
export function parsePeerMembers(text: string): ListedMember[] {
  const members = JSON.parse(text.replaceAll(/"id":\s*(\d+)/g, '"id":"$1"')) as PeerMember[];
  return members.map(({ id, name = "", peerURLs = [], clientURLs = [], isLearner = false }) => ({
    id: BigInt(id).toString(16),
    name,
    peerUrls: peerURLs,
    clientUrls: clientURLs,
    isLearner,
  }));
}
