import { GrpcError } from "../grpc/status.ts";

/**
 * What a client may conclude when a call ends. A history is only worth checking if this is never wrong in one direction:
 * a write called failed that did happen is an accusation against an innocent cluster; one called unknown that did not
 * happen only costs the checker a case more to consider.
 */
export type Outcome<T> =
  | { readonly kind: "ok"; readonly value: T }
  /** The call certainly had no effect and never will. */
  | { readonly kind: "failed"; readonly error: CallError }
  /** It may have had its effect, may still have it later, or may never. */
  | { readonly kind: "unknown"; readonly error: CallError };

/** Why a call did not succeed. `code` is the gRPC status code, -1 where the error never came near gRPC. */
export interface CallError {
  readonly code: number;
  readonly message: string;
}

/** Whether the call could have changed anything had it got through. */
export type Effect = "reads" | "writes";

const grpc = {
  invalidArgument: 3,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  outOfRange: 11,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/**
 * Codes by which etcd refuses a request before it is proposed, or which applying it gives when it changed nothing
 * (api/v3rpc/rpctypes/error.go): a malformed request, a lease or revision that is not there, a missing right, an unmet
 * condition, a call it does not know.
 */
const refusals: ReadonlySet<number> = new Set([
  grpc.invalidArgument,
  grpc.notFound,
  grpc.permissionDenied,
  grpc.failedPrecondition,
  grpc.outOfRange,
  grpc.unimplemented,
  grpc.unauthenticated,
]);

/**
 * UNAVAILABLE and RESOURCE_EXHAUSTED mean several things, told apart by their text. These are the ones where the request
 * never reached the point of being proposed; all others of the two codes stay unknown:
 * - "request timed out" (in its three forms), "server stopped", "leader changed" and a connection that broke under the
 *   call all leave a proposal that may yet be applied;
 * - "database space exceeded" is also the answer to the very write that fills the quota, and that write **was** applied
 *   (server/etcdserver/apply/quota.go).
 */
const neverProposed: readonly { readonly code: number; readonly text: string }[] = [
  // No connection could be made, so nothing was sent; or the server's HTTP/2 layer says that it did not look at it.
  { code: grpc.unavailable, text: "No connection established" },
  { code: grpc.unavailable, text: "The request was never processed" },
  // etcd's interceptors, which run before the request is handled.
  { code: grpc.unavailable, text: "etcdserver: rpc not supported for learner" },
  { code: grpc.unavailable, text: "etcdserver: not capable" },
  { code: grpc.unavailable, text: "etcdserver: no leader" },
  // etcd's own queue limit, looked at before proposing.
  { code: grpc.resourceExhausted, text: "etcdserver: too many requests" },
];

/**
 * `failed` or `unknown` for a call that ended in an error. CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, ABORTED, INTERNAL and
 * DATA_LOSS say nothing about what the server did, so a write that ends in one of them is unknown. A read has no effect
 * whatever happened to it: its errors are all `failed`.
 */
export function outcomeOfError(error: CallError, effect: Effect): Extract<Outcome<never>, { error: CallError }> {
  const harmless =
    effect === "reads" ||
    refusals.has(error.code) ||
    neverProposed.some(({ code, text }) => code === error.code && error.message.includes(text));
  return { kind: harmless ? "failed" : "unknown", error };
}

/** The gRPC code and text of what a call threw. */
export function callError(thrown: unknown): CallError {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: thrown instanceof GrpcError ? thrown.code : -1, message };
}
