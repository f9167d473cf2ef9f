import type { StatefulSetWord } from "../../../../member/kubernetes.ts";
import type { Volume } from "./volume.ts";

/** A StatefulSet that nobody deletes. */
export function statefulSet(replicas: number): StatefulSetWord {
  return { replicas, deleting: false, owner: undefined };
}

export interface Claim {
  volume: Volume;
  /** It is gone as soon as no pod uses it. */
  deleting: boolean;
}

/** A pod as the API server has it. */
export interface PodObject {
  readonly uid: number;
  readonly ordinal: number;
  readonly claim: Claim;
  terminating: boolean;
}

/** The objects of the API server that a cluster is made of. */
export class ApiObjects {
  statefulSet: StatefulSetWord | undefined;
  latch: Record<string, string> | undefined;
  readonly pods = new Map<number, PodObject>();
  readonly claims = new Map<number, Claim>();
  /** Until when (in simulated milliseconds) the API server is away. */
  awayUntil = 0;

  createLatch(data: Record<string, string>): boolean {
    if (this.latch !== undefined) return false;
    this.latch = { ...data };
    return true;
  }

  setInLatch(key: string, seen: string, value: string): boolean {
    if (this.latch?.[key] !== seen) return false;
    this.latch[key] = value;
    return true;
  }

  deleteClaim(ordinal: number): void {
    const claim = this.claims.get(ordinal);
    if (claim !== undefined) claim.deleting = true;
  }
}
