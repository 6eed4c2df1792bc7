import type { PartitionRange } from "./kafka-client.js";

/**
 * The ranges that have records, cut to `most` in all: each partition gives by its share of what there is, and one
 * record at least, as Spark's maxOffsetsPerTrigger does.
 */
export function sharedOut(ranges: readonly PartitionRange[], most: number): readonly PartitionRange[] {
  const filled = ranges.filter(({ from, until }) => from < until);
  const all = filled.reduce((sum, { from, until }) => sum + (until - from), 0n);
  if (all <= BigInt(most)) return filled;
  let left = BigInt(most);
  return filled.flatMap((range) => {
    const share = ((range.until - range.from) * BigInt(most)) / all;
    const wanted = share > 0n ? share : 1n;
    const count = wanted < left ? wanted : left;
    left -= count;
    return count === 0n ? [] : [{ ...range, until: range.from + count }];
  });
}
