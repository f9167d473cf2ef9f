import type { Check } from "./checked.ts";
import { parseJson } from "./json.ts";
import { likelyQuantity, parseQuantity } from "./quantity.ts";

/** What a container may be given: "cpu" in cores, the others in bytes, all as Kubernetes quantities. */
export type ResourceList = Readonly<Record<string, string>>;

export interface Resources {
  readonly requests: ResourceList;
  readonly limits: ResourceList;
}

const kinds = ["cpu", "memory", "ephemeral-storage"];

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first thing wrong with one of the two lists, or its quantities as text. */
function resourceList(part: string, given: unknown): { list: ResourceList } | { wrong: string } {
  if (given === undefined) return { list: {} };
  if (!isObject(given)) return { wrong: `${part} must be a map of ${kinds.join(", ")} to quantities` };
  const list: Record<string, string> = {};
  for (const [kind, quantity] of Object.entries(given)) {
    if (!kinds.includes(kind)) return { wrong: `${part}.${kind} is not one of ${kinds.join(", ")}` };
    const text = typeof quantity === "number" || typeof quantity === "string" ? String(quantity) : "";
    const value = parseQuantity(text);
    if (value === undefined || value <= 0) {
      const guess = likelyQuantity(text) ?? (kind === "cpu" ? "250m" : "256Mi");
      return { wrong: `${part}.${kind} must be a Kubernetes quantity above 0, such as ${guess}` };
    }
    list[kind] = text;
  }
  return { list };
}

/**
 * Requests and limits as JSON. What is given replaces the default as a whole, so that a limit can also be left out: a CPU
 * limit, for one, makes a busy member miss heartbeats.
 */
export const containerResources: Check<Resources> = (text) => {
  const advice = "write it in the stack's settings file as requests and limits of cpu, memory and ephemeral-storage";
  const given = parseJson(text);
  if (!isObject(given)) return { problem: `but must be a map: ${advice}` };
  const stray = Object.keys(given).find((part) => part !== "requests" && part !== "limits");
  if (stray !== undefined) return { problem: `but ${stray} is neither requests nor limits: ${advice}` };
  const requests = resourceList("requests", given["requests"]);
  if ("wrong" in requests) return { problem: `but ${requests.wrong}: ${advice}` };
  const limits = resourceList("limits", given["limits"]);
  if ("wrong" in limits) return { problem: `but ${limits.wrong}: ${advice}` };
  for (const [kind, limit] of Object.entries(limits.list)) {
    const request = requests.list[kind];
    if (request !== undefined && (parseQuantity(request) ?? 0) > (parseQuantity(limit) ?? 0)) {
      return {
        problem: `but limits.${kind} (${limit}) must not be below requests.${kind} (${request}): raise the limit`,
      };
    }
  }
  return { value: { requests: requests.list, limits: limits.list } };
};
