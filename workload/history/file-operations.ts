import { answered, requested } from "./details.ts";
import {
  count,
  fieldsOf,
  flag,
  isFields,
  LineError,
  list,
  optionalText,
  revision,
  text,
  type Fields,
} from "./fields.ts";
import { absent, type Detail, type Kind, type Operation, type Outcome, type Process, type Texts } from "./operation.ts";
import { type WatchAnswer } from "./operation.ts";
import { eventSeen, optionalLease, storedKey, type TextTables } from "./parse.ts";

export interface FileContext extends TextTables {
  readonly members: Texts;
  readonly path: string;
  /** Name of the writing process: its logical clients are numbered below it. */
  readonly process: string;
  readonly clock: string;
  /** The moment from which times are counted, in microseconds of the clock. */
  readonly origin: number;
}

/** An operation that has begun. */
interface Begun {
  readonly kind: Kind;
  readonly start: number;
  readonly line: number;
  readonly member: number;
  readonly serializable: boolean;
  readonly key: number;
  readonly value: number;
  readonly lease: number;
  readonly detail: Detail | undefined;
  /** Of a watch, as they come. */
  readonly seen: WatchAnswer[];
}

const kinds = new Set<string>(["put", "get", "range", "delete", "txn", "grant", "keepalive", "revoke", "watch"]);

function isKind(op: string): op is Kind {
  return kinds.has(op);
}

/** Puts the lines of one file together to operations. */
export class FileOperations {
  readonly #context: FileContext;
  readonly #operations: Operation[];
  readonly #processes = new Map<number, Process>();
  readonly #running = new Map<number, Begun>();
  #last: number;

  /**
   * @param begin the header's time
   * @param operations where each finished operation is added
   */
  constructor(context: FileContext, begin: number, operations: Operation[]) {
    this.#context = context;
    this.#last = begin;
    this.#operations = operations;
  }

  /** @throws LineError */
  add(fields: Fields, line: number): void {
    const t = count(fields, "t");
    if (t < this.#last) throw new LineError(`the clock goes back: ${t} after ${this.#last}`);
    this.#last = t;
    const at = t - this.#context.origin;
    const process = count(fields, "p");
    refuseAmbiguous(fields);
    if (fields["op"] !== undefined) this.#begin(process, fields, at, line);
    else if (fields["seen"] !== undefined) this.#seen(process, fieldsOf(fields["seen"], "seen"), at, line);
    else if (fields["ok"] !== undefined) this.#end(process, "ok", fieldsOf(fields["ok"], "ok"), undefined, at);
    else if (fields["failed"] !== undefined) this.#end(process, "failed", undefined, text(fields, "failed"), at);
    else if (fields["unknown"] !== undefined) this.#end(process, "unknown", undefined, text(fields, "unknown"), at);
    else throw new LineError(`neither "op" nor "ok", "failed", "unknown" or "seen": not a line of a history`);
  }

  /** Ends the file; answers how many operations were still running. What they asked for may have happened. */
  finish(): number {
    for (const [process, begun] of this.#running) {
      this.#push(process, begun, "unknown", undefined, "still running when its file ends", Infinity);
    }
    return this.#running.size;
  }

  #begin(process: number, fields: Fields, start: number, line: number): void {
    const kind = text(fields, "op");
    if (!isKind(kind)) throw new LineError(`"op" is "${kind}": an operation this checker does not know`);
    const running = this.#running.get(process);
    if (running !== undefined) {
      throw new LineError(`client ${process} begins an operation while that of line ${running.line} is still running`);
    }
    const context = this.#context;
    const single = kind === "put" || kind === "get";
    this.#running.set(process, {
      kind,
      start,
      line,
      member: context.members.number(optionalText(fields, "member") ?? "?"),
      serializable: flag(fields, "serializable"),
      key: single ? context.keys.number(text(fields, "key")) : absent,
      value: kind === "put" ? context.values.number(text(fields, "value")) : absent,
      lease: kind === "keepalive" || kind === "revoke" ? leaseOf(context, fields) : optionalLease(context, fields),
      detail: requested(context, kind, fields),
      seen: [],
    });
  }

  #seen(process: number, fields: Fields, at: number, line: number): void {
    const begun = this.#running.get(process);
    if (begun?.kind !== "watch") throw new LineError(`client ${process} sees events but runs no watch`);
    const events = list(fields, "events").map((event) => eventSeen(this.#context, event));
    begun.seen.push({ at, revision: revision(fields), events, line });
  }

  #end(process: number, outcome: Outcome, ok: Fields | undefined, error: string | undefined, at: number): void {
    const begun = this.#running.get(process);
    if (begun === undefined) throw new LineError(`client ${process} ends an operation it has not begun`);
    this.#running.delete(process);
    this.#push(process, begun, outcome, ok, error, at);
  }

  #push(
    process: number,
    begun: Begun,
    outcome: Outcome,
    ok: Fields | undefined,
    error: string | undefined,
    at: number,
  ) {
    const context = this.#context;
    const { kind, start, line, member, serializable, key } = begun;
    const found = kind === "get" && ok !== undefined ? foundKey(context, key, ok) : undefined;
    this.#operations.push({
      kind,
      outcome,
      process: this.#process(process),
      member,
      line,
      start,
      end: outcome === "ok" ? at : Infinity,
      revision: ok === undefined || !hasRevision(kind) ? 0 : revision(ok),
      serializable,
      key,
      value: found?.value ?? begun.value,
      lease: found?.lease ?? (kind === "grant" && ok !== undefined ? leaseOf(context, ok) : begun.lease),
      mod: found?.mod ?? 0,
      create: found?.create ?? 0,
      version: found?.version ?? 0,
      detail: detailAtEnd(context, begun, ok),
      error,
    });
  }

  #process(number: number): Process {
    const known = this.#processes.get(number);
    if (known !== undefined) return known;
    const { process, clock, path } = this.#context;
    const made = { name: `${process}/${number}`, clock, file: path };
    this.#processes.set(number, made);
    return made;
  }
}

const lineTypes = ["op", "ok", "failed", "unknown", "seen"];

/** A line that says two things could be taken for either. */
function refuseAmbiguous(fields: Fields): void {
  let first: string | undefined;
  for (const type of lineTypes) {
    if (fields[type] === undefined) continue;
    if (first !== undefined) throw new LineError(`both "${first}" and "${type}": a line is one of them`);
    first = type;
  }
}

function detailAtEnd(context: FileContext, begun: Begun, ok: Fields | undefined): Detail | undefined {
  if (begun.detail?.kind === "watch") return { ...begun.detail, answers: begun.seen };
  return begun.detail && ok ? answered(context, begun.kind, begun.detail, ok) : begun.detail;
}

function foundKey(context: FileContext, key: number, ok: Fields) {
  const kv = ok["kv"];
  if (kv !== null && !isFields(kv)) throw new LineError(`"kv" is missing: expected the key as found, or null`);
  return kv === null ? undefined : storedKey(context, key, kv);
}

function hasRevision(kind: Kind): boolean {
  return kind === "put" || kind === "get" || kind === "range" || kind === "delete" || kind === "txn";
}

function leaseOf(context: FileContext, fields: Fields): number {
  return context.leases.number(text(fields, "lease"));
}
