/**
 * The value without its null and missing fields, the others by name: absent and null are one after a relational verb.
 */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((v) => withoutNulls(v) ?? null);
  if (value instanceof Map) return new Map([...(value as Map<string, unknown>)].map(([k, v]) => [k, withoutNulls(v)]));
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value ?? undefined;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, v]) => v !== null && v !== undefined)
      .map(([k, v]): [string, unknown] => [k, withoutNulls(v)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
