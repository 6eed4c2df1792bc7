/**
 * JSON text with object keys sorted at every level: equal exactly when two documents hold the same. Undefined members
 * are left out.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    // null prototype, so that a key called __proto__ stays a key
    const sorted = Object.create(null) as Record<string, unknown>;
    for (const key of Object.keys(part).sort()) sorted[key] = (part as Record<string, unknown>)[key];
    return sorted;
  });
}
