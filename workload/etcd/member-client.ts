import { Channel } from "../grpc/channel.ts";
import { GrpcError, codes } from "../grpc/status.ts";
import { type Action, type Answers, type Seen } from "../history/format.ts";
import { deleteAnswer, getAnswer, grantAnswer, keepAliveAnswer, putAnswer } from "./answers.ts";
import { rangeAnswer, transactionAnswer } from "./answers.ts";
import { callError, outcomeOfError, type Outcome } from "./outcome.ts";
import { deleteRequest, grantRequest, leaseRequest, putRequest, rangeRequest, transactionRequest } from "./requests.ts";
import { Watching, type WatchedRange } from "./watching.ts";

/** What one request and one answer is: everything but a watch. */
export type Call = Exclude<Action, { readonly op: "watch" }>;

export type AnswerOf<C extends Call> = Answers[C["op"]];

export interface MemberAddress {
  readonly host: string;
  /** Default: 2379. */
  readonly port?: number;
}

const kv = "/etcdserverpb.KV";
const leases = "/etcdserverpb.Lease";

/**
 * A client of exactly one member, which tells what happened to each call and does nothing about it: no call is repeated, no
 * other member asked. Why it is no library's: docs/adr/0006-etcd-client.md.
 */
export class MemberClient {
  readonly member: string;
  readonly #channel: Channel;
  readonly #deadlineMs: number;

  /** @param deadlineMs how long a call may take before its outcome is no longer waited for, in milliseconds */
  constructor({ host, port }: MemberAddress, deadlineMs: number) {
    this.member = port === undefined ? host : `${host}:${port}`;
    this.#deadlineMs = deadlineMs;
    this.#channel = new Channel({ host, port: port ?? 2379 }, deadlineMs);
  }

  /** Sends one request, once, and tells what came of it. */
  async call<C extends Call>(call: C): Promise<Outcome<AnswerOf<C>>> {
    const effect = call.op === "get" || call.op === "range" ? "reads" : "writes";
    try {
      return { kind: "ok", value: (await this.#send(call)) as AnswerOf<C> };
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
  watch(range: WatchedRange, onSeen: (seen: Seen) => void): Watching {
    return new Watching(this.#channel, range, onSeen);
  }

  close(): void {
    this.#channel.close();
  }

  #send(call: Call): Promise<Answers[Call["op"]]> {
    const channel = this.#channel;
    switch (call.op) {
      case "put":
        return channel.call(`${kv}/Put`, putRequest(call), putAnswer);
      case "get":
        return channel.call(`${kv}/Range`, rangeRequest(call), getAnswer);
      case "range":
        return channel.call(`${kv}/Range`, rangeRequest(call), rangeAnswer);
      case "delete":
        return channel.call(`${kv}/DeleteRange`, deleteRequest(call), deleteAnswer);
      case "txn":
        return channel.call(`${kv}/Txn`, transactionRequest(call), (bytes) => transactionAnswer(call, bytes));
      case "grant":
        return channel.call(`${leases}/LeaseGrant`, grantRequest(call.ttl), grantAnswer);
      case "keepalive":
        return this.#keepAlive(call.lease);
      case "revoke":
        return channel.call(`${leases}/LeaseRevoke`, leaseRequest(call.lease), () => ({}));
    }
  }

  /** One renewal on a stream of its own: the stream's first answer is the answer to it. */
  #keepAlive(lease: string): Promise<Answers["keepalive"]> {
    return new Promise((resolve, reject) => {
      const late = () => end(() => reject(new GrpcError(codes.deadlineExceeded, "Deadline exceeded")));
      const timer = setTimeout(late, this.#deadlineMs);
      const end = (settle: () => void) => {
        clearTimeout(timer);
        settle();
        stream.cancel();
      };
      const stream = this.#channel.stream(`${leases}/LeaseKeepAlive`, leaseRequest(lease), {
        message: (bytes) => end(() => resolve(keepAliveAnswer(bytes))),
        end: (error) => end(() => reject(error ?? new GrpcError(codes.unavailable, "the stream ended"))),
      });
    });
  }
}
