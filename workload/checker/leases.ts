import { absent, type Operation } from "../history/operation.ts";
import { type Moment } from "./told.ts";

const microsecondsPerSecond = 1_000_000;

/** The last thing known to have kept a lease alive, and until when it did at least. */
export interface LeaseLife {
  /** The grant or renewal. */
  readonly operation: Operation;
  readonly until: Moment;
}

/**
 * Until when each lease certainly lived. A member counts its time to live from when it handled the grant or renewal, which was
 * after the client sent it; and only a renewal of a lease that is still there succeeds.
 * @returns by lease, the longest life by each clock
 */
export function leaseLives(renewals: readonly Operation[]): ReadonlyMap<number, readonly LeaseLife[]> {
  const lives = new Map<number, LeaseLife[]>();
  for (const operation of renewals) {
    if (operation.detail?.kind !== "lease" || operation.lease === absent) continue;
    const ttl = operation.detail.ttl ?? 0;
    if (ttl === 0) continue;
    const { clock } = operation.process;
    const until = { clock, at: operation.start + ttl * microsecondsPerSecond };
    const known = lives.get(operation.lease) ?? [];
    const before = known.find((life) => life.until.clock === clock);
    if (before !== undefined && before.until.at >= until.at) continue;
    lives.set(operation.lease, [...known.filter((life) => life !== before), { operation, until }]);
  }
  return lives;
}
