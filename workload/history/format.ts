/**
 * The history: what clients of etcd did and were told, as JSON lines, one file per operating system process.
 *
 * An operation is two lines: one written before its request is sent, one when its outcome is known. A process that is killed
 * thereby leaves its running operations behind as begun and never ended, and the checker knows that they may have happened.
 * Lines of one file are in the order of their times.
 *
 * ```
 * {"history":1,"id":"5f0c…","process":"etcd-client-7d4b-x2x9q/17","clock":"0b6e…","wall":"2026-11-21T02:03:04.567Z","t":81273645,"since":"41"}
 * {"t":81273700,"p":0,"op":"put","member":"etcd-1","key":"a","value":"x1"}
 * {"t":81275012,"p":0,"ok":{"revision":"42"}}
 * {"t":81275100,"p":0,"op":"get","member":"etcd-2","key":"a"}
 * {"t":81276100,"p":0,"ok":{"revision":"42","kv":{"value":"x1","mod":"42","create":"42","version":"1"}}}
 * {"t":81276200,"p":0,"op":"put","member":"etcd-2","key":"a","value":"x2"}
 * {"t":83276200,"p":0,"unknown":"4 DEADLINE_EXCEEDED: Deadline exceeded"}
 * ```
 */

/** The one version of the format there is. */
export const formatVersion = 1;

/** A 64-bit number of etcd's (revision, version, lease) in decimal digits: as a JSON number it could lose its last ones. */
export type Decimal = string;

/** The first line of a file. */
export interface Header {
  readonly history: typeof formatVersion;
  /** Different in every file: the same file given twice is found by it. */
  readonly id: string;
  /** Who writes: pod and process. */
  readonly process: string;
  /** Whose monotonic clock `t` is read from: times of files with the same clock can be compared, others can't. */
  readonly clock: string;
  /** The same moment as this line's `t` by the wall clock: for people, never compared. */
  readonly wall: string;
  /** Microseconds of the monotonic clock, rounded down. */
  readonly t: number;
  /**
   * The store's revision before the first operation: what is seen with a revision up to this one was there before and needs
   * no write in the history. Default: nothing was there.
   */
  readonly since?: Decimal;
}

/** A key as an answer shows it. `lease` is left out where none is attached. */
export interface Stored {
  readonly value: string;
  readonly mod: Decimal;
  readonly create: Decimal;
  readonly version: Decimal;
  readonly lease?: Decimal;
}

export interface StoredAt extends Stored {
  readonly key: string;
}

/** `[key, end)` in etcd's order of bytes; without `end` the key alone. */
export interface Put {
  readonly op: "put";
  readonly key: string;
  readonly value: string;
  readonly lease?: Decimal;
}

export interface Get {
  readonly op: "get";
  readonly key: string;
  /** Answered from the member's own state, however old. Default: linearizable. */
  readonly serializable?: true;
}

export interface Range {
  readonly op: "range";
  readonly key: string;
  readonly end: string;
  /** Default: all. */
  readonly limit?: number;
  /** Read the store as it was at this revision. Default: as it is. */
  readonly revision?: Decimal;
  readonly countOnly?: true;
  readonly serializable?: true;
}

export interface Delete {
  readonly op: "delete";
  readonly key: string;
  readonly end?: string;
}

export type CompareTarget = "value" | "version" | "create" | "mod" | "lease";

export interface Compare {
  readonly key: string;
  readonly target: CompareTarget;
  readonly is: "=" | "!=" | "<" | ">";
  readonly to: string;
}

/** What a transaction does; a part's own `serializable` and `revision` are not used. */
export type Part = Put | Get | Range | Delete;

export interface Transaction {
  readonly op: "txn";
  readonly if: readonly Compare[];
  readonly then: readonly Part[];
  readonly else: readonly Part[];
}

export type Action =
  | Part
  | Transaction
  | { readonly op: "grant"; readonly ttl: number }
  | { readonly op: "keepalive"; readonly lease: Decimal }
  | { readonly op: "revoke"; readonly lease: Decimal }
  /** From `from` on (0: from now); its answers are `seen` lines. */
  | { readonly op: "watch"; readonly key: string; readonly end?: string; readonly from: Decimal };

export type PartAnswer =
  | { readonly put: true }
  /** null: no such key. */
  | { readonly kv: Stored | null }
  | { readonly kvs: readonly StoredAt[]; readonly count: number }
  | { readonly deleted: number };

/** What `ok` holds, by operation. `revision` is the one of the answer's header. */
export interface Answers {
  readonly put: { readonly revision: Decimal };
  readonly get: { readonly revision: Decimal; readonly kv: Stored | null };
  readonly range: { readonly revision: Decimal; readonly kvs: readonly StoredAt[]; readonly count: number };
  readonly delete: { readonly revision: Decimal; readonly deleted: number };
  readonly txn: { readonly revision: Decimal; readonly succeeded: boolean; readonly results: readonly PartAnswer[] };
  /** `ttl` in seconds, as granted. */
  readonly grant: { readonly lease: Decimal; readonly ttl: number };
  /** `ttl` in seconds; 0: there is no such lease any more. */
  readonly keepalive: { readonly ttl: number };
  readonly revoke: Record<string, never>;
  /** The watcher ended it. */
  readonly watch: Record<string, never>;
}

export type WatchEvent =
  ({ readonly type: "put" } & StoredAt) | { readonly type: "delete"; readonly key: string; readonly mod: Decimal };

/** One answer of a running watch; without events it says that there were none up to `revision`. */
export interface Seen {
  readonly revision: Decimal;
  readonly events: readonly WatchEvent[];
}
