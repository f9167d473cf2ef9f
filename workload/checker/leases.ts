import { absent, type Operation } from "../history/operation.ts";

const microsecondsPerSecond = 1_000_000;

/** The last thing known to have kept a lease alive, and until when it did at least. */
export interface LeaseLife {
  /** The grant or renewal. */
  readonly operation: Operation;
  /** In microseconds since the history's begin. */
  readonly until: number;
}

/**
 * Until when each lease certainly lived. A member counts its time to live from when it handled the grant or renewal, which was
 * after the client sent it; and only a renewal of a lease that is still there succeeds.
 */
export function leaseLives(renewals: readonly Operation[]): ReadonlyMap<number, LeaseLife> {
  const lives = new Map<number, LeaseLife>();
  for (const operation of renewals) {
    if (operation.detail?.kind !== "lease" || operation.lease === absent) continue;
    const ttl = operation.detail.ttl ?? 0;
    if (ttl === 0) continue;
    const until = operation.start + ttl * microsecondsPerSecond;
    if (until > (lives.get(operation.lease)?.until ?? -Infinity)) lives.set(operation.lease, { operation, until });
  }
  return lives;
}
