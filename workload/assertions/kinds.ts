/**
 * The kinds of properties, and how each is written (the assertion schema of Antithesis, antithesis.com/assertions.schema.json,
 * and what its SDKs send): `must_hit` says that never having been reached is a failure.
 */
export const kinds = {
  /** True each time, and reached at least once. */
  Always: { assertType: "always", mustHit: true },
  /** True each time it is reached. */
  AlwaysOrUnreachable: { assertType: "always", mustHit: false },
  /** True at least once. */
  Sometimes: { assertType: "sometimes", mustHit: true },
  /** Reached at least once. */
  Reachable: { assertType: "reachability", mustHit: true },
  /** Never reached. */
  Unreachable: { assertType: "reachability", mustHit: false },
} as const;

export type Kind = keyof typeof kinds;

/** A property as a program declares it. */
export interface Declared {
  readonly kind: Kind;
  /** The source file that asserts it. */
  readonly file: string;
}

/** Every property by its message, which is also its id. */
export type Catalog = Readonly<Record<string, Declared>>;
