import { noop } from "cockatiel";
import { Etcd3, type IKeyValue, type IRangeResponse } from "etcd3";
import { callError, outcomeOfError, type Effect, type Outcome } from "./outcome.ts";

/** A key as etcd stores it. Revisions, versions and lease IDs are 64-bit: they must never pass through a number. */
export interface StoredKey {
  readonly key: string;
  readonly value: string;
  readonly createRevision: bigint;
  readonly modRevision: bigint;
  readonly version: bigint;
  readonly lease: bigint;
}

export interface PutAnswer {
  /** The store's revision after this put, which is the put's own place in the order of all writes. */
  readonly revision: bigint;
}

export interface GetAnswer {
  /** The store's revision when the member answered. */
  readonly revision: bigint;
  /** Undefined when the key does not exist. */
  readonly found: StoredKey | undefined;
}

export interface MemberAddress {
  readonly scheme: "http" | "https";
  readonly host: string;
  /** Default: 2379. */
  readonly port?: number;
}

/**
 * A client of exactly one member, which tells what happened to each call and does nothing about it.
 *
 * The etcd3 package would repeat failed calls, writes too, up to three times, pick another host, and leave a member out for
 * 5 s after three failures. Each of these would make a history false: a write that was applied twice, a call on a member
 * nobody asked, an outage longer than it was. So there is one host per client, and both of its policies do nothing.
 * Left to gRPC is only the repetition of a call that provably never reached the server (its stream was not started, or the
 * server's HTTP/2 layer refused it).
 */
export class MemberClient {
  readonly member: string;
  readonly #etcd: Etcd3;
  readonly #deadlineMs: number;

  /** @param deadlineMs how long a call may take before its outcome is no longer waited for, in milliseconds */
  constructor(address: MemberAddress, deadlineMs: number) {
    this.member = address.host;
    this.#deadlineMs = deadlineMs;
    this.#etcd = new Etcd3({
      hosts: `${address.scheme}://${address.host}:${address.port ?? 2379}`,
      faultHandling: { global: noop, host: () => noop },
      grpcOptions: {
        "grpc.enable_retries": 0,
        // A new channel after an error (etcd3 makes one) dials at once instead of inheriting another's waiting time.
        "grpc.use_local_subchannel_pool": 1,
        "grpc.initial_reconnect_backoff_ms": 100,
        "grpc.max_reconnect_backoff_ms": 1000,
        // Without this each connection asks DNS for a TXT record with settings nobody publishes.
        "grpc.service_config_disable_resolution": 1,
        "grpc.max_receive_message_length": -1,
      },
    });
  }

  put(key: string, value: string): Promise<Outcome<PutAnswer>> {
    return this.#call("writes", async (options) => {
      const answer = await this.#etcd.kv.put({ key: Buffer.from(key), value: Buffer.from(value) }, options);
      return { revision: BigInt(answer.header.revision) };
    });
  }

  /** @param consistency linearizable (etcd's default) or serializable: from this member's own state, however old */
  get(key: string, consistency: "linearizable" | "serializable" = "linearizable"): Promise<Outcome<GetAnswer>> {
    return this.#call("reads", async (options) => {
      const serializable = consistency === "serializable";
      return getAnswer(await this.#etcd.kv.range({ key: Buffer.from(key), serializable }, options));
    });
  }

  close(): void {
    this.#etcd.close();
  }

  async #call<T>(effect: Effect, run: (options: { deadline: number }) => Promise<T>): Promise<Outcome<T>> {
    try {
      return { kind: "ok", value: await run({ deadline: Date.now() + this.#deadlineMs }) };
    } catch (thrown) {
      return outcomeOfError(callError(thrown), effect);
    }
  }
}

function getAnswer(answer: IRangeResponse): GetAnswer {
  const [found] = answer.kvs;
  return { revision: BigInt(answer.header.revision), found: found && storedKey(found) };
}

function storedKey(kv: IKeyValue): StoredKey {
  return {
    key: kv.key.toString(),
    value: kv.value.toString(),
    createRevision: BigInt(kv.create_revision),
    modRevision: BigInt(kv.mod_revision),
    version: BigInt(kv.version),
    lease: BigInt(kv.lease),
  };
}
