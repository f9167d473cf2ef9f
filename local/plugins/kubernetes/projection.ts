import type { PropertyMap, PropertyValue } from "../rpc/values.ts";
import { at, isMap, textAt } from "../rpc/values.ts";
import type { KubernetesObject } from "./object.ts";

/**
 * The part of a live object the inputs speak of: their fields with the live values. What the API server and controllers
 * added beside them is no drift; what was changed or taken away from them is.
 */
export function project(live: KubernetesObject, inputs: KubernetesObject): KubernetesObject {
  return projectMap(withStringData(live, inputs), inputs);
}

function projectMap(live: PropertyMap, inputs: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([key, wish]): [string, PropertyValue][] => {
      const found = Object.hasOwn(live, key) ? live[key] : undefined;
      if (found !== undefined) {
        return [[key, projectValue(found, wish)]];
      }
      // The API server leaves empty values out of what it sends: this one is there.
      return isEmpty(wish) ? [[key, wish]] : [];
    }),
  );
}

function projectValue(live: PropertyValue, wish: PropertyValue): PropertyValue {
  if (isMap(live) && isMap(wish)) {
    return projectMap(live, wish);
  }
  if (Array.isArray(live) && Array.isArray(wish)) {
    return live.map((element, index) => {
      const counterpart = wish[index];
      return counterpart === undefined ? element : projectValue(element, counterpart);
    });
  }
  return live;
}

function isEmpty(value: PropertyValue): boolean {
  if (Array.isArray(value)) {
    return value.length === 0;
  }
  return isMap(value)
    ? Object.keys(value).length === 0
    : value === "" || value === 0 || value === false || value === null;
}

/** A Secret's stringData is write-only: the server keeps it, encoded, in data. */
function withStringData(live: KubernetesObject, inputs: KubernetesObject): KubernetesObject {
  const wanted = at(inputs, "stringData");
  if (textAt(live, "kind") !== "Secret" || !isMap(wanted)) {
    return live;
  }
  const decoded = Object.keys(wanted).flatMap((key): [string, string][] => {
    const encoded = textAt(live, "data", key);
    return encoded === undefined ? [] : [[key, Buffer.from(encoded, "base64").toString("utf8")]];
  });
  return { ...live, stringData: Object.fromEntries(decoded) };
}

// What the server alone sets (ObjectMeta of the Kubernetes API reference).
const serverMetadata = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
];

/** The inputs that would make a live object: for objects that are read, not made, by a program. */
export function inputsFromLive(live: KubernetesObject): KubernetesObject {
  const metadata = at(live, "metadata");
  const own = isMap(metadata)
    ? Object.fromEntries(Object.entries(metadata).filter(([key]) => !serverMetadata.includes(key)))
    : {};
  return { ...Object.fromEntries(Object.entries(live).filter(([key]) => key !== "status")), metadata: own };
}
