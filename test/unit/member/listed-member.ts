import type { Member } from "../../../member/gateway.ts";

/** A voter as the member list has it, of a cluster and a peer Service called "etcd". */
export function listedMember(ordinal: number, id: string, more: Partial<Member> = {}): Member {
  const host = `etcd-${ordinal}.etcd`;
  return {
    id,
    name: `etcd-${ordinal}`,
    peerUrls: [`http://${host}:2380`],
    clientUrls: [`http://${host}:2379`],
    isLearner: false,
    ...more,
  };
}
