import type { Value } from "./object.ts";
import { isMap } from "./object.ts";

/** Controls (C0, DEL, C1), line separators and what turns the direction of writing: a terminal acts on them. */
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/g;

/** A text from elsewhere as it may go to a terminal: one line, no control characters, and no secret it may repeat. */
export function cleanText(text: string, secrets: readonly string[]): string {
  const printable = text.replace(unprintable, "\ufffd");
  return secrets.filter((secret) => secret !== "").reduce((rest, secret) => rest.replaceAll(secret, "***"), printable);
}

/** All texts of a value, keys included, made clean. */
export function clean(value: Value, secrets: readonly string[]): Value {
  if (typeof value === "string") return cleanText(value, secrets);
  if (Array.isArray(value)) return value.map((inner) => clean(inner, secrets));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [cleanText(key, secrets), clean(inner, secrets)]),
  );
}
