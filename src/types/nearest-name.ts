/**
 * The known name at the smallest edit distance, case ignored; undefined when more than a third of the letters differ.
 * For hints: "Did you mean …?"
 */
export const nearestName = (name: string, known: readonly string[]): string | undefined =>
  nearestNames(name, known, 1)[0];

/**
 * At most so many known names by edit distance, the nearest first; none of which more than a third of the letters
 * differ.
 */
export function nearestNames(name: string, known: readonly string[], most: number): readonly string[] {
  return known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.max(2, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
