import { Unreachable } from "../../desk/connection.ts";
import { type PodProxy } from "../../desk/pod-proxy.ts";
import { type StoredAt } from "../../workload/history/format.ts";

const clientPort = 2379;
const metricsPort = 2381;

/** What a member says of itself. */
export interface MemberStatus {
  /** Decimal, as the gateway gives it. */
  readonly memberId: string;
  /** "0": it knows none. */
  readonly leaderId: string;
  readonly revision: number;
  readonly version: string;
  readonly isLearner: boolean;
  readonly dbSize: number;
}

export interface ListedMember {
  readonly id: string;
  /** "" until it has started once. */
  readonly name: string;
  readonly isLearner: boolean;
}

/** All keys below a prefix at one revision. */
export interface Dump {
  readonly revision: string;
  readonly keys: readonly StoredAt[];
}

/** The words of the gateway for a path it does not have. */
const notFound = "Not Found";

/** A member answered, and refused: its words. */
export class Refused extends Error {}

/** etcd's JSON gateway and health pages, one member at a time, through the API server. */
export class Gateway {
  readonly #proxy: PodProxy;

  constructor(proxy: PodProxy) {
    this.#proxy = proxy;
  }

  async status(pod: string, withinMs = 2_000): Promise<MemberStatus> {
    const answer = await this.#post(pod, "/v3/maintenance/status", {}, withinMs);
    const header = fields(answer["header"]);
    return {
      memberId: textOf(header["member_id"], "0"),
      leaderId: textOf(answer["leader"], "0"),
      revision: Number(textOf(header["revision"], "0")),
      version: textOf(answer["version"], ""),
      isLearner: answer["isLearner"] === true,
      dbSize: Number(textOf(answer["dbSize"], "0")),
    };
  }

  /** Whether the member can serve now, which takes a quorum. */
  async isReady(pod: string, withinMs = 2_000): Promise<boolean> {
    try {
      const { status } = await this.#proxy.call(pod, metricsPort, "/readyz", withinMs);
      // etcd has it from 3.5.11 on; before, /health is the linearizable read.
      if (status !== 404) return status === 200;
      return (await this.#proxy.call(pod, metricsPort, "/health", withinMs)).status === 200;
    } catch (error) {
      if (error instanceof Unreachable) return false;
      throw error;
    }
  }

  /** The member's own list, which takes no quorum. */
  async members(pod: string, withinMs = 2_000): Promise<ListedMember[]> {
    const { members } = await this.#post(pod, "/v3/cluster/member/list", { linearizable: false }, withinMs);
    return listOf(members).map((member) => ({
      id: textOf(member["ID"], ""),
      name: textOf(member["name"], ""),
      isLearner: member["isLearner"] === true,
    }));
  }

  /** Everything below a prefix, from the member's own state if serializable. */
  async dump(pod: string, prefix: string, serializable: boolean, withinMs = 20_000): Promise<Dump> {
    const body = { key: base64(prefix), range_end: base64(rangeEnd(prefix)), serializable };
    const answer = await this.#post(pod, "/v3/kv/range", body, withinMs);
    return {
      revision: textOf(fields(answer["header"])["revision"], "0"),
      keys: listOf(answer["kvs"]).map((kv) => ({
        key: decoded(kv["key"]),
        value: decoded(kv["value"]),
        mod: textOf(kv["mod_revision"], "0"),
        create: textOf(kv["create_revision"], "0"),
        version: textOf(kv["version"], "0"),
        ...(textOf(kv["lease"], "0") === "0" ? {} : { lease: textOf(kv["lease"], "0") }),
      })),
    };
  }

  async put(pod: string, key: string, value: string, withinMs = 3_000): Promise<void> {
    await this.#post(pod, "/v3/kv/put", { key: base64(key), value: base64(value) }, withinMs);
  }

  /** The hash of all keys and revisions from the last compaction up to a revision. */
  async hash(pod: string, revision: number): Promise<{ hash: string; compacted: string }> {
    const ask = (path: string) => this.#post(pod, path, { revision: String(revision) }, 10_000);
    // Until 3.5.6 or so the gateway had the same call under the other's name.
    const kv = await ask("/v3/maintenance/hashkv").catch((error: unknown) => {
      if (error instanceof Refused && error.message === notFound) return ask("/v3/maintenance/hash");
      throw error;
    });
    return { hash: String(kv["hash"]), compacted: textOf(kv["compact_revision"], "0") };
  }

  async compact(pod: string, revision: number): Promise<void> {
    await this.#post(pod, "/v3/kv/compaction", { revision: String(revision), physical: true }, 10_000);
  }

  async defragment(pod: string): Promise<void> {
    await this.#post(pod, "/v3/maintenance/defragment", {}, 30_000);
  }

  /** Raises or lowers the alarm a full quota raises. */
  async noSpaceAlarm(pod: string, memberId: string, action: "ACTIVATE" | "DEACTIVATE"): Promise<void> {
    await this.#post(pod, "/v3/maintenance/alarm", { action, memberID: memberId, alarm: "NOSPACE" }, 10_000);
  }

  /** IDs of members with an alarm. */
  async alarms(pod: string): Promise<string[]> {
    const { alarms } = await this.#post(pod, "/v3/maintenance/alarm", { action: "GET" }, 5_000);
    return listOf(alarms).map((alarm) => textOf(alarm["memberID"], "0"));
  }

  async #post(pod: string, path: string, body: object, withinMs: number): Promise<Record<string, unknown>> {
    const { status, text } = await this.#proxy.call(pod, clientPort, path, withinMs, body);
    const answer = parsed(text);
    if (status !== 200) throw new Refused(textOf(answer["message"] ?? answer["error"], `HTTP ${status}`));
    return answer;
  }
}

/** The end of the range of all keys that begin with a prefix. The prefix must end in a byte below 127. */
export function rangeEnd(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

function parsed(text: string): Record<string, unknown> {
  try {
    return fields(JSON.parse(text));
  } catch {
    return { message: text.slice(0, 200) };
  }
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : otherwise;
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}

function decoded(value: unknown): string {
  return Buffer.from(textOf(value, ""), "base64").toString("utf8");
}
