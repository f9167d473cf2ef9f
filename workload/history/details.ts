import { count, decimal, decision, LineError, list, type Fields } from "./fields.ts";
import { type Detail, type Kind, type TransactionDetail } from "./operation.ts";
import {
  comparison,
  deletePart,
  keyRange,
  part,
  partResult,
  rangeAnswer,
  rangePart,
  type TextTables,
} from "./parse.ts";

/** What is asked for beyond the plain numbers every operation has; undefined for a put or get, which are no more than that. */
export function requested(tables: TextTables, kind: Kind, fields: Fields): Detail | undefined {
  switch (kind) {
    case "put":
    case "get":
      return undefined;
    case "range":
      return { kind, part: rangePart(tables, fields), answer: undefined };
    case "delete":
      return { kind, part: deletePart(tables, fields), deleted: undefined };
    case "txn":
      return {
        kind,
        compares: list(fields, "if").map((item) => comparison(tables, item)),
        then: list(fields, "then").map((item) => part(tables, item)),
        else: list(fields, "else").map((item) => part(tables, item)),
        answer: undefined,
      };
    case "grant":
      count(fields, "ttl");
      return { kind: "lease", ttl: undefined };
    case "keepalive":
    case "revoke":
      return { kind: "lease", ttl: undefined };
    case "watch":
      return { kind, range: keyRange(tables, fields), from: decimal(fields, "from"), answers: [] };
  }
}

/** The same with what was answered. */
export function answered(tables: TextTables, kind: Kind, detail: Detail, ok: Fields): Detail {
  switch (detail.kind) {
    case "range":
      return { ...detail, answer: rangeAnswer(tables, ok) };
    case "delete":
      return { ...detail, deleted: count(ok, "deleted") };
    case "txn":
      return { ...detail, answer: transactionAnswer(tables, detail, ok) };
    case "lease":
      return { ...detail, ttl: kind === "revoke" ? 0 : count(ok, "ttl") };
    case "watch":
      return detail;
  }
}

function transactionAnswer(tables: TextTables, asked: TransactionDetail, ok: Fields): TransactionDetail["answer"] {
  const succeeded = decision(ok, "succeeded");
  const parts = succeeded ? asked.then : asked.else;
  const results = list(ok, "results");
  if (results.length !== parts.length) {
    throw new LineError(`"results" has ${results.length} items for ${parts.length} parts of the transaction`);
  }
  return { succeeded, results: parts.map((each, index) => partResult(tables, each, results[index] ?? {})) };
}
