import { type CompareTarget } from "./format.ts";

/** A logical client: one operation at a time. */
export interface Process {
  /** Unique in the history. */
  readonly name: string;
  /** Times of processes with different clocks can't be compared. */
  readonly clock: string;
  readonly file: string;
}

/** No key, no value: what a read of a missing key shows. */
export const absent = -1;

/** A key as an answer shows it; key, value and lease are numbers of the history's interned texts. */
export interface StoredKey {
  readonly key: number;
  readonly value: number;
  readonly mod: number;
  readonly create: number;
  readonly version: number;
  /** `absent`: none. */
  readonly lease: number;
}

/** `[key, end)`; end undefined: the key alone. */
export interface KeyRange {
  readonly key: number;
  readonly end: number | undefined;
}

export interface Comparison {
  readonly key: number;
  readonly target: CompareTarget;
  readonly is: "=" | "!=" | "<" | ">";
  /** Number of the interned text for value and lease, the number itself for the others. */
  readonly to: number;
}

export type PutPart = { readonly op: "put"; readonly key: number; readonly value: number; readonly lease: number };
export type RangePart = {
  readonly op: "range";
  readonly key: number;
  /** undefined: a get. */
  readonly end: number | undefined;
  /** 0: none. */
  readonly limit: number;
  /** 0: the present. */
  readonly revision: number;
  readonly countOnly: boolean;
};
export type DeletePart = { readonly op: "delete" } & KeyRange;
export type Part = PutPart | RangePart | DeletePart;

export interface RangeAnswer {
  readonly kvs: readonly StoredKey[];
  readonly count: number;
}

/** What a part of a transaction answered; `put` for a put. */
export type PartResult = "put" | RangeAnswer | { readonly deleted: number };

export interface RangeDetail {
  readonly kind: "range";
  readonly part: RangePart;
  readonly answer: RangeAnswer | undefined;
}

export interface DeleteDetail {
  readonly kind: "delete";
  readonly part: DeletePart;
  /** Undefined unless the outcome is ok. */
  readonly deleted: number | undefined;
}

export interface TransactionDetail {
  readonly kind: "txn";
  readonly compares: readonly Comparison[];
  readonly then: readonly Part[];
  readonly else: readonly Part[];
  readonly answer: { readonly succeeded: boolean; readonly results: readonly PartResult[] } | undefined;
}

export interface LeaseDetail {
  readonly kind: "lease";
  /** As granted or, for a keepalive, as extended; 0: no such lease. Undefined unless the outcome is ok. In seconds. */
  readonly ttl: number | undefined;
}

export interface EventSeen {
  readonly type: "put" | "delete";
  readonly key: number;
  readonly mod: number;
  /** Of a put; undefined for a delete. */
  readonly stored: StoredKey | undefined;
}

export interface WatchAnswer {
  readonly at: number;
  readonly revision: number;
  readonly events: readonly EventSeen[];
  readonly line: number;
}

export interface WatchDetail {
  readonly kind: "watch";
  readonly range: KeyRange;
  /** 0: from now. */
  readonly from: number;
  readonly answers: readonly WatchAnswer[];
}

export type Detail = RangeDetail | DeleteDetail | TransactionDetail | LeaseDetail | WatchDetail;

export type Kind = "put" | "get" | "range" | "delete" | "txn" | "grant" | "keepalive" | "revoke" | "watch";

export type Outcome = "ok" | "failed" | "unknown";

/**
 * One operation. Puts and gets, by far the most, have all they are about in plain numbers here; everything else has a detail.
 * Times are microseconds since the history's begin; revisions are whole numbers that were checked to be exact.
 */
export interface Operation {
  readonly kind: Kind;
  readonly outcome: Outcome;
  readonly process: Process;
  /** Number of the member's interned name. */
  readonly member: number;
  /** Where its first line is, from 1. */
  readonly line: number;
  readonly start: number;
  /** Infinity unless the outcome is ok: until then it may yet happen. */
  readonly end: number;
  /** The answer's revision; 0 where there is none. */
  readonly revision: number;
  readonly serializable: boolean;
  /** The key of a put or get, else `absent`. */
  readonly key: number;
  /** What a put writes, what a get shows. `absent`: there was no such key. */
  readonly value: number;
  /** The lease of a put, of what a get shows, or of an operation on leases. */
  readonly lease: number;
  /** Of what a get shows. */
  readonly mod: number;
  readonly create: number;
  readonly version: number;
  readonly detail: Detail | undefined;
  /** Why it is not ok. */
  readonly error: string | undefined;
}

/** Texts as numbers, in the order of their first appearance. */
export class Texts {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];

  get size(): number {
    return this.#texts.length;
  }

  number(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#texts.push(text) - 1;
    this.#numbers.set(text, number);
    return number;
  }

  text(number: number): string {
    const text = this.#texts[number];
    if (text === undefined) throw new RangeError(`no text has number ${number}`);
    return text;
  }

  all(): readonly string[] {
    return this.#texts;
  }
}

export interface History {
  readonly operations: readonly Operation[];
  readonly keys: Texts;
  readonly values: Texts;
  readonly leases: Texts;
  readonly members: Texts;
  /** See Header.since; the lowest of all files. 0: nothing was there. */
  readonly since: number;
  /** What a reader should know although it is no error, such as a torn last line. */
  readonly warnings: readonly string[];
}
