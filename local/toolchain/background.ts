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
