import { absent, type History, type KeyRange, type Operation, type Part } from "../history/operation.ts";
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

  /** Seconds since the history's begin, to the microsecond. */
  time(microseconds: number): string {
    return microseconds === Infinity ? "?" : `${(microseconds / 1_000_000).toFixed(6)} s`;
  }

  /** What was asked and what came of it, as in: put "a" = "1": acknowledged at revision 7 */
  act(operation: Operation): string {
    return `${this.#asked(operation)}: ${this.#answered(operation)}`;
  }

  /** One line: who did what through whom, when, and where it is written. */
  line(operation: Operation): string {
    const { process, member, start, end, line } = operation;
    const through = this.#history.members.text(member) === "?" ? "" : ` through ${this.member(member)}`;
    return `${this.time(start)} – ${this.time(end)}  ${process.name}${through}  ${this.act(operation)}  (${process.file}:${line})`;
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
    return `${condition}then ${list(then)}${otherwise.length === 0 ? "" : ` else ${list(otherwise)}`}`;
  }

  #answered(operation: Operation): string {
    const { kind, outcome, error, revision, mod, value, version, detail } = operation;
    if (outcome !== "ok") return `${outcome} (${error ?? "no reason given"})`;
    const at = `at revision ${revision}`;
    if (kind === "put") return `acknowledged ${at}`;
    if (kind === "get") {
      return mod === 0
        ? `${at} no such key`
        : `${at} ${this.value(value)}, written at revision ${mod} (version ${version})`;
    }
    switch (detail?.kind) {
      case "range": {
        const kvs = detail.answer?.kvs ?? [];
        const shown = kvs.slice(0, 5).map((kv) => `${this.key(kv.key)} = ${this.value(kv.value)} (${kv.mod})`);
        return `${at} ${detail.answer?.count ?? 0} keys${shown.length === 0 ? "" : `: ${shown.join(", ")}`}`;
      }
      case "delete":
        return `${at} removed ${detail.deleted ?? 0}`;
      case "txn":
        return `${at} ${detail.answer?.succeeded === true ? "condition met" : "condition not met"}, ${partsDone(operation).length} parts`;
      default:
        return "ok";
    }
  }
}
