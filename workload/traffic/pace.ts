import { setTimeout as sleep } from "node:timers/promises";

/** Gives one client's operations their times. */
export interface Pace {
  /** Resolves when the next operation is due, or at once after `signal` was aborted. */
  next(signal: AbortSignal): Promise<void>;
}

/**
 * So many operations a second, evenly; what an operation that took too long has missed is not made up for, so that an outage
 * is not followed by a flood.
 * @param perSecond of this client; undefined: as fast as answers come
 * @param offset share of an interval, 0 to 1, by which the first is later: clients that start together then take turns
 */
export function pace(perSecond: number | undefined, offset: number): Pace {
  if (perSecond === undefined) return { next: () => Promise.resolve() };
  const interval = 1000 / perSecond;
  let due = performance.now() + offset * interval;
  return {
    async next(signal) {
      const wait = due - performance.now();
      if (wait > 0) await sleep(wait, undefined, { signal }).catch(() => undefined);
      const late = performance.now() - due;
      due += late < interval ? interval : late + interval;
    },
  };
}
