import { call } from "./http.ts";
import { asList, asText, field, parseJson, UnexpectedAnswer, type Json } from "./json.ts";
import { Trouble } from "./trouble.ts";

/** etcd answered that it won't: the gRPC code and the text are etcd's own. */
export class Refused extends Trouble {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export interface Member {
  /** Lower-case hex, as etcdctl prints it. */
  readonly id: string;
  /** Empty until the member has started for the first time. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
}

export interface MemberList {
  readonly clusterId: string;
  readonly members: readonly Member[];
}

export interface Status {
  readonly memberId: string;
  readonly clusterId: string;
  /** "0" while there is no leader. */
  readonly leaderId: string;
  readonly appliedIndex: bigint;
  readonly isLearner: boolean;
}

/**
 * What the member program asks of an etcd.
 *
 * All throw NoAnswer, Refused (no leader, a learner …), UnexpectedAnswer.
 */
export interface Gateway {
  /** The member list by a quorum's word: a linearizable read (etcd's own default is the local, maybe stale list). */
  members(): Promise<MemberList>;
  /** @returns the new member, and the member list at the moment after it was added */
  addLearner(peerUrl: string): Promise<{ readonly added: Member; readonly members: readonly Member[] }>;
  promote(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  updatePeerUrl(id: string, peerUrl: string): Promise<void>;
  /** Answered by this very member from what it knows; needs no quorum. */
  status(): Promise<Status>;
  /** Only the leader itself does this (etcd: "not leader" otherwise). Returns when the other one leads. */
  transferLeadership(targetId: string): Promise<void>;
}

/**
 * etcd's JSON gateway on the client port (grpc-gateway; 64-bit numbers are decimal strings in it). IDs are hex outside and
 * decimal on the wire.
 */
export class JsonGateway implements Gateway {
  readonly #url: string;
  readonly #withinMs: number;

  /** @param withinMs deadline of every call, in milliseconds */
  constructor(clientUrl: string, withinMs: number) {
    this.#url = clientUrl;
    this.#withinMs = withinMs;
  }

  async members(): Promise<MemberList> {
    return parseMemberList(await this.#post("/v3/cluster/member/list", { linearizable: true }));
  }

  async addLearner(peerUrl: string): Promise<{ added: Member; members: readonly Member[] }> {
    const answer = await this.#post("/v3/cluster/member/add", { peerURLs: [peerUrl], isLearner: true });
    return {
      added: parseMember(field(answer, "member")),
      members: asList(field(answer, "members")).map(parseMember),
    };
  }

  async promote(id: string): Promise<void> {
    await this.#post("/v3/cluster/member/promote", { ID: decimal(id) });
  }

  async remove(id: string): Promise<void> {
    await this.#post("/v3/cluster/member/remove", { ID: decimal(id) });
  }

  async updatePeerUrl(id: string, peerUrl: string): Promise<void> {
    await this.#post("/v3/cluster/member/update", { ID: decimal(id), peerURLs: [peerUrl] });
  }

  async status(): Promise<Status> {
    const answer = await this.#post("/v3/maintenance/status", {});
    return {
      memberId: hex(field(answer, "header", "member_id")),
      clusterId: hex(field(answer, "header", "cluster_id")),
      leaderId: asText(field(answer, "leader")) === undefined ? "0" : hex(field(answer, "leader")),
      appliedIndex: BigInt(asText(field(answer, "raftAppliedIndex")) ?? "0"),
      isLearner: field(answer, "isLearner") === true,
    };
  }

  async transferLeadership(targetId: string): Promise<void> {
    await this.#post("/v3/maintenance/transfer-leadership", { targetID: decimal(targetId) });
  }

  async #post(path: string, body: Json): Promise<Json> {
    const url = this.#url + path;
    const answer = await call({
      url,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      withinMs: this.#withinMs,
    });
    const json = parseJson(answer.text, url);
    if (answer.status === 200) return json;
    const code = field(json, "code");
    throw new Refused(
      typeof code === "number" ? code : -1,
      asText(field(json, "message")) ?? `status ${answer.status} from ${url}`,
    );
  }
}

function decimal(id: string): string {
  return BigInt(`0x${id}`).toString();
}

function hex(value: Json | undefined): string {
  const text = asText(value);
  if (text === undefined || !/^\d+$/.test(text)) throw new UnexpectedAnswer("etcd's answer lacks an ID");
  return BigInt(text).toString(16);
}

function parseMemberList(json: Json): MemberList {
  return {
    clusterId: hex(field(json, "header", "cluster_id")),
    members: asList(field(json, "members")).map(parseMember),
  };
}

function parseMember(json: Json | undefined): Member {
  return {
    id: hex(field(json, "ID")),
    name: asText(field(json, "name")) ?? "",
    peerUrls: asList(field(json, "peerURLs")).flatMap((url) => asText(url) ?? []),
    clientUrls: asList(field(json, "clientURLs")).flatMap((url) => asText(url) ?? []),
    isLearner: field(json, "isLearner") === true,
  };
}
