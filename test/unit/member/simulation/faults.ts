import type { Chance } from "../../workload/simulation/chance.ts";

/** How much goes wrong by itself while faults are on; each a probability per message or step. */
export interface FaultRates {
  /** The program is killed before or after a step. */
  readonly crash: number;
  readonly messageLost: number;
  /** A message that arrives takes up to `slowMs`, not a few milliseconds. */
  readonly messageSlow: number;
  /** An answer that is no answer: a proxy's page, a 403. */
  readonly nonsense: number;
}

export const noFaults: FaultRates = { crash: 0, messageLost: 0, messageSlow: 0, nonsense: 0 };

/** Each episode has its own mixture: where everything fails all the time, nothing ever gets far. */
export function someFaults(chance: Chance): FaultRates {
  const rate = (most: number): number => (chance.happens(0.5) ? 0 : most * chance.next() ** 2);
  return { crash: rate(0.02), messageLost: rate(0.05), messageSlow: rate(0.1), nonsense: rate(0.02) };
}
