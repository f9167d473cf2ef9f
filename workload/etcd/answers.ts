import { type Answers, type Decimal, type PartAnswer, type Seen, type Stored } from "../history/format.ts";
import { type StoredAt, type Transaction, type WatchEvent } from "../history/format.ts";
import { MessageReader } from "../grpc/protobuf.ts";
import { type StoreHash } from "./member-view.ts";

/**
 * What etcd answered, as a history tells it. Fields are passed over by their numbers in etcd 3.6's api/etcdserverpb/rpc.proto
 * and api/mvccpb/kv.proto; one that is not sent has its zero value.
 */

export function putAnswer(bytes: Buffer): Answers["put"] {
  return { revision: withHeader(new MessageReader(bytes)) };
}

export function getAnswer(bytes: Buffer): Answers["get"] {
  const { revision, kvs } = range(new MessageReader(bytes));
  return { revision, kv: first(kvs) };
}

export function rangeAnswer(bytes: Buffer): Answers["range"] {
  return range(new MessageReader(bytes));
}

export function deleteAnswer(bytes: Buffer): Answers["delete"] {
  return deletion(new MessageReader(bytes));
}

export function transactionAnswer(asked: Transaction, bytes: Buffer): Answers["txn"] {
  const read = { succeeded: false, responses: [] as MessageReader[] };
  const revision = withHeader(new MessageReader(bytes), {
    2: (reader) => (read.succeeded = reader.number() === 1),
    3: (reader) => read.responses.push(reader.message()),
  });
  const { succeeded, responses } = read;
  const parts = succeeded ? asked.then : asked.else;
  if (responses.length !== parts.length) {
    throw new Error(`the transaction's answer has ${responses.length} parts, ${parts.length} were asked for`);
  }
  return { revision, succeeded, results: responses.map((response, index) => partAnswer(parts[index]?.op, response)) };
}

export function grantAnswer(bytes: Buffer): Answers["grant"] {
  let [lease, ttl] = ["0", 0];
  withHeader(new MessageReader(bytes), {
    2: (reader) => (lease = reader.decimal()),
    3: (reader) => (ttl = reader.number()),
  });
  return { lease, ttl };
}

export function keepAliveAnswer(bytes: Buffer): Answers["keepalive"] {
  let ttl = 0;
  withHeader(new MessageReader(bytes), { 3: (reader) => (ttl = reader.number()) });
  return { ttl };
}

export interface WatchAnswer {
  readonly created: boolean;
  /** Why the server ended the watch; undefined: it goes on. */
  readonly cancelled: string | undefined;
  readonly seen: Seen;
}

export function watchAnswer(bytes: Buffer): WatchAnswer {
  let [created, cancelled, compacted, reason] = [false, false, "0", ""];
  const events: WatchEvent[] = [];
  const revision = withHeader(new MessageReader(bytes), {
    3: (reader) => (created = reader.number() === 1),
    4: (reader) => (cancelled = reader.number() === 1),
    5: (reader) => (compacted = reader.decimal()),
    6: (reader) => (reason = reader.text()),
    11: (reader) => events.push(event(reader.message())),
  });
  const why = compacted === "0" ? reason : `${reason} (compacted at ${compacted})`;
  return { created, cancelled: cancelled ? why : undefined, seen: { revision, events } };
}

export function hashAnswer(bytes: Buffer): StoreHash {
  let [hash, since] = [0, "0"];
  withHeader(new MessageReader(bytes), {
    2: (reader) => (hash = reader.number()),
    3: (reader) => (since = reader.decimal()),
  });
  return { hash, since };
}

type Fields = Readonly<Record<number, (reader: MessageReader) => void>>;

/** Reads a message that has etcd's header as field 1; answers the header's revision. */
function withHeader(reader: MessageReader, fields: Fields = {}): Decimal {
  let revision = "0";
  for (let field = reader.next(); field > 0; field = reader.next()) {
    const take = fields[field];
    if (field === 1) revision = headerRevision(reader.message());
    else if (take !== undefined) take(reader);
    else reader.skip();
  }
  return revision;
}

function headerRevision(reader: MessageReader): Decimal {
  let revision = "0";
  for (let field = reader.next(); field > 0; field = reader.next()) {
    if (field === 3) revision = reader.decimal();
    else reader.skip();
  }
  return revision;
}

function range(reader: MessageReader): Answers["range"] {
  const kvs: StoredAt[] = [];
  let count = 0;
  const revision = withHeader(reader, {
    2: (kv) => kvs.push(storedAt(kv.message())),
    4: (number) => (count = number.number()),
  });
  return { revision, kvs, count };
}

function deletion(reader: MessageReader): Answers["delete"] {
  let deleted = 0;
  const revision = withHeader(reader, { 2: (number) => (deleted = number.number()) });
  return { revision, deleted };
}

/** The one of its fields that is set is told by what was asked. */
function partAnswer(op: string | undefined, response: MessageReader): PartAnswer {
  const field = response.next();
  const answer = field === 0 ? new MessageReader(Buffer.alloc(0)) : response.message();
  if (op === "put") return { put: true };
  if (op === "delete") return { deleted: deletion(answer).deleted };
  const { kvs, count } = range(answer);
  return op === "get" ? { kv: first(kvs) } : { kvs, count };
}

function event(reader: MessageReader): WatchEvent {
  let [deleted, kv]: [boolean, StoredAt | undefined] = [false, undefined];
  for (let field = reader.next(); field > 0; field = reader.next()) {
    if (field === 1) deleted = reader.number() === 1;
    else if (field === 2) kv = storedAt(reader.message());
    else reader.skip();
  }
  if (kv === undefined) throw new Error("an event has no key");
  return deleted ? { type: "delete", key: kv.key, mod: kv.mod } : { type: "put", ...kv };
}

function first([kv]: readonly StoredAt[]): Stored | null {
  if (kv === undefined) return null;
  const { value, mod, create, version, lease } = kv;
  return { value, mod, create, version, ...(lease === undefined ? {} : { lease }) };
}

function storedAt(reader: MessageReader): StoredAt {
  let [key, value, mod, create, version, lease] = ["", "", "0", "0", "0", "0"];
  for (let field = reader.next(); field > 0; field = reader.next()) {
    if (field === 1) key = reader.text();
    else if (field === 2) create = reader.decimal();
    else if (field === 3) mod = reader.decimal();
    else if (field === 4) version = reader.decimal();
    else if (field === 5) value = reader.text();
    else if (field === 6) lease = reader.decimal();
    else reader.skip();
  }
  return { key, value, mod, create, version, ...(lease === "0" ? {} : { lease }) };
}
