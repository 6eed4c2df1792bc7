/** Increments of a table by its keys: the rows after the last key that was read, up to the last there is now. */
import type { DataType } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";
import type { Value } from "../types/value.js";
import type { SqlDialect } from "./index.js";
import type { SourceQuery } from "./source-query.js";

/**
 * One key's value as text; numbers are written without quotes, so that no database compares them as texts or doubles.
 */
export type KeyValue = { readonly kind: "number" | "text"; readonly text: string };
export type KeyOrder = "asc" | "desc";
export type Keys = { readonly names: readonly string[]; readonly order: KeyOrder };

/** The row with the last keys of those after `after`. */
export function lastKeysQuery(
  dialect: SqlDialect,
  source: SourceQuery,
  { names, order }: Keys,
  after: readonly KeyValue[] | undefined,
): string {
  const columns = names.map(dialect.identifier);
  const end = order === "asc" ? "DESC" : "ASC";
  return `SELECT ${columns.join(", ")} FROM ${from(dialect, source)}${where([...beyond(dialect, names, order === "asc" ? ">" : "<", after)])} ORDER BY ${columns.map((column) => `${column} ${end}`).join(", ")} LIMIT 1`;
}

/** Rows without a key are in no increment: how many there are. */
export function missingKeysQuery(dialect: SqlDialect, source: SourceQuery, { names }: Keys): string {
  return `SELECT count(*) AS missing FROM ${from(dialect, source)} WHERE ${names.map((name) => `${dialect.identifier(name)} IS NULL`).join(" OR ")}`;
}

/** The rows after `after`, up to and with `upTo`; none without an `upTo`. */
export function incrementQuery(
  dialect: SqlDialect,
  source: SourceQuery,
  { names, order }: Keys,
  after: readonly KeyValue[] | undefined,
  upTo: readonly KeyValue[] | undefined,
): SourceQuery {
  if (upTo === undefined) return { kind: "query", sql: `SELECT * FROM ${from(dialect, source)} WHERE 1 = 0` };
  const [beyondSign, withinSign] = order === "asc" ? [">", "<"] : ["<", ">"];
  const within = `(${[...beyond(dialect, names, withinSign, upTo), same(dialect, names, upTo)].join(" OR ")})`;
  return {
    kind: "query",
    sql: `SELECT * FROM ${from(dialect, source)}${where([...beyond(dialect, names, beyondSign, after), within])}`,
  };
}

const from = (dialect: SqlDialect, source: SourceQuery): string =>
  `${source.kind === "table" ? dialect.table(source.table) : `(${source.sql}\n)`} ${dialect.identifier("increment")}`;
const where = (conditions: readonly string[]): string =>
  conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;

/** Lexicographic: (a, b) > (1, 2) is a > 1 or a = 1 and b > 2. None without a bound. */
function beyond(
  dialect: SqlDialect,
  names: readonly string[],
  sign: string,
  bound: readonly KeyValue[] | undefined,
): readonly string[] {
  if (bound === undefined) return [];
  const steps = names.map((name, i) =>
    [
      ...names.slice(0, i).map((before, j) => `${dialect.identifier(before)} = ${literal(dialect, bound[j])}`),
      `${dialect.identifier(name)} ${sign} ${literal(dialect, bound[i])}`,
    ].join(" AND "),
  );
  return [`(${steps.map((step) => `(${step})`).join(" OR ")})`];
}

const same = (dialect: SqlDialect, names: readonly string[], bound: readonly KeyValue[]): string =>
  `(${names.map((name, i) => `${dialect.identifier(name)} = ${literal(dialect, bound[i])}`).join(" AND ")})`;

const literal = (dialect: SqlDialect, value: KeyValue | undefined): string =>
  value?.kind === "number" ? value.text : dialect.text(value?.text ?? "");

/** @throws BAD_BOOKMARK_KEY for a type whose values are not exact, or have no order */
export function keyValue(name: string, type: DataType, value: Value): KeyValue {
  switch (type.kind) {
    case "byte":
    case "short":
    case "int":
    case "long":
    case "decimal":
      return { kind: "number", text: String(value) };
    case "string":
    case "date":
    case "timestamp":
    case "timestampntz":
      return { kind: "text", text: String(value) };
    default:
      throw badKey(
        name,
        `it is of type ${type.kind}, by which rows have no exact order`,
        "Take a whole number, a decimal, a date, a timestamp or a text.",
      );
  }
}

export const badKey = (path: string, why: string, hint: string): DynaframeError =>
  new DynaframeError("BAD_BOOKMARK_KEY", `${path} cannot be the key of a bookmark: ${why}.`, { path, hint });
