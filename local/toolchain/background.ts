import type { Phase } from "../phases.ts";

/** Work that reports a live detail line. */
export type Reporting<T> = (report: (line: string) => void) => Promise<T>;

/**
 * Starts work at once.
 * @returns a function that waits for it: shows its report lines from then on and gives its result, or throws its error
 */
export function inBackground<T>(work: Reporting<T>): Reporting<T> {
  let last: string | undefined;
  let show: (line: string) => void = (line) => (last = line);
  const outcome = work((line) => show(line)).then(
    (value) => ({ failed: false as const, value }),
    (error: unknown) => ({ failed: true as const, error }),
  );
  return async (report) => {
    show = report;
    if (last !== undefined) {
      report(last);
    }
    const result = await outcome;
    if (result.failed) {
      throw result.error;
    }
    return result.value;
  };
}

/** A phase that may let the next one begin beside it. */
export interface PhaseInTurn extends Omit<Phase, "run"> {
  /** @param next begins the phase after this one; without it that one begins when this one has ended */
  run(report: (line: string) => void, next: () => void): Promise<string | undefined>;
}

/** Phases to watch one after the other, though one may begin before the one above it has ended. */
export function inTurns(phases: readonly PhaseInTurn[]): Phase[] {
  const begun = new Map<PhaseInTurn, Reporting<string | undefined>>();
  const begin = (phase: PhaseInTurn, index: number): Reporting<string | undefined> => {
    const following = phases[index + 1];
    const next = (): void => {
      if (following !== undefined) begin(following, index + 1);
    };
    const running = begun.get(phase) ?? inBackground((report) => phase.run(report, next));
    begun.set(phase, running);
    return running;
  };
  return phases.map((phase, index) => ({ title: phase.title, run: (report) => begin(phase, index)(report) }));
}
