import { Cluster } from "./cluster.ts";
import { Unreachable, type Place } from "./connection.ts";
import type { StatefulSetSeen } from "./objects.ts";
import { membershipPlan, type Plan, type Refusal } from "./plan.ts";
import { restartRefusals } from "./restart.ts";

/** A rolling restart that an update would bring about. */
export interface Restart {
  /** What changes in the pod template. */
  readonly changes: readonly string[];
  readonly refusals: readonly Refusal[];
}

/** What an update would do to the members. */
export type Foreseen =
  | { readonly kind: "unknown"; readonly why: string }
  | { readonly kind: "unchanged" }
  | { readonly kind: "change"; readonly plan: Plan | undefined; readonly restart: Restart | undefined };

/** What an update declares. */
export interface Wish {
  /** 0 is hibernation. */
  readonly replicas: number;
  /** What of the living StatefulSet's pod template would be another one; see components/template-changes.ts. */
  readonly templateChanges: (live: StatefulSetSeen) => readonly string[];
}

/**
 * Looks at the living cluster before an update: what its members would do. Only one question is asked where replicas and
 * pod template stay as they are.
 */
export async function foresee(place: Place, statefulSetName: string, wish: Wish): Promise<Foreseen> {
  try {
    const cluster = new Cluster(place, statefulSetName);
    const live = await cluster.objects.statefulSet();
    const gone = `there is no StatefulSet ${place.namespace}/${statefulSetName}`;
    if (live === undefined) return { kind: "unknown", why: gone };
    const isScaled = live.replicas !== wish.replicas;
    // Nobody is restarted who does not run, or is to run no more.
    const changes = live.replicas === 0 || wish.replicas === 0 ? [] : wish.templateChanges(live);
    if (!isScaled && changes.length === 0) return { kind: "unchanged" };
    const seen = await cluster.look();
    if (seen === undefined) return { kind: "unknown", why: gone };
    return {
      kind: "change",
      plan: isScaled ? membershipPlan(seen, wish.replicas) : undefined,
      restart: changes.length === 0 ? undefined : { changes, refusals: restartRefusals(seen) },
    };
  } catch (error) {
    if (error instanceof Unreachable) return { kind: "unknown", why: error.message };
    throw error;
  }
}
