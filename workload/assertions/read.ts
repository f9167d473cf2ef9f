import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { kinds, type Kind } from "./kinds.ts";

export interface AssertionEvent {
  readonly type: "assertion";
  readonly message: string;
  readonly kind: Kind;
  readonly condition: boolean;
  readonly hit: boolean;
  readonly details: unknown;
}

export interface SetupEvent {
  readonly type: "setup";
}

export interface SdkLines {
  readonly files: readonly string[];
  readonly events: readonly (AssertionEvent | SetupEvent)[];
  /** Lines that were left out: a program was killed, or its disk was full, while it wrote them. */
  readonly torn: readonly string[];
}

/** What can't be judged; its message is a sentence for the one who asked. */
export class UnreadableAssertions extends Error {}

/**
 * Reads every *.jsonl file below a folder, or one file, for lines of assertions and of a completed setup; other lines are other
 * programs' and none of this.
 * @throws UnreadableAssertions when there is nothing to read, or a line of an assertion is not one
 */
export function readAssertions(path: string): SdkLines {
  const files = filesOf(path);
  if (files.length === 0) throw new UnreadableAssertions(`${path} has no .jsonl file: no assertions to judge`);
  const torn: string[] = [];
  const events = files.flatMap((file) =>
    readFileSync(file, "utf8")
      .split("\n")
      .flatMap((line, index) => eventOf(line, `${file}:${index + 1}`, torn)),
  );
  if (events.length === 0)
    throw new UnreadableAssertions(`${files.join(", ")}: no assertion in it, so nothing to judge`);
  return { files, events, torn };
}

function filesOf(path: string): readonly string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new UnreadableAssertions(`${path} does not exist`);
  return found.isDirectory() ? globSync(join(path, "**/*.jsonl")).sort() : [path];
}

function eventOf(line: string, where: string, torn: string[]): (AssertionEvent | SetupEvent)[] {
  if (line.trim() === "") return [];
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch {
    torn.push(where);
    return [];
  }
  if (!isFields(fields)) return [];
  if (fields["antithesis_setup"] !== undefined) return [{ type: "setup" }];
  if (fields["antithesis_assert"] === undefined) return [];
  return [assertion(fields["antithesis_assert"], where)];
}

function assertion(value: unknown, where: string): AssertionEvent {
  if (!isFields(value)) throw new UnreadableAssertions(`${where}: "antithesis_assert" is not an object`);
  const { message, condition, hit, details } = value;
  if (typeof message !== "string" || typeof condition !== "boolean" || typeof hit !== "boolean") {
    throw new UnreadableAssertions(`${where}: an assertion needs a "message", a "condition" and a "hit"`);
  }
  return { type: "assertion", message, kind: kindOf(value, where), condition, hit, details };
}

/** Told by what every SDK sends; `display_type` is free text. */
function kindOf({ assert_type, must_hit }: Readonly<Record<string, unknown>>, where: string): Kind {
  for (const kind of Object.keys(kinds) as Kind[]) {
    if (kinds[kind].assertType === assert_type && kinds[kind].mustHit === must_hit) return kind;
  }
  const shown = `${JSON.stringify(assert_type)}, "must_hit" ${JSON.stringify(must_hit)}`;
  throw new UnreadableAssertions(`${where}: "assert_type" ${shown} is no kind of assertion`);
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
