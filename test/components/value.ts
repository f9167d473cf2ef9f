/** A plain value, as it stands in a manifest or in the engine's state. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

/** A manifest as the API server would see it: without absent fields. Only for manifests without outputs. */
export function plain(manifest: object): Value {
  return JSON.parse(JSON.stringify(manifest)) as Value;
}

/** The value at a path such as "spec.template.spec.containers.0.image", or undefined. */
export function at(value: Value | undefined, path: string): Value | undefined {
  return path.split(".").reduce<Value | undefined>((inner, key) => {
    if (typeof inner !== "object" || inner === null) return undefined;
    return Array.isArray(inner) ? inner[Number(key)] : inner[key];
  }, value);
}
