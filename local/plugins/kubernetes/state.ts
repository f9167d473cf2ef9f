import type { PropertyMap } from "../rpc/values.ts";
import { isMap, textAt } from "../rpc/values.ts";
import type { KubernetesObject } from "./object.ts";
import { withoutMetadata } from "./object.ts";
import { conceal } from "./secrecy.ts";

// The names under which the official plugin keeps its own things among a resource's outputs (provider.go,
// checkpointObject). With the same ones either plugin can go on where the other stopped.
const inputsKey = "__inputs";
const apiVersionKey = "__initialApiVersion";
const fieldManagerKey = "__fieldManager";

/**
 * What the engine keeps of an object: the live object, and by whom and from which inputs it was made. Who owns which
 * field (managedFields) is left out: it is long, changes with every touch, and is asked from the server when needed.
 */
export function outputsOf(live: KubernetesObject, inputs: PropertyMap, fieldManager: string): PropertyMap {
  const outputs = conceal(withoutMetadata(live, ["managedFields"]), inputs);
  return {
    ...outputs,
    [inputsKey]: conceal(inputs, inputs),
    [apiVersionKey]: textAt(inputs, "apiVersion") ?? textAt(live, "apiVersion") ?? "",
    [fieldManagerKey]: fieldManager,
  };
}

/** The live object in what the engine kept. */
export function liveOf(outputs: PropertyMap): KubernetesObject {
  const own = new Set([inputsKey, apiVersionKey, fieldManagerKey]);
  return Object.fromEntries(Object.entries(outputs).filter(([key]) => !own.has(key)));
}

/** The inputs in what the engine kept, when it has no other word of them. */
export function inputsOf(outputs: PropertyMap): PropertyMap {
  const inputs = outputs[inputsKey];
  return isMap(inputs) ? inputs : {};
}

/** The field manager in what the engine kept. */
export function fieldManagerOf(outputs: PropertyMap): string | undefined {
  return textAt(outputs, fieldManagerKey);
}
