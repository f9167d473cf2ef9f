import structProto from "google-protobuf/google/protobuf/struct_pb.js";
import type { JavaScriptValue, Struct, Value } from "google-protobuf/google/protobuf/struct_pb.js";

/** A resource property as the engine sends it: JSON plus secrets and values a preview does not know yet. */
export type PropertyValue = null | boolean | number | string | PropertyValue[] | PropertyMap | Secret | Unknown;
export interface PropertyMap {
  [key: string]: PropertyValue;
}

/** A value the engine encrypts in its state and hides on the screen. */
export class Secret {
  readonly value: PropertyValue;

  constructor(value: PropertyValue) {
    this.value = value;
  }
}

/** A value that is only known once something else was created. */
export class Unknown {
  readonly kind = "unknown";
}

// The engine's spelling of special values in a protobuf Struct (pulumi sdk/go/common/resource/{properties,sig}.go).
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const unknownMarks = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);
const unknownMark = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The properties in a Struct from the engine; an absent Struct is an empty map. Null members are dropped. */
export function parseStruct(struct: Struct | undefined): PropertyMap {
  const members: [string, PropertyValue][] = [];
  struct?.getFieldsMap().forEach((value, key) => {
    const property = parseValue(value);
    if (property !== null) {
      members.push([key, property]);
    }
  });
  // Not by assignment: a member named __proto__ is one like any other.
  return Object.fromEntries(members);
}

function parseValue(value: Value): PropertyValue {
  const kind = structProto.Value.KindCase;
  switch (value.getKindCase()) {
    case kind.BOOL_VALUE:
      return value.getBoolValue();
    case kind.NUMBER_VALUE:
      return value.getNumberValue();
    case kind.STRING_VALUE:
      return unknownMarks.has(value.getStringValue()) ? new Unknown() : value.getStringValue();
    case kind.LIST_VALUE:
      return (value.getListValue()?.getValuesList() ?? []).map(parseValue);
    case kind.STRUCT_VALUE: {
      const map = parseStruct(value.getStructValue());
      return map[signatureKey] === secretSignature ? new Secret(map["value"] ?? null) : map;
    }
    default:
      return null;
  }
}

/** The Struct that tells the engine these properties. */
export function toStruct(properties: PropertyMap): Struct {
  return structProto.Struct.fromJavaScript(serializeMap(properties));
}

function serializeMap(map: PropertyMap): { [key: string]: JavaScriptValue } {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, serialize(value)]));
}

function serialize(value: PropertyValue): JavaScriptValue {
  if (value instanceof Secret) {
    return { [signatureKey]: secretSignature, value: serialize(value.value) };
  }
  if (value instanceof Unknown) {
    return unknownMark;
  }
  if (Array.isArray(value)) {
    return value.map(serialize);
  }
  return value !== null && typeof value === "object" ? serializeMap(value) : value;
}

/** True for a map (not an array, a secret or an unknown). */
export function isMap(value: PropertyValue | undefined): value is PropertyMap {
  return (
    value !== null &&
    typeof value === "object" &&
    !Array.isArray(value) &&
    !(value instanceof Secret) &&
    !(value instanceof Unknown)
  );
}

/** The same value with no secret marks. */
export function withoutSecrets(value: PropertyMap): PropertyMap {
  return mapValues(value, reveal);
}

function reveal(value: PropertyValue): PropertyValue {
  if (value instanceof Secret) {
    return reveal(value.value);
  }
  if (Array.isArray(value)) {
    return value.map(reveal);
  }
  return isMap(value) ? mapValues(value, reveal) : value;
}

function mapValues(map: PropertyMap, change: (value: PropertyValue) => PropertyValue): PropertyMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}

/** True when a value in it is not known yet. */
export function hasUnknown(value: PropertyValue): boolean {
  return some(value, (part) => part instanceof Unknown);
}

/** True when a value in it is secret. */
export function hasSecret(value: PropertyValue): boolean {
  return some(value, (part) => part instanceof Secret);
}

function some(value: PropertyValue, test: (part: PropertyValue) => boolean): boolean {
  if (test(value)) {
    return true;
  }
  if (value instanceof Secret) {
    return some(value.value, test);
  }
  if (Array.isArray(value)) {
    return value.some((part) => some(part, test));
  }
  return isMap(value) && Object.values(value).some((part) => some(part, test));
}

/** @throws SyntaxError when the text is not JSON */
export function parseJson(text: string): PropertyValue {
  const parsed: unknown = JSON.parse(text);
  return isJson(parsed) ? parsed : null;
}

/** What JSON.parse yields is JSON by definition: there is nothing to look for inside. */
function isJson(value: unknown): value is PropertyValue {
  return ["string", "number", "boolean", "object"].includes(typeof value);
}

/** What lies under a path of keys, or undefined where the path ends early. */
export function at(value: PropertyValue | undefined, ...path: string[]): PropertyValue | undefined {
  let current = value;
  for (const key of path) {
    current = isMap(current) && Object.hasOwn(current, key) ? current[key] : undefined;
  }
  return current;
}

/** The text under a path, or undefined when there is none or it is not text. */
export function textAt(value: PropertyValue | undefined, ...path: string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/** The number under a path, or undefined when there is none or it is not a number. */
export function numberAt(value: PropertyValue | undefined, ...path: string[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === "number" ? found : undefined;
}

/** The elements under a path; none when there is no list. */
export function listAt(value: PropertyValue | undefined, ...path: string[]): readonly PropertyValue[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** Structural equality; two unknowns differ, since either may turn out to be anything. */
export function equal(a: PropertyValue | undefined, b: PropertyValue | undefined): boolean {
  if (a instanceof Secret || b instanceof Secret) {
    return equal(a instanceof Secret ? a.value : a, b instanceof Secret ? b.value : b);
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((part, index) => equal(part, b[index]));
  }
  if (isMap(a) && isMap(b)) {
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
  }
  return a === b && !(a instanceof Unknown);
}
