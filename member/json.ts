import { Trouble } from "./trouble.ts";

/** Reading of JSON that came from outside: every step says what is missing instead of handing on `undefined`. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What came makes no sense. */
export class UnexpectedAnswer extends Trouble {}

/** @throws UnexpectedAnswer where the text is no JSON */
export function parseJson(text: string, from: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new UnexpectedAnswer(`${from} answered with something that is no JSON: ${text.slice(0, 120)}`);
  }
}

/** A field of an object, undefined where the value is no object or has no such field. */
export function field(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let at = value;
  for (const key of path) {
    if (at === null || typeof at !== "object" || Array.isArray(at)) return undefined;
    at = at[key];
  }
  return at;
}

export function asText(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function asNumber(value: Json | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

export function asList(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

/** Text for text, as in the `data` of a ConfigMap; other values are left out. */
export function asTextMap(value: Json | undefined): Readonly<Record<string, string>> {
  if (value === null || value === undefined || typeof value !== "object" || Array.isArray(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
