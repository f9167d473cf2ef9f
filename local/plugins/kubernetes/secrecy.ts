import type { PropertyMap, PropertyValue } from "../rpc/values.ts";
import { hasSecret, isMap, Secret } from "../rpc/values.ts";

/**
 * Marks as secret what came from secret inputs, and all data of Secrets: the engine encrypts it in the state and does
 * not show it. A list with a secret element is secret as a whole, since the server may have another order.
 */
export function conceal(outputs: PropertyMap, inputs: PropertyMap): PropertyMap {
  const concealed = { ...outputs };
  if (outputs["kind"] === "Secret") {
    for (const key of ["data", "stringData"]) {
      const value = outputs[key];
      if (value !== undefined) {
        concealed[key] = new Secret(value);
      }
    }
    return concealed;
  }
  for (const [key, input] of Object.entries(inputs)) {
    const output = outputs[key];
    if (output !== undefined) {
      concealed[key] = concealValue(output, input);
    }
  }
  return concealed;
}

function concealValue(output: PropertyValue, input: PropertyValue): PropertyValue {
  if (isMap(output) && isMap(input)) {
    return conceal(output, input);
  }
  return hasSecret(input) && !(output instanceof Secret) ? new Secret(output) : output;
}
