import { absent, type History, type KeyRange, type Operation, type Part } from "../history/operation.ts";
import { type RangeAnswer, type TransactionDetail } from "../history/operation.ts";
import { partsDone } from "./store-order.ts";

/** How operations are told to people. */
export class Words {
  readonly #history: History;

  constructor(history: History) {
    this.#history = history;
  }

  key(key: number): string {
    return `"${this.#history.keys.text(key)}"`;
  }

  value(value: number): string {
    return value === absent ? "no value" : `"${this.#history.values.text(value)}"`;
  }

  lease(lease: number): string {
    return lease === absent ? "no lease" : `lease ${this.#history.leases.text(lease)}`;
  }

  member(member: number): string {
    return this.#history.members.text(member);
  }

  range({ key, end }: KeyRange): string {
    return end === undefined ? this.key(key) : `${this.key(key)} up to ${this.key(end)}`;
  }

  /** Milliseconds since the history's begin, to the microsecond. */
  time(microseconds: number): string {
    return `${milliseconds(microseconds)} ms`;
  }

  /** What was asked and what came of it, as in: put "a" = "1": acknowledged at revision 7 */
  act(operation: Operation): string {
    return `${this.#asked(operation)}: ${this.#answered(operation)}`;
  }

  /** One line each, in columns: from when to when, who through whom, what was asked and answered, and where that is written. */
  lines(operations: readonly Operation[]): string[] {
    const rows = operations.map((operation) => {
      const { process, member, start, end, line } = operation;
      const through = this.member(member) === "?" ? "" : ` through ${this.member(member)}`;
      const to = end === Infinity ? "?" : milliseconds(end);
      return {
        from: milliseconds(start),
        to,
        who: `${process.name}${through}`,
        what: this.act(operation),
        line,
        process,
      };
    });
    const widest = (column: "from" | "to" | "who") => Math.max(...rows.map((row) => row[column].length));
    const [from, to, who] = [widest("from"), widest("to"), widest("who")];
    return rows.map((row) => {
      const when = `${row.from.padStart(from)} – ${row.to.padStart(to)} ms`;
      return `${when}  ${row.who.padEnd(who)}  ${row.what}  (${row.process.file}:${row.line})`;
    });
  }

  #asked(operation: Operation): string {
    const { kind, key, value, lease, detail, serializable } = operation;
    const how = serializable ? "serializable " : "";
    if (kind === "put") return this.#part({ op: "put", key, value, lease });
    if (kind === "get") return `${how}get ${this.key(key)}`;
    switch (detail?.kind) {
      case "range":
        return `${how}range ${this.range(detail.part)}${detail.part.revision > 0 ? ` as of ${detail.part.revision}` : ""}`;
      case "delete":
        return this.#part(detail.part);
      case "txn":
        return this.#transaction(operation);
      case "watch":
        return `watch ${this.range(detail.range)} from revision ${detail.from}`;
      default:
        return `${kind} ${this.lease(lease)}`;
    }
  }

  #part(part: Part): string {
    if (part.op === "put") {
      const lease = part.lease === absent ? "" : ` with ${this.lease(part.lease)}`;
      return `put ${this.key(part.key)} = ${this.value(part.value)}${lease}`;
    }
    return part.op === "delete" ? `delete ${this.range(part)}` : `get ${this.range(part)}`;
  }

  #transaction(operation: Operation): string {
    if (operation.detail?.kind !== "txn") return "txn";
    const { compares, then, else: otherwise } = operation.detail;
    const conditions = compares.map(({ key, target, is, to }) => {
      const side = target === "value" ? this.value(to) : target === "lease" ? this.lease(to) : String(to);
      return `${target} of ${this.key(key)} ${is} ${side}`;
    });
    const list = (parts: readonly Part[]) => parts.map((part) => this.#part(part)).join(", ") || "nothing";
    const condition = conditions.length === 0 ? "" : `if ${conditions.join(" and ")} `;
    const first = condition === "" ? "transaction: " : `${condition}then `;
    return `${first}${list(then)}${otherwise.length === 0 ? "" : ` else ${list(otherwise)}`}`;
  }

  #decided(operation: Operation, { compares, answer }: TransactionDetail, at: string): string {
    const met = answer?.succeeded === true ? "condition met" : "condition not met";
    const told = partsDone(operation).flatMap(({ part, result }) => {
      if (result === "put" || part.op === "put") return [];
      return [`${this.#part(part)}: ${"kvs" in result ? this.#found(result) : `removed ${result.deleted}`}`];
    });
    const decision = compares.length === 0 && answer?.succeeded === true ? "done" : met;
    return [`${decision} ${at}`, ...told].join("; ");
  }

  #found({ kvs, count }: RangeAnswer): string {
    const shown = kvs.slice(0, 5).map((kv) => `${this.key(kv.key)} = ${this.value(kv.value)} (written at ${kv.mod})`);
    const more = kvs.length > shown.length ? ", …" : "";
    return `${counted(count, "key")}${shown.length === 0 ? "" : `: ${shown.join(", ")}${more}`}`;
  }

  #answered(operation: Operation): string {
    const { kind, outcome, error, revision, mod, value, version, detail } = operation;
    if (outcome !== "ok") return `${outcome} (${error ?? "no reason given"})`;
    const at = `at revision ${revision}`;
    if (kind === "put") return `acknowledged ${at}`;
    if (kind === "get") {
      return mod === 0
        ? `no such key ${at}`
        : `${this.value(value)} ${at}, written at revision ${mod} (version ${version})`;
    }
    switch (detail?.kind) {
      case "range":
        return `${this.#found(detail.answer ?? { kvs: [], count: 0 })} ${at}`;
      case "delete":
        return `removed ${detail.deleted ?? 0} ${at}`;
      case "txn":
        return this.#decided(operation, detail, at);
      default:
        return "ok";
    }
  }
}

function milliseconds(microseconds: number): string {
  return (microseconds / 1000).toFixed(3);
}

/** Such as "1 key" or "2 keys". */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
