/** A GetPartitions expression as SQL over the stored keys. It means what `evaluateBound` does, nulls included. */
import { HIVE_DEFAULT_PARTITION } from "../../../storage/hive-path.js";
import { assertNever } from "../../../types/data-type.js";
import type { BoundExpression, BoundKey } from "../../expression/ast.js";
import { type KeyValue, orderedText } from "../../expression/key-type.js";
import { wildcardParts } from "../../expression/wildcard.js";
import { KEY_COLUMNS } from "./migrations.js";
import type { SqlValue } from "./session.js";

export type SqlFilter = { readonly sql: string; readonly values: readonly SqlValue[] };

export function partitionFilter(expression: BoundExpression): SqlFilter {
  const values: SqlValue[] = [];
  const bind = (value: KeyValue): string => {
    values.push(orderedText(value));
    return "?";
  };
  const lower = (e: BoundExpression): string => {
    switch (e.kind) {
      case "and":
        return `(${e.terms.map(lower).join(" AND ")})`;
      case "or":
        return `(${e.terms.map(lower).join(" OR ")})`;
      case "not":
        return `(NOT ${lower(e.term)})`;
      case "compare":
        return `(${keyColumn(e.key)} ${e.op} ${bind(e.value)})`;
      case "in":
        return `(${keyColumn(e.key)} IN (${e.values.map(bind).join(", ")}))`;
      case "between":
        return `(${keyColumn(e.key)} BETWEEN ${bind(e.low)} AND ${bind(e.high)})`;
      case "like":
        values.push(globOf(e.pattern));
        return `(${keyColumn(e.key)} GLOB ?)`;
      case "isNull":
        return isNull(e.key, values);
      default:
        return assertNever(e);
    }
  };
  const sql = lower(expression);
  return { sql, values };
}

/** The column, or the place in `extra`, that holds a key. */
const keyColumn = (key: BoundKey): string =>
  key.index < KEY_COLUMNS ? `p.k${key.index}` : `(p.extra ->> ${key.index - KEY_COLUMNS})`;

// under a string key the default partition is a text, and null to this test only
function isNull(key: BoundKey, values: SqlValue[]): string {
  if (key.family !== "string") return `(${keyColumn(key)} IS NULL)`;
  values.push(HIVE_DEFAULT_PARTITION);
  return `(${keyColumn(key)} = ?)`;
}

// SQLite's LIKE ignores the case of ASCII letters, its GLOB does not; [x] quotes a character
function globOf(pattern: string): string {
  return wildcardParts(pattern)
    .map((part) =>
      part.kind === "any"
        ? "*"
        : part.kind === "one"
          ? "?"
          : /[*?[]/.test(part.character)
            ? `[${part.character}]`
            : part.character,
    )
    .join("");
}
