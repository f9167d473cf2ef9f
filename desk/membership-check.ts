import { Cluster } from "./cluster.ts";
import { Unreachable, type Place } from "./connection.ts";
import { membershipPlan, type Plan } from "./plan.ts";

/** What an update would do to the membership. */
export type Foreseen =
  | { readonly kind: "unknown"; readonly why: string }
  | { readonly kind: "unchanged" }
  | { readonly kind: "change"; readonly plan: Plan };

/**
 * Looks at the living cluster before an update: what its members would do if the StatefulSet got `target` replicas. Only
 * one question is asked where replicas stay as they are.
 *
 * @param target 0 is hibernation
 */
export async function foresee(place: Place, statefulSetName: string, target: number): Promise<Foreseen> {
  try {
    const cluster = new Cluster(place, statefulSetName);
    const statefulSet = await cluster.objects.statefulSet();
    const gone = `there is no StatefulSet ${place.namespace}/${statefulSetName}`;
    if (statefulSet === undefined) return { kind: "unknown", why: gone };
    if (statefulSet.replicas === target) return { kind: "unchanged" };
    const seen = await cluster.look();
    return seen === undefined ? { kind: "unknown", why: gone } : { kind: "change", plan: membershipPlan(seen, target) };
  } catch (error) {
    if (error instanceof Unreachable) return { kind: "unknown", why: error.message };
    throw error;
  }
}
