/** What is wrong with a line; the reader adds which line it is. */
export class LineError extends Error {}

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function fieldsOf(value: unknown, name: string): Fields {
  if (!isFields(value)) throw wrong(name, value, "an object");
  return value;
}

export function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== "string") throw wrong(name, value, "a text");
  return value;
}

export function optionalText(fields: Fields, name: string): string | undefined {
  return fields[name] === undefined ? undefined : text(fields, name);
}

/** A whole number from 0. */
export function count(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw wrong(name, value, "a whole number from 0");
  }
  return value;
}

/** A 64-bit number written in digits. Above 2⁵³ it could not be ordered exactly, so it is refused rather than rounded. */
export function decimal(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== "string" || !/^\d{1,19}$/.test(value))
    throw wrong(name, value, "a whole number written as a text");
  const number = Number(value);
  if (!Number.isSafeInteger(number))
    throw wrong(name, value, "a number below 2^53, the largest that is ordered exactly");
  return number;
}

/** Default: false. */
export function flag(fields: Fields, name: string): boolean {
  return fields[name] === undefined ? false : decision(fields, name);
}

/** One that must be there. */
export function decision(fields: Fields, name: string): boolean {
  const value = fields[name];
  if (typeof value !== "boolean") throw wrong(name, value, "true or false");
  return value;
}

export function list(fields: Fields, name: string): readonly Fields[] {
  const value = fields[name];
  if (!Array.isArray(value)) throw wrong(name, value, "a list");
  return value.map((item) => fieldsOf(item, `an item of "${name}"`));
}

/** The revision of an answer: etcd's store begins with 1. */
export function revision(fields: Fields): number {
  const number = decimal(fields, "revision");
  if (number === 0) throw wrong("revision", fields["revision"], "a revision, which is at least 1");
  return number;
}

function wrong(name: string, value: unknown, expected: string): LineError {
  const shown = value === undefined ? "is missing" : `is ${JSON.stringify(value).slice(0, 80)}`;
  return new LineError(`"${name}" ${shown}: expected ${expected}`);
}
