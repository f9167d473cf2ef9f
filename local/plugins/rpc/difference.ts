import type { ChangeKind, PropertyChange } from "./provider.ts";
import type { PropertyMap, PropertyValue } from "./values.ts";
import { equal, isMap, Unknown } from "./values.ts";
import { sameQuantity } from "./quantity.ts";

type Path = readonly (string | number)[];

/**
 * What has to change for one object to become another, by property path.
 * @param replaceOn properties (`spec.selector`) that can't be changed in place, with all that is under them
 */
export function differences(
  from: PropertyMap,
  to: PropertyMap,
  replaceOn: readonly string[],
): Map<string, PropertyChange> {
  const changes = new Map<string, PropertyChange>();
  const record = (path: Path, kind: ChangeKind, value: PropertyValue | undefined): void => {
    changes.set(pathText(path), { kind, replace: forcesReplacement(path, value, replaceOn) });
  };
  compareMaps([], from, to, record);
  return changes;
}

type Recorder = (path: Path, kind: ChangeKind, value: PropertyValue | undefined) => void;

function compareMaps(path: Path, from: PropertyMap, to: PropertyMap, record: Recorder): void {
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    compare([...path, key], own(from, key), own(to, key), record);
  }
}

function own(map: PropertyMap, key: string): PropertyValue | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function compare(path: Path, from: PropertyValue | undefined, to: PropertyValue | undefined, record: Recorder): void {
  if (from === undefined || to === undefined) {
    if (from !== to) {
      record(path, from === undefined ? "add" : "delete", from ?? to);
    }
  } else if (isMap(from) && isMap(to)) {
    compareMaps(path, from, to, record);
  } else if (Array.isArray(from) && Array.isArray(to)) {
    for (let index = 0; index < Math.max(from.length, to.length); index += 1) {
      compare([...path, index], from[index], to[index], record);
    }
  } else if (to instanceof Unknown || !(equal(from, to) || sameAmount(path, from, to))) {
    record(path, "update", to);
  }
}

// Where the API has quantities (k8s.io/api core/v1): `resources.limits.cpu`, `emptyDir.sizeLimit` and the like.
const quantityMaps = new Set(["limits", "requests", "capacity", "hard"]);

function sameAmount(path: Path, from: PropertyValue, to: PropertyValue): boolean {
  const isQuantity = quantityMaps.has(String(path.at(-2))) || path.at(-1) === "sizeLimit";
  const scalar = (value: PropertyValue) => typeof value === "string" || typeof value === "number";
  return isQuantity && scalar(from) && scalar(to) && sameQuantity(from, to);
}

function forcesReplacement(path: Path, value: PropertyValue | undefined, replaceOn: readonly string[]): boolean {
  const keys = path.filter((part) => typeof part === "string");
  return replaceOn.some((property) => {
    const wanted = property.split(".");
    if (wanted.every((part, index) => part === keys[index])) {
      return true;
    }
    // A whole branch that comes or goes takes the property with it.
    return keys.every((part, index) => part === wanted[index]) && holds(value, wanted.slice(keys.length));
  });
}

function holds(value: PropertyValue | undefined, path: readonly string[]): boolean {
  let current = value;
  for (const key of path) {
    current = isMap(current) ? current[key] : undefined;
  }
  return current !== undefined;
}

/** A path as the engine spells it: `metadata.labels["app.kubernetes.io/name"]`, `spec.ports[0].name`. */
function pathText(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") {
      text += `[${part}]`;
    } else if (/[."[\]]/.test(part)) {
      text += `["${part.replaceAll('"', '\\"')}"]`;
    } else {
      text += text === "" ? part : `.${part}`;
    }
  }
  return text;
}
