import { type Compare, type CompareTarget, type Delete, type Get, type Part } from "../history/format.ts";
import { type Put, type Range, type Transaction } from "../history/format.ts";
import { MessageWriter } from "../grpc/protobuf.ts";

/**
 * Operations as a history tells them, in the messages of etcd's API: the numbers are those of the fields in etcd 3.6's
 * api/etcdserverpb/rpc.proto.
 */

export function putRequest({ key, value, lease }: Put): Buffer {
  const message = new MessageWriter().text(1, key).text(2, value);
  return (lease === undefined ? message : message.decimal(3, lease)).finish();
}

export function rangeRequest(asked: Get | Range): Buffer {
  const message = new MessageWriter().text(1, asked.key);
  if (asked.serializable === true) message.number(7, true);
  if (asked.op === "get") return message.finish();
  const { end, limit, revision, countOnly } = asked;
  message.text(2, end);
  if (limit !== undefined) message.number(3, limit);
  if (revision !== undefined) message.decimal(4, revision);
  if (countOnly === true) message.number(9, true);
  return message.finish();
}

export function deleteRequest({ key, end }: Delete): Buffer {
  return keyRange(key, end).finish();
}

export function transactionRequest(transaction: Transaction): Buffer {
  const message = new MessageWriter();
  for (const each of transaction.if) message.message(1, compare(each));
  for (const each of transaction.then) message.message(2, requestOp(each));
  for (const each of transaction.else) message.message(3, requestOp(each));
  return message.finish();
}

export function grantRequest(ttl: number): Buffer {
  return new MessageWriter().number(1, ttl).finish();
}

/** To revoke a lease, or keep it alive. */
export function leaseRequest(lease: string): Buffer {
  return new MessageWriter().decimal(1, lease).finish();
}

/** @param from the first revision whose events are wanted; "0": those to come */
export function watchRequest(key: string, end: string | undefined, from: string): Buffer {
  return new MessageWriter().message(1, keyRange(key, end).decimal(3, from).finish()).finish();
}

/** Asks a stream of watches up to which revision all was delivered. */
export function progressRequest(): Buffer {
  return new MessageWriter().message(3, Buffer.alloc(0)).finish();
}

export function hashRequest(revision: string): Buffer {
  return new MessageWriter().decimal(1, revision).finish();
}

function keyRange(key: string, end: string | undefined): MessageWriter {
  const message = new MessageWriter().text(1, key);
  return end === undefined ? message : message.text(2, end);
}

function requestOp(part: Part): Buffer {
  switch (part.op) {
    case "put":
      return new MessageWriter().message(2, putRequest(part)).finish();
    case "get":
    case "range":
      return new MessageWriter().message(1, rangeRequest(part)).finish();
    case "delete":
      return new MessageWriter().message(3, deleteRequest(part)).finish();
  }
}

const results = { "=": 0, ">": 1, "<": 2, "!=": 3 } as const;
const targets: Record<CompareTarget, number> = { version: 0, create: 1, mod: 2, value: 3, lease: 4 };
const targetFields: Record<CompareTarget, number> = { version: 4, create: 5, mod: 6, value: 7, lease: 8 };

function compare({ key, target, is, to }: Compare): Buffer {
  const message = new MessageWriter().number(1, results[is]).number(2, targets[target]).text(3, key);
  const field = targetFields[target];
  return (target === "value" ? message.text(field, to) : message.decimal(field, to)).finish();
}
