/** Promises that a function left in its result, where a type should be. */

/**
 * Rejections of promises within a result that nobody will wait for: the record is an error record already, and an
 * unhandled rejection would end the process.
 */
export function ignoreRejections(result: unknown): void {
  const seen = new Set<object>();
  for (const waiting = [result]; waiting.length > 0;) {
    const value = waiting.pop();
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof Promise) {
      value.catch(() => undefined);
      continue;
    }
    // the result may be anything, also what fails when it is looked at
    try {
      for (const inner of Object.values(value) as unknown[]) waiting.push(inner);
    } catch {
      continue;
    }
  }
}
