import { kinds, type Catalog, type Kind } from "./kinds.ts";
import { type Output } from "./output.ts";

/** What goes with an assertion for whoever reads about it; must be what JSON can tell. */
export type Details = Readonly<Record<string, unknown>>;

/** The messages of a catalog's properties of one kind. */
type MessageOf<C extends Catalog, K extends Kind> = {
  [M in keyof C & string]: C[M]["kind"] extends K ? M : never;
}[keyof C & string];

/** A text in details is cut after so many characters: a line is for reading. */
const longestText = 1000;

/**
 * States properties of the system under test, as JSON lines in the form Antithesis's fallback SDK documents. A property must be
 * in the catalog, with its kind: the type of the message sees to that.
 *
 * When the program begins, the whole catalog is written, so that a property nobody ever reached shows as such. After that
 * only the first time a property holds and the first time it fails are written, per process, as Antithesis's SDKs do it.
 */
export class Assertions<C extends Catalog> {
  readonly #catalog: C;
  readonly #output: Output;
  readonly #written = new Set<string>();

  constructor(catalog: C, output: Output) {
    this.#catalog = catalog;
    this.#output = output;
    for (const message of Object.keys(catalog)) this.#write(message, false, false, null);
  }

  /** `condition` holds each time, and this is reached at least once. */
  always(message: MessageOf<C, "Always">, condition: boolean, details: Details | null = null): void {
    this.#state(message, condition, details);
  }

  /** `condition` holds each time this is reached. */
  alwaysOrUnreachable(
    message: MessageOf<C, "AlwaysOrUnreachable">,
    condition: boolean,
    details: Details | null = null,
  ): void {
    this.#state(message, condition, details);
  }

  /** `condition` holds at least once. */
  sometimes(message: MessageOf<C, "Sometimes">, condition: boolean, details: Details | null = null): void {
    this.#state(message, condition, details);
  }

  /** This is reached at least once. */
  reachable(message: MessageOf<C, "Reachable">, details: Details | null = null): void {
    this.#state(message, true, details);
  }

  /** This is never reached. */
  unreachable(message: MessageOf<C, "Unreachable">, details: Details | null = null): void {
    this.#state(message, false, details);
  }

  /**
   * Says that the system is ready to be tested. To be said once per run, and never by a test command: those begin only after
   * it, so that one that says it would wait for itself.
   */
  setupComplete(details: Details): void {
    this.#output.append({ antithesis_setup: { status: "complete", details } });
  }

  #state(message: string, condition: boolean, details: Details | null): void {
    const once = `${condition ? "holds" : "fails"} ${message}`;
    if (this.#written.has(once)) return;
    this.#written.add(once);
    this.#write(message, true, condition, details);
  }

  #write(message: string, hit: boolean, condition: boolean, details: Details | null): void {
    const declared = this.#catalog[message];
    if (declared === undefined) throw new Error(`"${message}" is in no catalog`);
    const { assertType, mustHit } = kinds[declared.kind];
    this.#output.append({
      antithesis_assert: {
        id: message,
        message,
        condition,
        display_type: declared.kind,
        hit,
        must_hit: mustHit,
        assert_type: assertType,
        location: { file: declared.file, function: "", class: "", begin_line: 0, begin_column: 0 },
        details: details === null ? null : shortened(details),
      },
    });
  }
}

function shortened(details: Details): Details {
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [
      name,
      typeof value === "string" && value.length > longestText ? `${value.slice(0, longestText)}…` : value,
    ]),
  );
}
