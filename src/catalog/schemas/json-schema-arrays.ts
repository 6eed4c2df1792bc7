/** Items of arrays: one schema for all, or a list by position with `additionalItems` for the rest. */
import type { Compare, Keywords, Misfit } from "./json-schema-keywords.js";

export function arrayMisfit(reader: Keywords, writer: readonly Keywords[], compare: Compare, at: string): Misfit {
  if (reader["items"] === undefined) return undefined;
  let found: Misfit = `${at}: items is new`;
  for (const each of writer) {
    if (each["items"] === undefined) continue;
    found = itemsMisfit(reader, each, compare, at);
    if (found === undefined) return undefined;
  }
  // an array that is always empty has no items to differ in
  return writer.some((each) => each["maxItems"] === 0) || reader["items"] === true ? undefined : found;
}

function itemsMisfit(reader: Keywords, writer: Keywords, compare: Compare, at: string): Misfit {
  const [left, right] = [positions(reader), positions(writer)];
  for (let i = 0; i < Math.max(left.first.length, right.first.length); i += 1) {
    const found = compare(left.first[i] ?? left.rest, right.first[i] ?? right.rest, `${at}/items/${i}`);
    if (found !== undefined) return found;
  }
  return compare(left.rest, right.rest, `${at}/items`);
}

function positions({ items, additionalItems = true }: Keywords): {
  readonly first: readonly unknown[];
  readonly rest: unknown;
} {
  return Array.isArray(items) ? { first: items, rest: additionalItems } : { first: [], rest: items };
}
