import type { PropertyMap, PropertyValue } from "../rpc/values.ts";
import { hasSecret, isMap, Secret } from "../rpc/values.ts";

/** Where a Secret has what is secret. */
const secretMembers = new Set(["data", "stringData"]);

/**
 * Marks as secret what came from secret inputs, and all data of Secrets: the engine encrypts it in the state and does
 * not show it. A list with a secret element is secret as a whole, since the server may have another order.
 */
export function conceal(outputs: PropertyMap, inputs: PropertyMap): PropertyMap {
  const isSecret = outputs["kind"] === "Secret";
  return Object.fromEntries(
    Object.entries(outputs).map(([key, output]) => {
      if (isSecret) {
        return [key, secretMembers.has(key) ? new Secret(output) : output];
      }
      const input = Object.hasOwn(inputs, key) ? inputs[key] : undefined;
      return [key, input === undefined ? output : concealValue(output, input)];
    }),
  );
}

function concealValue(output: PropertyValue, input: PropertyValue): PropertyValue {
  if (isMap(output) && isMap(input)) {
    return conceal(output, input);
  }
  return hasSecret(input) && !(output instanceof Secret) ? new Secret(output) : output;
}
