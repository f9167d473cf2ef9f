import { type LineObject } from "./simulate.ts";

export interface Offsets {
  readonly t: number;
  readonly process: number;
  readonly revision: number;
}

/** The same lines, later, by other clients, at later revisions and on other keys (their names get a z in front). */
export function embedded(lines: readonly LineObject[], offsets: Offsets): LineObject[] {
  return lines.map((line) => shiftedFields(line, offsets));
}

function shiftedFields(fields: object, offsets: Offsets): LineObject {
  const revisions = "target" in fields && (fields.target === "mod" || fields.target === "create");
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]: [string, unknown]) => {
      if (name === "to" && revisions) return [name, shiftedRevision(value, offsets)];
      return [name, shifted(name, value, offsets)];
    }),
  );
}

function shifted(name: string, value: unknown, offsets: Offsets): unknown {
  if (name === "t" && typeof value === "number") return value + offsets.t;
  if (name === "p" && typeof value === "number") return value + offsets.process;
  if ((name === "key" || name === "end") && typeof value === "string") return `z${value}`;
  if (name === "revision" || name === "mod" || name === "create" || name === "from")
    return shiftedRevision(value, offsets);
  if (Array.isArray(value)) return value.map((item: unknown) => shifted("", item, offsets));
  return typeof value === "object" && value !== null ? shiftedFields(value, offsets) : value;
}

function shiftedRevision(value: unknown, { revision }: Offsets): unknown {
  return typeof value === "string" && value !== "0" ? String(Number(value) + revision) : value;
}
