import { noop } from "cockatiel";
import { Etcd3 } from "etcd3";
import { type Action, type Answers, type Seen } from "../history/format.ts";
import { deleteAnswer, getAnswer, putAnswer, rangeAnswer, transactionAnswer } from "./answers.ts";
import { callError, outcomeOfError, type Outcome } from "./outcome.ts";
import { deleteRequest, putRequest, rangeRequest, transactionRequest } from "./requests.ts";
import { Watching, type WatchedRange } from "./watching.ts";

interface CallOptions {
  /** By the wall clock, in milliseconds. */
  readonly deadline: number;
}

/** What one request and one answer is: everything but a watch. */
export type Call = Exclude<Action, { readonly op: "watch" }>;

export type AnswerOf<C extends Call> = Answers[C["op"]];

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
    this.member = address.port === undefined ? address.host : `${address.host}:${address.port}`;
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

  /** Sends one request, once, and tells what came of it. */
  async call<C extends Call>(call: C): Promise<Outcome<AnswerOf<C>>> {
    const effect = call.op === "get" || call.op === "range" ? "reads" : "writes";
    try {
      const options = { deadline: Date.now() + this.#deadlineMs };
      return { kind: "ok", value: (await this.#send(call, options)) as AnswerOf<C> };
    } catch (thrown) {
      return outcomeOfError(callError(thrown), effect);
    }
  }

  put(key: string, value: string): Promise<Outcome<Answers["put"]>> {
    return this.call({ op: "put", key, value });
  }

  /** @param consistency linearizable (etcd's default) or serializable: from this member's own state, however old */
  get(key: string, consistency: "linearizable" | "serializable" = "linearizable"): Promise<Outcome<Answers["get"]>> {
    return this.call({ op: "get", key, ...(consistency === "serializable" ? { serializable: true } : {}) });
  }

  /**
   * Opens a watch, which has no deadline: it lasts until it is stopped or breaks.
   * @param onSeen called with each answer that carries events or says that there are none up to its revision
   */
  async watch(range: WatchedRange, onSeen: (seen: Seen) => void): Promise<Watching> {
    return new Watching(await this.#etcd.watchClient.watch(), range, onSeen);
  }

  close(): void {
    this.#etcd.close();
  }

  async #send(call: Call, options: CallOptions): Promise<Answers[Call["op"]]> {
    const { kv, leaseClient } = this.#etcd;
    switch (call.op) {
      case "put":
        return putAnswer(await kv.put(putRequest(call), options));
      case "get":
        return getAnswer(await kv.range(rangeRequest(call), options));
      case "range":
        return rangeAnswer(await kv.range(rangeRequest(call), options));
      case "delete":
        return deleteAnswer(await kv.deleteRange(deleteRequest(call), options));
      case "txn":
        return transactionAnswer(call, await kv.txn(transactionRequest(call), options));
      case "grant": {
        const { ID, TTL } = await leaseClient.leaseGrant({ TTL: call.ttl }, options);
        return { lease: ID, ttl: Number(TTL) };
      }
      case "keepalive":
        return this.#keepAlive(call.lease, options);
      case "revoke":
        await leaseClient.leaseRevoke({ ID: call.lease }, options);
        return {};
    }
  }

  /** One renewal on a stream of its own: the stream's first answer is the answer to it. */
  async #keepAlive(lease: string, options: CallOptions): Promise<Answers["keepalive"]> {
    const stream = await this.#etcd.leaseClient.leaseKeepAlive(options);
    return new Promise((resolve, reject) => {
      stream.on("error", reject);
      stream.on("data", ({ TTL }) => {
        resolve({ ttl: Number(TTL) });
        stream.end();
      });
      stream.write({ ID: lease });
    });
  }
}
