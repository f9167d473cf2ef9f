import { styleText } from "node:util";
import Table from "cli-table3";
import type { ClusterSeen } from "./cluster.ts";
import { differences, type Declared } from "./drift.ts";
import type { MemberRow } from "./members.ts";

/** What `status --json` prints. */
export interface StatusReport {
  readonly namespace: string;
  readonly statefulSet: string;
  readonly replicas: { readonly declared: number; readonly live: number; readonly ready: number };
  readonly clusterId: string;
  readonly quorum: boolean;
  readonly alarms: ClusterSeen["alarms"];
  readonly members: readonly MemberReport[];
  /** What differs from what is declared, one sentence each. */
  readonly differences: readonly string[];
}

interface MemberReport extends Omit<MemberRow, "status"> {
  readonly revision: number | undefined;
  /** Behind the most advanced member, in revisions. */
  readonly revisionLag: number | undefined;
  readonly dbSize: number | undefined;
  readonly dbSizeInUse: number | undefined;
  readonly dbSizeQuota: number | undefined;
  readonly pod: { readonly phase: string; readonly restarts: number; readonly node: string } | undefined;
  readonly claim: { readonly name: string; readonly phase: string; readonly size: string } | undefined;
}

export function statusReport(namespace: string, declared: Declared, seen: ClusterSeen): StatusReport {
  const newest = Math.max(0, ...seen.rows.map(({ status }) => status?.revision ?? 0));
  return {
    namespace,
    statefulSet: seen.name,
    replicas: {
      declared: declared.replicas,
      live: seen.statefulSet.replicas,
      ready: seen.statefulSet.readyReplicas,
    },
    clusterId: seen.clusterId,
    quorum: seen.quorum,
    alarms: seen.alarms,
    members: seen.rows.map((row) => memberReport(row, newest, seen)),
    differences: differences(declared, seen),
  };
}

function memberReport({ status, ...row }: MemberRow, newest: number, seen: ClusterSeen): MemberReport {
  const pod = seen.pods.find(({ name }) => name === row.name);
  const claim = seen.claims.find(({ ordinal }) => ordinal === row.ordinal);
  return {
    ...row,
    revision: status?.revision,
    revisionLag: status === undefined ? undefined : newest - status.revision,
    dbSize: status?.dbSize,
    dbSizeInUse: status?.dbSizeInUse,
    dbSizeQuota: status?.dbSizeQuota,
    pod: pod === undefined ? undefined : { phase: pod.phase, restarts: pod.restarts, node: pod.node },
    claim: claim === undefined ? undefined : { name: claim.name, phase: claim.phase, size: claim.size },
  };
}

/** The report as a person reads it. */
export function statusText(report: StatusReport): string {
  const { replicas, quorum, clusterId } = report;
  return [
    `StatefulSet ${report.namespace}/${report.statefulSet}: ${replicas.ready} of ${replicas.live} ready, ` +
      `${replicas.declared} declared; cluster ${clusterId === "" ? "not known" : clusterId}, ` +
      (replicas.live === 0 ? "hibernates" : quorum ? "quorum answers" : "no quorum answers"),
    membersTable(report.members),
    ...(report.differences.length === 0
      ? [styled("green", "everything is as declared")]
      : [
          styled("yellow", "different from what is declared:"),
          ...report.differences.map((sentence) => `  - ${sentence}`),
        ]),
    "",
  ].join("\n");
}

function styled(color: "green" | "yellow", text: string): string {
  return styleText(color, text, { stream: process.stdout });
}

function membersTable(members: readonly MemberReport[]): string {
  const table = new Table({
    style: { head: [], border: [] },
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
    head: ["name", "ID", "role", "health", "etcd", "revision", "DB, in use, quota", "pod", "claim"],
  });
  for (const member of members) {
    table.push([member.name, member.id, member.role, member.health, member.version, ...details(member)]);
  }
  return table.toString();
}

function details({ revision, revisionLag, dbSize, dbSizeInUse, dbSizeQuota, pod, claim }: MemberReport): string[] {
  return [
    revision === undefined ? "–" : `${revision}${revisionLag === 0 ? "" : ` (-${revisionLag ?? "?"})`}`,
    [dbSize, dbSizeInUse, dbSizeQuota].map(megabytes).join(" "),
    pod === undefined ? "–" : `${pod.phase}${pod.restarts === 0 ? "" : `, ${pod.restarts} restarts`}`,
    claim === undefined ? "–" : `${claim.phase} ${claim.size}`.trim(),
  ];
}

/** Of 2^20 bytes, as etcd's own quota is thought of. */
function megabytes(bytes: number | undefined): string {
  if (bytes === undefined || bytes === 0) return "–";
  return `${(bytes / 2 ** 20).toFixed(bytes < 100 * 2 ** 20 ? 1 : 0)}M`;
}
