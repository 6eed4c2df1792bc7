/** The range of a key's comparable texts that an expression leaves, where it leaves one. */
import type { BoundExpression, BoundKey } from "../../expression/ast.js";
import { compareCodePoints, type KeyValue, orderedText } from "../../expression/key-type.js";
import { wildcardParts } from "../../expression/wildcard.js";

/** Texts from `low` (inclusive) to `high`; an absent bound is open. Never narrower than what the expression keeps. */
export type KeyRange = {
  readonly key: BoundKey;
  readonly low?: string;
  readonly high?: string;
  /** The one text left. */
  readonly equal?: string;
};

/** One range per key, out of the conditions that every kept partition meets; none for conditions under OR and NOT. */
export function rangesOf(expression: BoundExpression): readonly KeyRange[] {
  const merged = new Map<number, KeyRange>();
  for (const range of conditions(expression)) {
    const known = merged.get(range.key.index);
    merged.set(range.key.index, known === undefined ? range : intersect(known, range));
  }
  return [...merged.values()];
}

// of two equalities that differ either one holds: the filter leaves nothing
function intersect(left: KeyRange, right: KeyRange): KeyRange {
  const equal = left.equal ?? right.equal;
  if (equal !== undefined) return { key: left.key, low: equal, high: equal, equal };
  const low = [left.low, right.low]
    .filter((b) => b !== undefined)
    .sort(compareCodePoints)
    .at(-1);
  const high = [left.high, right.high].filter((b) => b !== undefined).sort(compareCodePoints)[0];
  return { key: left.key, ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }) };
}

function conditions(expression: BoundExpression): readonly KeyRange[] {
  switch (expression.kind) {
    case "and":
      return expression.terms.flatMap(conditions);
    case "compare":
      return compareRange(expression.key, expression.op, orderedText(expression.value));
    case "between":
      return [{ key: expression.key, low: orderedText(expression.low), high: orderedText(expression.high) }];
    case "in":
      return [listRange(expression.key, expression.values)];
    case "like":
      return likeRange(expression.key, expression.pattern);
    case "or":
    case "not":
    case "isNull":
      return [];
  }
}

function compareRange(key: BoundKey, op: string, text: string): readonly KeyRange[] {
  switch (op) {
    case "=":
      return [{ key, low: text, high: text, equal: text }];
    case "<":
    case "<=":
      return [{ key, high: text }];
    case ">":
    case ">=":
      return [{ key, low: text }];
    default:
      return [];
  }
}

function listRange(key: BoundKey, values: readonly KeyValue[]): KeyRange {
  const sorted = values.map(orderedText).sort(compareCodePoints);
  const [low = "", high = low] = [sorted[0], sorted.at(-1)];
  return low === high ? { key, low, high, equal: low } : { key, low, high };
}

function likeRange(key: BoundKey, pattern: string): readonly KeyRange[] {
  const parts = wildcardParts(pattern);
  const wild = parts.findIndex((part) => part.kind !== "character");
  const prefix = (wild < 0 ? parts : parts.slice(0, wild))
    .map((part) => (part.kind === "character" ? part.character : ""))
    .join("");
  if (wild < 0) return [{ key, low: prefix, high: prefix, equal: prefix }];
  if (prefix === "") return [];
  const high = after(prefix);
  return [high === undefined ? { key, low: prefix } : { key, low: prefix, high }];
}

// the least text above every text with the prefix
function after(prefix: string): string | undefined {
  const points = [...prefix].map((c) => c.codePointAt(0) ?? 0);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}
