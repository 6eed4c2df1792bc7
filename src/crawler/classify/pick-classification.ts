/** What one classifier said of a file: 0 no, 1 certainly, between them perhaps (custom classifiers only). */
export type ClassifierResult = { readonly name: string; readonly certainty: number; readonly custom?: boolean };

/**
 * The winner by Glue's rules: custom classifiers before built-in ones, each in the order of calling; the first
 * certainty of 1.0 ends the search, else the highest above 0 wins, the earlier of equals. Null: UNKNOWN.
 */
export function pickClassification<R extends ClassifierResult>(results: readonly R[]): R | null {
  const inOrder = [
    ...results.filter((result) => result.custom === true),
    ...results.filter((result) => result.custom !== true),
  ];
  const certain = inOrder.find(({ certainty }) => certainty >= 1);
  if (certain !== undefined) return certain;
  return inOrder.reduce<R | null>((best, result) => (result.certainty > (best?.certainty ?? 0) ? result : best), null);
}
