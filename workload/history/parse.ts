import {
  count,
  decimal,
  decision,
  fieldsOf,
  flag,
  LineError,
  list,
  optionalText,
  text,
  type Fields,
} from "./fields.ts";
import {
  absent,
  type Comparison,
  type DeletePart,
  type EventSeen,
  type Part,
  type PartResult,
  type PutPart,
  type RangeAnswer,
  type RangePart,
  type StoredKey,
  type Texts,
} from "./operation.ts";

/** Where the texts of a history get their numbers. */
export interface TextTables {
  readonly keys: Texts;
  readonly values: Texts;
  readonly leases: Texts;
}

export function storedKey(tables: TextTables, key: number, fields: Fields): StoredKey {
  return {
    key,
    value: tables.values.number(text(fields, "value")),
    mod: decimal(fields, "mod"),
    create: decimal(fields, "create"),
    version: decimal(fields, "version"),
    lease: optionalLease(tables, fields),
  };
}

export function optionalLease(tables: TextTables, fields: Fields): number {
  const lease = optionalText(fields, "lease");
  return lease === undefined ? absent : tables.leases.number(lease);
}

export function keyRange(tables: TextTables, fields: Fields) {
  const end = optionalText(fields, "end");
  return { key: tables.keys.number(text(fields, "key")), end: end === undefined ? undefined : tables.keys.number(end) };
}

export function part(tables: TextTables, fields: Fields): Part {
  const op = text(fields, "op");
  if (op === "put") return putPart(tables, fields);
  if (op === "get" || op === "range") return rangePart(tables, fields);
  if (op === "delete") return deletePart(tables, fields);
  throw new LineError(`"op" in a transaction is "${op}": expected put, get, range or delete`);
}

function putPart(tables: TextTables, fields: Fields): PutPart {
  return {
    op: "put",
    key: tables.keys.number(text(fields, "key")),
    value: tables.values.number(text(fields, "value")),
    lease: optionalLease(tables, fields),
  };
}

export function rangePart(tables: TextTables, fields: Fields): RangePart {
  return {
    op: "range",
    ...keyRange(tables, fields),
    limit: fields["limit"] === undefined ? 0 : count(fields, "limit"),
    revision: fields["revision"] === undefined ? 0 : decimal(fields, "revision"),
    countOnly: flag(fields, "countOnly"),
  };
}

export function deletePart(tables: TextTables, fields: Fields): DeletePart {
  return { op: "delete", ...keyRange(tables, fields) };
}

export function comparison(tables: TextTables, fields: Fields): Comparison {
  const target = text(fields, "target");
  const is = text(fields, "is");
  if (is !== "=" && is !== "!=" && is !== "<" && is !== ">") {
    throw new LineError(`"is" is "${is}": expected =, !=, < or >`);
  }
  const key = tables.keys.number(text(fields, "key"));
  switch (target) {
    case "value":
      return { key, target, is: equality(is, target), to: tables.values.number(text(fields, "to")) };
    case "lease":
      return { key, target, is: equality(is, target), to: tables.leases.number(text(fields, "to")) };
    case "version":
    case "create":
    case "mod":
      return { key, target, is, to: decimal(fields, "to") };
    default:
      throw new LineError(`"target" is "${target}": expected value, version, create, mod or lease`);
  }
}

/** Values and leases are kept as numbers of texts, which have no order. */
function equality(is: Comparison["is"], target: string): Comparison["is"] {
  if (is === "<" || is === ">") throw new LineError(`"is" is "${is}" for a ${target}: expected = or !=`);
  return is;
}

export function partResult(tables: TextTables, asked: Part, fields: Fields): PartResult {
  switch (asked.op) {
    case "put":
      if (decision(fields, "put")) return "put";
      throw new LineError(`"put" is false: a put that is part of a transaction can't fail alone`);
    case "delete":
      return { deleted: count(fields, "deleted") };
    case "range":
      return asked.end === undefined ? getAnswer(tables, asked.key, fields) : rangeAnswer(tables, fields);
  }
}

export function getAnswer(tables: TextTables, key: number, fields: Fields): RangeAnswer {
  const kv = fields["kv"];
  return kv === null ? { kvs: [], count: 0 } : { kvs: [storedKey(tables, key, fieldsOf(kv, "kv"))], count: 1 };
}

export function rangeAnswer(tables: TextTables, fields: Fields): RangeAnswer {
  const kvs = list(fields, "kvs").map((kv) => storedKey(tables, tables.keys.number(text(kv, "key")), kv));
  return { kvs, count: count(fields, "count") };
}

export function eventSeen(tables: TextTables, fields: Fields): EventSeen {
  const type = text(fields, "type");
  const key = tables.keys.number(text(fields, "key"));
  if (type === "delete") return { type, key, mod: decimal(fields, "mod"), stored: undefined };
  if (type !== "put") throw new LineError(`"type" of an event is "${type}": expected put or delete`);
  const stored = storedKey(tables, key, fields);
  return { type, key, mod: stored.mod, stored };
}
