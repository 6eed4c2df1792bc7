/** How many rows to ask for next, so that a batch is about 4 MB whatever its rows are. */
const WANTED_BYTES = 4_000_000;
const FIRST = 1000;
const MOST = 20_000;

export function nextBatchSize(rows?: readonly (readonly unknown[])[]): number {
  if (rows === undefined || rows.length === 0) return FIRST;
  let bytes = 0;
  for (const row of rows)
    for (const cell of row) bytes += 8 + (typeof cell === "string" || cell instanceof Uint8Array ? cell.length : 8);
  return Math.max(1, Math.min(MOST, Math.floor(WANTED_BYTES / (bytes / rows.length))));
}
