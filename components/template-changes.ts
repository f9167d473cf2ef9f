import { parseQuantity } from "./quantity.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * What of a pod template would change, and so restart its pods one after the other.
 *
 * @param declared as it is about to be applied
 * @param live as the API server has it: with its defaults, and what others have added
 * @returns a path for each difference, such as "spec.containers[0].image"; what only `live` has is no difference, but for
 *   limits and constraints that are declared no more
 */
export function templateChanges(declared: unknown, live: unknown, path = ""): string[] {
  if (declared === undefined) return [];
  if (path.endsWith("resources")) return resourceChanges(fields(declared), fields(live), path);
  if (Array.isArray(declared)) return listChanges(declared, Array.isArray(live) ? live : [], path);
  if (typeof declared !== "object" || declared === null) return declared === live ? [] : [path];
  const given = "containers" in declared ? { ...declaredNoMore, ...declared } : fields(declared);
  return Object.entries(given).flatMap(([key, value]) =>
    templateChanges(value, fields(live)[key], path === "" ? key : `${path}.${key}`),
  );
}

/** Lists of a pod that a setting takes away. */
const declaredNoMore: Fields = { topologySpreadConstraints: [], imagePullSecrets: [] };

function listChanges(declared: readonly unknown[], live: readonly unknown[], path: string): string[] {
  if (declared.length !== live.length) return [path];
  return declared.flatMap((value, at) => templateChanges(value, live[at], `${path}[${at}]`));
}

/** The API server writes quantities its own way ("0.5" as "500m") and takes limits for the requests that are not given. */
function resourceChanges(declared: Fields, live: Fields, path: string): string[] {
  const limits = fields(declared["limits"]);
  const expected: Fields = { limits, requests: { ...limits, ...fields(declared["requests"]) } };
  return Object.entries(expected).flatMap(([kind, list]) => {
    const [wanted, has] = [fields(list), fields(live[kind])];
    return [...new Set([...Object.keys(wanted), ...Object.keys(has)])]
      .filter((key) => quantity(wanted[key]) !== quantity(has[key]))
      .map((key) => `${path}.${kind}.${key}`);
  });
}

function quantity(value: unknown): number | undefined {
  return typeof value === "string" || typeof value === "number" ? parseQuantity(String(value)) : undefined;
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}
