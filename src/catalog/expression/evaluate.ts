/** Evaluates a bound expression on one partition's values. */
import { HIVE_DEFAULT_PARTITION } from "../../storage/hive-path.js";
import { assertNever } from "../../types/data-type.js";
import { holds } from "../compare-op.js";
import { invalidState } from "../catalog-errors.js";
import type { BoundExpression, BoundKey } from "./ast.js";
import { compareKeyValues, type KeyFamily, type KeyValue, misfitMessage, parseKeyValue } from "./key-type.js";
import { matchesWildcard, wildcardParts } from "./wildcard.js";

/**
 * A stored value by its key's type; null for Hive's default partition. Under a string key that name is a text like any
 * other to comparisons, and null to IS NULL only.
 * @throws InvalidStateException for a value that is not of the type.
 */
export function storedValue(family: KeyFamily, text: string): KeyValue | null {
  if (text === HIVE_DEFAULT_PARTITION && family !== "string") return null;
  const value = parseKeyValue(family, text);
  if (value === undefined)
    throw invalidState(misfitMessage(family, text), {
      found: text,
      hint: "change the key's type, or delete the partition",
    });
  return value;
}

/** True, false, or null for unknown, by SQL's three-valued logic; a partition is kept on true. */
export function evaluateBound(expression: BoundExpression, values: readonly string[]): boolean | null {
  const read = (key: BoundKey): KeyValue | null => storedValue(key.family, values[key.index] ?? "");
  const run = (e: BoundExpression): boolean | null => {
    switch (e.kind) {
      case "and":
        return allOf(e.terms.map(run));
      case "or":
        return negate(allOf(e.terms.map((t) => negate(run(t)))));
      case "not":
        return negate(run(e.term));
      case "compare":
        return onValue(read(e.key), (v) => holds(e.op, compareKeyValues(v, e.value)));
      case "in":
        return onValue(read(e.key), (v) => e.values.some((x) => compareKeyValues(v, x) === 0));
      case "between":
        return onValue(read(e.key), (v) => compareKeyValues(v, e.low) >= 0 && compareKeyValues(v, e.high) <= 0);
      case "like":
        return onValue(read(e.key), (v) => typeof v === "string" && matchesWildcard(wildcardParts(e.pattern), v));
      case "isNull": {
        const v = read(e.key);
        return v === null || v === HIVE_DEFAULT_PARTITION;
      }
      default:
        return assertNever(e);
    }
  };
  return run(expression);
}

const onValue = (value: KeyValue | null, test: (value: KeyValue) => boolean): boolean | null =>
  value === null ? null : test(value);
const negate = (truth: boolean | null): boolean | null => (truth === null ? null : !truth);
const allOf = (truths: readonly (boolean | null)[]): boolean | null =>
  truths.includes(false) ? false : truths.includes(null) ? null : true;
