/**
 * JSON lines of records whose values nest deep, made by JavaScript. As an expression of SQL DuckDB binds lists in lists
 * in a time that doubles with each level, and structs in structs in one that grows with the third power of the levels
 * (docs/decisions/0219).
 */
import { field, STRING, struct, type DataType, type StructType } from "../../types/data-type.js";
import { getField, setField, type Row } from "../../types/value.js";
import { jsonLine } from "../json-line.js";

/**
 * Levels of lists and maps in each other, and of anything, up to which SQL is quicker: some milliseconds for its
 * expression.
 */
const LISTS = 8;
const LEVELS = 32;

export const isDeep = (type: DataType, lists = LISTS, levels = LEVELS): boolean => {
  if (lists < 0 || levels < 0) return true;
  switch (type.kind) {
    case "struct":
      return type.fields.some((f) => isDeep(f.type, lists, levels - 1));
    case "array":
    case "set":
      return isDeep(type.element, lists - 1, levels - 1);
    case "map":
      return isDeep(type.value, lists - 1, levels - 1);
    case "choice":
      return type.choices.some((arm) => isDeep(arm, lists, levels));
    default:
      return false;
  }
};

/** Records as a column of lines, and beside it the keys that are named. */
export type Lines = { readonly type: StructType; readonly rows: AsyncIterable<readonly Row[]> };

export function linesOf(rows: AsyncIterable<readonly Row[]>, type: StructType, keys: readonly string[]): Lines {
  // longer than any of the keys
  const line = `~${keys.join("")}`;
  const isKey = (name: string): boolean => keys.includes(name);
  const aside = type.fields.filter(({ name }) => isKey(name));
  const body = struct(type.fields.filter(({ name }) => !isKey(name)));
  const lineOf = (row: Row): Row => {
    const lined: Row = {};
    for (const { name } of aside) setField(lined, name, getField(row, name));
    setField(lined, line, jsonLine(row, body));
    return lined;
  };
  return { type: struct([...aside, field(line, STRING)]), rows: batches(rows, lineOf) };
}

async function* batches(
  rows: AsyncIterable<readonly Row[]>,
  lineOf: (row: Row) => Row,
): AsyncGenerator<readonly Row[]> {
  for await (const batch of rows) yield batch.map(lineOf);
}
