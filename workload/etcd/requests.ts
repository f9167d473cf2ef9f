import { type ICompare, type IDeleteRangeRequest, type IPutRequest, type IRangeRequest, type IRequestOp } from "etcd3";
import { type ITxnRequest, type IWatchCreateRequest } from "etcd3";
import { type Compare, type Delete, type Get, type Part, type Put, type Range } from "../history/format.ts";
import { type Transaction } from "../history/format.ts";

/** Operations as a history tells them, in the messages of etcd's API (api/etcdserverpb/rpc.proto). */

export function putRequest({ key, value, lease }: Put): IPutRequest {
  return { key: Buffer.from(key), value: Buffer.from(value), ...(lease === undefined ? {} : { lease }) };
}

export function rangeRequest(asked: Get | Range): IRangeRequest {
  const request = { key: Buffer.from(asked.key), serializable: asked.serializable ?? false };
  if (asked.op === "get") return request;
  const { end, limit = 0, revision = "0", countOnly = false } = asked;
  return { ...request, range_end: Buffer.from(end), limit, revision, count_only: countOnly };
}

export function deleteRequest({ key, end }: Delete): IDeleteRangeRequest {
  return { key: Buffer.from(key), ...rangeEnd(end) };
}

export function transactionRequest(transaction: Transaction): ITxnRequest {
  return {
    compare: transaction.if.map(compare),
    success: transaction.then.map(requestOp),
    failure: transaction.else.map(requestOp),
  };
}

/** @param from the first revision whose events are wanted; "0": those to come */
export function watchRequest(key: string, end: string | undefined, from: string): IWatchCreateRequest {
  return { key: Buffer.from(key), ...rangeEnd(end), start_revision: from };
}

function rangeEnd(end: string | undefined): { range_end?: Buffer } {
  return end === undefined ? {} : { range_end: Buffer.from(end) };
}

function requestOp(part: Part): IRequestOp {
  switch (part.op) {
    case "put":
      return { request_put: putRequest(part) };
    case "get":
    case "range":
      return { request_range: rangeRequest(part) };
    case "delete":
      return { request_delete_range: deleteRequest(part) };
  }
}

const results = { "=": "Equal", "!=": "NotEqual", "<": "Less", ">": "Greater" } as const;

function compare({ key, target, is, to }: Compare): ICompare {
  const common = { key: Buffer.from(key), result: results[is] };
  switch (target) {
    case "value":
      return { ...common, target: "Value", value: Buffer.from(to) };
    case "version":
      return { ...common, target: "Version", version: to };
    case "create":
      return { ...common, target: "Create", create_revision: to };
    case "mod":
      return { ...common, target: "Mod", mod_revision: to };
    case "lease":
      return { ...common, target: "Lease", lease: to };
  }
}
