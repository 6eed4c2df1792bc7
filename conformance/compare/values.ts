/**
 * Equality of values and multisets (FORMAT §3). A comparison gives undefined when it holds, else what differs, in
 * words.
 */
import { isList, isObject, member, type Json } from "../case.js";

export type Mismatch = string | undefined;

/** By value; fractions within 1e-9 relative. Integers of up to 2^53 must be equal: near is not enough for an id. */
export function sameNumber(a: number, b: number): boolean {
  if (a === b) return true;
  if (Number.isSafeInteger(a) && Number.isSafeInteger(b)) return false;
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}

/** Record equality: in an object an absent member equals null; in a list null is a value. */
export function sameValue(actual: Json | undefined, expected: Json | undefined): boolean {
  const a = actual ?? null;
  const e = expected ?? null;
  if (typeof a === "number" && typeof e === "number") return sameNumber(a, e);
  if (isList(a) && isList(e)) return a.length === e.length && a.every((item, i) => sameValue(item, e[i]));
  if (isObject(a) && isObject(e)) {
    return [...new Set([...Object.keys(a), ...Object.keys(e)])].every((key) =>
      sameValue(member(a, key), member(e, key)),
    );
  }
  return a === e;
}

/**
 * Every value of the records as text, null members left out, members sorted; numbers through `number`. Equal values,
 * equal texts.
 */
export function valueText(value: Json, number: (n: number) => string): string {
  if (typeof value === "number") return number(value);
  if (isList(value)) return `[${value.map((item) => valueText(item, number)).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .flatMap((key) => {
      const item = member(value, key) ?? null;
      return item === null ? [] : [`${JSON.stringify(key)}:${valueText(item, number)}`];
    });
  return `{${members.join()}}`;
}

/**
 * A one-to-one matching of all `expected` with all `actual` under `matches`, by augmenting paths: exact also where
 * `matches` is not transitive. Gives the positions left over on each side of a largest matching.
 */
export function matchAll<A, E>(
  actual: readonly A[],
  expected: readonly E[],
  matches: (a: A, e: E) => boolean,
): { readonly unexpected: readonly A[]; readonly missing: readonly E[] } {
  const ownerOf = new Map<number, number>();
  const edges = expected.map((e) => actual.flatMap((a, i) => (matches(a, e) ? [i] : [])));
  const place = (e: number, visited: Set<number>): boolean =>
    (edges[e] ?? []).some((a) => {
      if (visited.has(a)) return false;
      visited.add(a);
      const owner = ownerOf.get(a);
      if (owner !== undefined && !place(owner, visited)) return false;
      ownerOf.set(a, e);
      return true;
    });
  const missing = expected.filter((_e, i) => !place(i, new Set()));
  return { unexpected: actual.filter((_a, i) => !ownerOf.has(i)), missing };
}

/** Records as a list or a multiset. */
export function compareRecords(
  actual: readonly Json[],
  expected: readonly Json[],
  order: "ignore" | "exact",
): Mismatch {
  if (order === "exact") {
    const at = Array.from({ length: Math.max(actual.length, expected.length) }, (_, i) => i).find(
      (i) => i >= actual.length || i >= expected.length || !sameValue(actual[i], expected[i]),
    );
    return at === undefined ? undefined : `record ${at}: expected ${brief(expected[at])}, found ${brief(actual[at])}`;
  }
  const { missing, unexpected } = matchBuckets(actual, expected);
  if (missing.length === 0 && unexpected.length === 0) return undefined;
  return `${missing.length} of ${expected.length} records missing, ${unexpected.length} unexpected; first missing ${brief(missing[0])}, first unexpected ${brief(unexpected[0])}`;
}

/** Splits by everything but the numbers first: the matching is then among few records. */
function matchBuckets(
  actual: readonly Json[],
  expected: readonly Json[],
): { readonly missing: readonly Json[]; readonly unexpected: readonly Json[] } {
  const buckets = new Map<string, { actual: Json[]; expected: Json[] }>();
  for (const side of ["actual", "expected"] as const) {
    for (const record of side === "actual" ? actual : expected) {
      // integers equal only themselves, unless a fraction is compared with them; so only fractions can be left open
      const key = valueText(record, () => "#");
      const bucket = buckets.get(key) ?? { actual: [], expected: [] };
      bucket[side].push(record);
      buckets.set(key, bucket);
    }
  }
  const results = [...buckets.values()].map((bucket) => matchAll(bucket.actual, bucket.expected, sameValue));
  return { missing: results.flatMap((r) => r.missing), unexpected: results.flatMap((r) => r.unexpected) };
}

/** Two lists of names or value lists as sets. */
export function compareSets(actual: readonly Json[], expected: readonly Json[]): Mismatch {
  const texts = (items: readonly Json[]): Set<string> => new Set(items.map((item) => JSON.stringify(item)));
  const a = texts(actual);
  const e = texts(expected);
  const missing = [...e].filter((item) => !a.has(item));
  const unexpected = [...a].filter((item) => !e.has(item));
  if (missing.length === 0 && unexpected.length === 0) return undefined;
  return `missing ${missing.join(", ") || "none"}; unexpected ${unexpected.join(", ") || "none"}`;
}

/** Equality to the letter but for numbers; an absent member is not null. */
export function strictlySame(actual: Json | undefined, expected: Json | undefined): boolean {
  if (typeof actual === "number" && typeof expected === "number") return sameNumber(actual, expected);
  if (isList(actual) && isList(expected))
    return actual.length === expected.length && actual.every((item, i) => strictlySame(item, expected[i]));
  if (isObject(actual) && isObject(expected)) {
    const keys = Object.keys(expected);
    return (
      keys.length === Object.keys(actual).length
      && keys.every((key) => Object.hasOwn(actual, key) && strictlySame(member(actual, key), member(expected, key)))
    );
  }
  return actual === expected;
}

/** Short text for a message. */
export function brief(value: Json | undefined): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 297)}...` : text;
}

export const within = (where: string, mismatch: Mismatch): Mismatch =>
  mismatch === undefined ? undefined : `${where}: ${mismatch}`;

/** The first that differs. */
export function firstOf(...checks: readonly (() => Mismatch)[]): Mismatch {
  for (const check of checks) {
    const mismatch = check();
    if (mismatch !== undefined) return mismatch;
  }
  return undefined;
}

export const differs = (what: string, actual: Json | undefined, expected: Json | undefined): Mismatch =>
  strictlySame(actual, expected) ? undefined : `${what}: expected ${brief(expected)}, found ${brief(actual)}`;
