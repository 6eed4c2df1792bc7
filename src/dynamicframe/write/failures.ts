/** The records that a write could not take. */
import type { RunFailures } from "../run-scope.js";
import type { Resolved } from "../frame-node.js";

export async function failuresOf({ sources, errors }: Resolved): Promise<RunFailures> {
  const malformed: RunFailures["malformed"][number][] = [];
  for (const { malformed: count, name, step = name, ledgers } of sources) {
    if (count > 0)
      for (const ledger of (await ledgers?.()) ?? []) if (ledger.malformed > 0) malformed.push({ step, ledger });
  }
  // malformed records have a place in a file, and were gathered there
  const failed = errors
    .map(({ step, count, records }) => ({ step, count, records: records.filter(({ source }) => source === null) }))
    .filter(({ records }) => records.length > 0);
  return { malformed, failed };
}
