/** A stretch of the run, in milliseconds since its start. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The stretch of the same length that lies inside the whole; no shorter than `least`, no longer than the whole. */
export function clamp({ from, to }: Range, whole: Range, least: number): Range {
  const length = Math.min(Math.max(to - from, least), whole.to - whole.from);
  const middle = (from + to) / 2;
  const start = Math.min(Math.max(middle - length / 2, whole.from), whole.to - length);
  return { from: start, to: start + length };
}

/** Longer or shorter by a factor, around a moment that stays where it is (its middle without one). */
export function zoom({ from, to }: Range, factor: number, around = (from + to) / 2): Range {
  return { from: around - (around - from) * factor, to: around + (to - around) * factor };
}

/** Later by a share of its length; a negative one: earlier. */
export function shift({ from, to }: Range, share: number): Range {
  const by = (to - from) * share;
  return { from: from + by, to: to + by };
}

/** A stretch with room on both sides, so that one sees what was before and after. */
export function withMargin({ from, to }: Range, least: number): Range {
  const margin = Math.max((to - from) / 2, least);
  return { from: from - margin, to: to + margin };
}

/** Where a moment lies in a stretch, as a share of it. */
export function shareOf({ from, to }: Range, ms: number): number {
  return (ms - from) / (to - from);
}
