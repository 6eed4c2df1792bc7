/** What the comparisons of JSON schemas share. */
export type Keywords = { readonly [keyword: string]: unknown };

/** Why something does not fit, with its place; undefined when it does. */
export type Misfit = string | undefined;

/** Compares a reader's schema with a writer's; `at` is the place for the message. */
export type Compare = (reader: unknown, writer: unknown, at: string) => Misfit;

export const isKeywords = (schema: unknown): schema is Keywords =>
  typeof schema === "object" && schema !== null && !Array.isArray(schema);

/** The schemas by name under `properties` or `patternProperties`. */
export const schemasUnder = (schema: Keywords, keyword: "properties" | "patternProperties"): Keywords =>
  isKeywords(schema[keyword]) ? schema[keyword] : {};

export function firstMisfit<T>(all: readonly T[], compare: (each: T, i: number) => Misfit): Misfit {
  for (const [i, each] of all.entries()) {
    const found = compare(each, i);
    if (found !== undefined) return found;
  }
  return undefined;
}
