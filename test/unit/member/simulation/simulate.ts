import type { Decisions } from "../../../../member/running.ts";
import { runEpisode, type EpisodeResult } from "./episode.ts";

export interface Simulated {
  readonly episodes: number;
  readonly steps: number;
  readonly simulatedMs: number;
  readonly acknowledged: number;
  /** Episodes in which the operator had to declare departed members once more, because too few of the others were up. */
  readonly calledBack: number;
  /** Episodes in which a lost majority was recovered from. */
  readonly recovered: number;
  /** The first episode in which an invariant was broken. */
  readonly broken: EpisodeResult | undefined;
}

/**
 * Episodes with the seeds `seed`, `seed` + 1, … until so many steps were taken, or an invariant was broken.
 *
 * @param told hears of every episode as it ends
 */
export async function simulate(
  seed: number,
  steps: number,
  decisions?: Decisions,
  told: (result: EpisodeResult) => void = () => undefined,
): Promise<Simulated> {
  let sum = { episodes: 0, steps: 0, simulatedMs: 0, acknowledged: 0, calledBack: 0, recovered: 0 };
  for (let next = seed; sum.steps < steps; next++) {
    const result = await runEpisode(next, decisions);
    sum = {
      episodes: sum.episodes + 1,
      steps: sum.steps + result.steps,
      simulatedMs: sum.simulatedMs + result.simulatedMs,
      acknowledged: sum.acknowledged + result.acknowledged,
      calledBack: sum.calledBack + (result.calledBack ? 1 : 0),
      recovered: sum.recovered + (result.recovered ? 1 : 0),
    };
    told(result);
    if (result.violation !== undefined) return { ...sum, broken: result };
  }
  return { ...sum, broken: undefined };
}

/** What a person needs to see it again: the seed, the invariant, and what happened before. */
export function describeViolation({ seed, violation, trace }: EpisodeResult, lines: number): string {
  if (violation === undefined) return `seed ${seed}: no invariant was broken`;
  return [
    `seed ${seed}: invariant ${violation.invariant} is broken: ${violation.what}`,
    `again: npm run simulate -- --seed ${seed} --episodes 1`,
    ...trace.slice(-lines),
  ].join("\n");
}
