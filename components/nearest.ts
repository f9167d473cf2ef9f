/** How many letters must be inserted, deleted or changed to turn one word into the other (Levenshtein's distance). */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 0; row < a.length; row++) {
    const current = [row + 1];
    for (let column = 0; column < b.length; column++) {
      const changed = (previous[column] ?? 0) + (a[row] === b[column] ? 0 : 1);
      current.push(Math.min(changed, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** The candidate a mistyped word most likely stands for; case does not count. Throws RangeError when there is no candidate. */
export function nearest(word: string, candidates: readonly string[]): string {
  const [first, ...rest] = candidates;
  if (first === undefined) throw new RangeError("nearest needs at least one candidate");
  const distance = (candidate: string) => editDistance(word.toLowerCase(), candidate.toLowerCase());
  return rest.reduce((best, candidate) => (distance(candidate) < distance(best) ? candidate : best), first);
}
