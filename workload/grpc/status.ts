import { readHeaders } from "./headers.ts";

/** The gRPC status codes this client gives itself (grpc.io/docs/guides/status-codes). */
export const codes = { unknown: 2, deadlineExceeded: 4, internal: 13, unavailable: 14 } as const;

const names = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

/** How a call ended badly. The message begins with code and name, as gRPC's libraries have it. */
export class GrpcError extends Error {
  readonly code: number;

  constructor(code: number, text: string) {
    super(`${code} ${names[code] ?? "UNKNOWN"}: ${text}`);
    this.code = code;
  }
}

/**
 * The status at the end of a call, from its trailers.
 * @returns undefined for OK
 */
export function statusOf(trailers: Buffer): GrpcError | undefined {
  const headers = readHeaders(trailers);
  const status = headers.get("grpc-status");
  if (status === "0") return undefined;
  if (status === undefined) return new GrpcError(codes.unknown, "the answer has no gRPC status: not a gRPC server");
  return new GrpcError(Number(status), decoded(headers.get("grpc-message") ?? ""));
}

/** gRPC writes what is no plain ASCII in a message as in a URL. */
function decoded(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
}
