import type { Answer } from "../../../desk/connection.ts";

function metrics(ordinal: number, knowsLeader: boolean): string {
  return (
    `etcd_server_id{server_id="a${ordinal}"} 1\netcd_debugging_mvcc_current_revision 7\n` +
    `etcd_server_has_leader ${knowsLeader ? 1 : 0}\n`
  );
}

type Given = Pick<Answer, "text"> & Partial<Answer>;

/**
 * How much a member answers: all; nothing that the others must agree to; nothing that needs its disk (as was seen of an
 * etcd 3.6 whose disk hung); only what needs no leader; nothing.
 */
export type Manner = "well" | "hung" | "stuck in a commit" | "without quorum" | "silent";

function listed(): object[] {
  return [0, 1, 2].map((ordinal) => ({
    ID: `${0xa0 + ordinal}`,
    name: `etcd-${ordinal}`,
    peerURLs: [`http://etcd-${ordinal}.etcd:2380`],
  }));
}

/**
 * What the etcd of one of three members answers, all of which follow the leader; one that hangs still follows etcd-0, which led
 * before.
 *
 * @param leader its ordinal
 * @returns undefined where it keeps silent
 */
export function memberAnswer(
  manner: Manner,
  ordinal: number,
  path: string,
  body: object | undefined,
  leader = 0,
): Given | undefined {
  if (path === "/members" && manner !== "silent")
    return {
      text: JSON.stringify(listed().map((one) => ({ ...one, id: (one as { ID: string }).ID }))),
      headers: { "x-etcd-cluster-id": "c1" },
    };
  if (path === "/metrics" && manner !== "silent") return { text: metrics(ordinal, manner !== "without quorum") };
  if (manner === "silent" || manner === "without quorum") return undefined;
  if (path === "/v3/maintenance/status" && manner !== "stuck in a commit")
    return {
      text: JSON.stringify({
        header: { member_id: `${0xa0 + ordinal}`, cluster_id: "193" },
        leader: `${0xa0 + (manner === "hung" ? 0 : leader)}`,
      }),
    };
  const linearizable = body !== undefined && "linearizable" in body && body.linearizable === true;
  if (manner !== "well" && (linearizable || !path.endsWith("/member/list"))) return undefined;
  return { text: JSON.stringify({ members: listed() }) };
}
