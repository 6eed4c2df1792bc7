import { comparePlaces } from "./first-place.js";
import { TAGS, type LedgerNode, type TagStats } from "./ledger.js";
import { mergeNodes } from "./merge-ledgers.js";

/** A node of repeated fields as what it is read as: single values are lists of one. Other nodes are as they are. */
export function listNode(node: LedgerNode): LedgerNode {
  const { array, null: empty, ...own } = node.tags;
  if (!node.repeated || !array) return node;
  const singles = TAGS.flatMap((tag): TagStats | readonly TagStats[] =>
    tag === "array" || tag === "null" ? [] : (node.tags[tag] ?? []),
  );
  const first = singles.reduce(
    (earliest, stats) => (comparePlaces(stats.first, earliest) < 0 ? stats.first : earliest),
    array.first,
  );
  const count = singles.reduce((sum, stats) => sum + stats.count, array.count);
  const single: LedgerNode = { tags: own, fields: node.fields };
  const element = mergeNodes([...(node.element ? [node.element] : []), single]);
  const shortest = singles.length > 0 ? 1 : (node.lengths?.min ?? 1);
  return Object.freeze({
    tags: Object.freeze({ array: Object.freeze({ count, first }), ...(empty && { null: empty }) }),
    fields: Object.freeze([]),
    element,
    lengths: Object.freeze({ min: Math.min(shortest, node.lengths?.min ?? shortest), max: node.lengths?.max ?? 1 }),
    ...(node.inexact && { inexact: true as const }),
  });
}
