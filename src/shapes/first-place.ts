/** Which place comes first. */
import { type LedgerNode, type Place, TAGS } from "./ledger.js";

/** Order of first occurrence: by file (code units), record, offset. An absent place comes last. */
export function comparePlaces(a: Place | undefined, b: Place | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.record - b.record || a.offset - b.offset;
}

/** Where a path first occurred with any type, null included; undefined when nothing was counted. */
export function firstPlace(node: LedgerNode): Place | undefined {
  let first: Place | undefined;
  for (const tag of TAGS) {
    const stats = node.tags[tag];
    if (stats !== undefined && comparePlaces(stats.first, first) < 0) first = stats.first;
  }
  return first;
}
