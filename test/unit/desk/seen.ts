import type { ClusterSeen } from "../../../desk/cluster.ts";
import type { MemberRow } from "../../../desk/members.ts";

export const image = "registry.test/etcd-member@sha256:1";

/** One member of the cluster below, well unless said otherwise. */
export function row(ordinal: number, changes: Partial<MemberRow> = {}): MemberRow {
  const name = `etcd-${ordinal}`;
  return {
    name,
    ordinal,
    id: `a${ordinal}`,
    peerUrl: `http://${name}.etcd:2380`,
    clientUrl: `http://${name}.etcd:2379`,
    role: ordinal === 0 ? "leader" : "voter",
    health: "healthy",
    version: "3.6.14",
    status: {
      serves: true,
      memberId: `a${ordinal}`,
      clusterId: "c1",
      leaderId: "a0",
      version: "3.6.14",
      revision: 10,
      raftIndex: 20,
      dbSize: 1,
      dbSizeInUse: 1,
      dbSizeQuota: 100,
      alarms: [],
    },
    absence: undefined,
    ...changes,
  };
}

/** A row of a member whose pod gives no answer. */
export function down(ordinal: number): MemberRow {
  const absence = "no answer within 2 s";
  return row(ordinal, { role: "voter", health: "no answer", version: "", status: undefined, absence });
}

/** A row of a member that tells its status and gets nothing agreed: its disk hangs. */
export function hung(ordinal: number): MemberRow {
  return row(ordinal, { health: "not ready", absence: "it answers for itself alone" });
}

/** A cluster with these members, and for each a pod and a claim. */
export function cluster(rows: readonly MemberRow[], changes: Partial<ClusterSeen> = {}): ClusterSeen {
  const ordinals = rows.flatMap(({ ordinal }) => ordinal ?? []);
  return {
    name: "etcd",
    statefulSet: { replicas: rows.length, readyReplicas: rows.length, image, template: {} },
    rows,
    quorum: true,
    clusterId: "c1",
    alarms: [],
    recovery: { goesOnAlone: "", givenUp: [] },
    pods: ordinals.map((ordinal) => ({
      name: `etcd-${ordinal}`,
      ordinal,
      uid: `u${ordinal}`,
      phase: "Running",
      restarts: 0,
      image,
      node: "node",
    })),
    claims: ordinals.map((ordinal) => ({
      name: `data-etcd-${ordinal}`,
      uid: `v${ordinal}`,
      ordinal,
      phase: "Bound",
      size: "1Gi",
    })),
    ...changes,
  };
}

/** A StatefulSet of this many replicas, whatever members there are. */
export function replicas(count: number): Pick<ClusterSeen, "statefulSet"> {
  return { statefulSet: { replicas: count, readyReplicas: count, image, template: {} } };
}
