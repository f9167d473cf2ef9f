import { type IDeleteRangeResponse, type IKeyValue, type IPutResponse, type IRangeResponse } from "etcd3";
import { type IResponseOp, type ITxnResponse, type IWatchResponse } from "etcd3";
import { type Answers, type Part, type PartAnswer, type Seen, type Stored } from "../history/format.ts";
import { type StoredAt, type Transaction, type WatchEvent } from "../history/format.ts";

/** What etcd answered, as a history tells it: revisions, versions and lease IDs stay the texts of digits they come as. */

export function putAnswer({ header }: IPutResponse): Answers["put"] {
  return { revision: header.revision };
}

export function getAnswer({ header, kvs }: IRangeResponse): Answers["get"] {
  return { revision: header.revision, kv: first(kvs) };
}

export function rangeAnswer({ header, kvs, count }: IRangeResponse): Answers["range"] {
  return { revision: header.revision, kvs: kvs.map(storedAt), count: Number(count) };
}

export function deleteAnswer({ header, deleted }: IDeleteRangeResponse): Answers["delete"] {
  return { revision: header.revision, deleted: Number(deleted) };
}

export function transactionAnswer(asked: Transaction, answer: ITxnResponse): Answers["txn"] {
  const { header, succeeded, responses } = answer;
  const parts = succeeded ? asked.then : asked.else;
  const results = parts.map((part, index) => partAnswer(part, responses[index]));
  return { revision: header.revision, succeeded, results };
}

export function seenAnswer({ header, events }: IWatchResponse): Seen {
  return {
    revision: header.revision,
    events: events.map(({ type, kv }): WatchEvent => {
      if (type === "Put") return { type: "put", ...storedAt(kv) };
      return { type: "delete", key: kv.key.toString(), mod: kv.mod_revision };
    }),
  };
}

function partAnswer(part: Part, response: IResponseOp | undefined): PartAnswer {
  if (response === undefined)
    throw new Error(`the transaction's answer has nothing for its ${part.op} of "${part.key}"`);
  switch (part.op) {
    case "put":
      return { put: true };
    case "get":
      return { kv: first(response.response_range.kvs) };
    case "range":
      return { kvs: response.response_range.kvs.map(storedAt), count: Number(response.response_range.count) };
    case "delete":
      return { deleted: Number(response.response_delete_range.deleted) };
  }
}

function first([kv]: readonly IKeyValue[]): Stored | null {
  return kv === undefined ? null : stored(kv);
}

function storedAt(kv: IKeyValue): StoredAt {
  return { key: kv.key.toString(), ...stored(kv) };
}

function stored({ value, mod_revision, create_revision, version, lease }: IKeyValue): Stored {
  return {
    value: value.toString(),
    mod: mod_revision,
    create: create_revision,
    version,
    ...(lease === "0" ? {} : { lease }),
  };
}
