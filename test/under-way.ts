/** What a test waits for at this moment, so that one that runs out of time can say where it stood. */
const waits = new Set<{ readonly what: string; readonly since: number }>();

/** Hands through what a promise gives, and lists it as long as it is pending. */
export async function underWay<T>(what: string, pending: Promise<T>): Promise<T> {
  const wait = { what, since: Date.now() };
  waits.add(wait);
  try {
    return await pending;
  } finally {
    waits.delete(wait);
  }
}

/** A line for each that is pending, the one that was begun first at the head. */
export function listUnderWay(): string[] {
  return [...waits].map(
    ({ what, since }) => `still under way after ${((Date.now() - since) / 1000).toFixed(1)} s: ${what}`,
  );
}
