import { type World } from "../cluster/world.ts";
import { type PlannedFault } from "../report-format.ts";

/**
 * Undoing a fault, or making sure that it is undone, as plain data: it is written down before the fault is done, so that
 * whoever comes after a drill that was killed can do it. Done twice, or where nothing is to be undone, it changes nothing.
 */
export type UndoStep =
  | { readonly undo: "continue"; readonly pod: string }
  | { readonly undo: "open network"; readonly pod: string }
  | { readonly undo: "scale back"; readonly replicas: number }
  | { readonly undo: "lower alarms" }
  | { readonly undo: "continue component"; readonly component: string; readonly pid: number };

/** Looks for the effect of a fault that was done: words once it can be seen, undefined before. */
export type Observe = () => Promise<string | undefined>;

/** One kind of fault. */
export interface FaultKind {
  readonly kind: string;
  /** For people, with the target in words. */
  title(planned: PlannedFault): string;
  /** Whether nothing else may be on while it is. */
  readonly alone: boolean;
  /** What two faults can't use at the same time, such as a pod's network rules; undefined: nothing. */
  readonly uses?: "network" | "stop" | "alarm";
  /** Whether pods are replaced, and with them their network: no fault of the network can be on meanwhile. */
  readonly replacesPods?: true;
  /** How long it may take until its effect is seen, in milliseconds. */
  readonly visibleWithinMs: number;
  /** Until all members are to be healthy again after its end, in milliseconds. */
  readonly recoveryBoundMs: number;
  /** Why this cluster can't have it, in one sentence; undefined: it can. */
  missing(world: World): Promise<string | undefined>;
  /** What undoes it. Written down before `start`. */
  undo(world: World, planned: PlannedFault, targets: readonly string[]): UndoStep[];
  /** Does it. */
  start(world: World, planned: PlannedFault, targets: readonly string[]): Promise<Observe>;
}

/** Whether one has to wait until the other is over. */
export function excludeEachOther(one: FaultKind, other: FaultKind): boolean {
  if (one.alone || other.alone) return true;
  if (one.uses !== undefined && one.uses === other.uses) return true;
  return [one, other].some(({ uses }) => uses === "network") && [one, other].some(({ replacesPods }) => replacesPods);
}

/** Words for the target of a plan. */
export function targetWords(target: string): string {
  if (/^\d+$/.test(target)) return `member ${target}`;
  switch (target) {
    case "leader":
      return "the leader";
    case "majority":
      return "a majority";
    case "all":
      return "all members";
    default:
      return target;
  }
}

/** Nothing is missing. */
export function always(): Promise<undefined> {
  return Promise.resolve(undefined);
}
