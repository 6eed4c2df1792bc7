/** JavaScript values in arms form as the values DuckDB's appender takes. */
import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import { assertNever, type ChoiceType, type DataType, type StructType } from "../../types/data-type.js";
import { fieldPath } from "../../types/path.js";
import { unscaledOf } from "../../shapes/shred/leaf-column.js";
import { EMPTY_STRUCT_FIELD, physicalNames } from "../../types/physical.js";
import { ArmValue, DateValue, TimestampValue, setField, type Row, type Value } from "../../types/value.js";
import { valueMisfit } from "../../types/value-misfit.js";

type Api = typeof import("./duckdb-parts.js");
type Convert = (value: Value) => DuckDBValue;

/** Rows that one chunk of DuckDB holds. */
const CHUNK_ROWS = 2048;

/**
 * Converts rows of `type` into columns of DuckDB values. A value that is not of its type is VALUE_NOT_OF_TYPE with its
 * path.
 */
function columnWriter(type: StructType, api: Api): (rows: readonly Row[]) => DuckDBValue[][] {
  const fields = type.fields.map((f) => ({ name: f.name, convert: converter(f.type, fieldPath("", f.name), api) }));
  return (rows) => {
    if (fields.length === 0) return [rows.map(() => null)];
    return fields.map(({ name, convert }) => rows.map((row) => (Object.hasOwn(row, name) ? convert(row[name]) : null)));
  };
}

/** Appends rows to a table whose columns have the types of `type`. */
export async function appendRows(
  connection: DuckDBConnection,
  api: Api,
  table: readonly [catalog: string, schema: string, name: string],
  type: StructType,
  rows: AsyncIterable<readonly Row[]>,
): Promise<number> {
  const appender = await connection.createAppender(table[2], table[1], table[0]);
  const types = Array.from({ length: appender.columnCount }, (_, i) => appender.columnType(i));
  const columns = columnWriter(type, api);
  let count = 0;
  try {
    for await (const batch of rows) {
      for (let at = 0; at < batch.length; at += CHUNK_ROWS) {
        const part = batch.slice(at, at + CHUNK_ROWS);
        const chunk = api.DuckDBDataChunk.create(types, part.length);
        chunk.setColumns(columns(part));
        appender.appendDataChunk(chunk);
        count += part.length;
      }
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
  return count;
}

function converter(type: DataType, path: string, api: Api): Convert {
  const convert = present(type, path, api);
  return (value) => (value === null || value === undefined ? null : convert(value));
}

function present(type: DataType, path: string, api: Api): Convert {
  switch (type.kind) {
    case "byte":
    case "short":
    case "int":
    case "float":
    case "double":
      return (value) => numberOf(value, type, path);
    case "long":
      return (value) => longOf(value, path);
    case "boolean":
      return (value) => (typeof value === "boolean" ? value : misfit(value, type, path));
    case "string":
    case "enum":
      return (value) => (typeof value === "string" ? value : misfit(value, type, path));
    case "null":
    case "unknown":
      return () => null;
    case "decimal":
      return (value) => new api.DuckDBDecimalValue(unscaledOf(value, type, path), type.precision, type.scale);
    case "date":
      return (value) => (value instanceof DateValue ? new api.DuckDBDateValue(value.days) : misfit(value, type, path));
    case "timestamp":
      return (value) =>
        value instanceof TimestampValue ? new api.DuckDBTimestampTZValue(value.micros) : misfit(value, type, path);
    case "timestampntz":
      return (value) =>
        value instanceof TimestampValue ? new api.DuckDBTimestampValue(value.micros) : misfit(value, type, path);
    case "binary":
      return (value) => (value instanceof Uint8Array ? new api.DuckDBBlobValue(value) : misfit(value, type, path));
    case "array":
    case "set":
      return listConverter(type.element, path, api);
    case "map":
      return mapConverter(type.value, path, api);
    case "struct":
      return structConverter(type, path, api);
    case "choice":
      return choiceConverter(type, path, api);
    default:
      return assertNever(type);
  }
}

function numberOf(value: Value, type: DataType, path: string): number {
  const bits = INTEGER_BITS.get(type.kind);
  // a typed array would wrap what does not fit
  const fits =
    typeof value === "number"
    && (bits === undefined || (Number.isInteger(value) && value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1)));
  return fits ? value : misfit(value, type, path);
}

const INTEGER_BITS: ReadonlyMap<string, number> = new Map([
  ["byte", 8],
  ["short", 16],
  ["int", 32],
]);

function longOf(value: Value, path: string): bigint {
  const whole =
    typeof value === "bigint"
      ? value
      : typeof value === "number" && Number.isInteger(value)
        ? BigInt(value)
        : undefined;
  return whole !== undefined && BigInt.asIntN(64, whole) === whole ? whole : misfit(value, { kind: "long" }, path);
}

function listConverter(element: DataType, path: string, api: Api): Convert {
  const convert = converter(element, `${path}[]`, api);
  return (value) =>
    Array.isArray(value)
      ? new api.DuckDBListValue((value as readonly Value[]).map(convert))
      : misfit(value, { kind: "array", element }, path);
}

function mapConverter(valueType: DataType, path: string, api: Api): Convert {
  const convert = converter(valueType, path, api);
  return (value) => {
    if (!(value instanceof Map)) return misfit(value, { kind: "map", value: valueType }, path);
    return new api.DuckDBMapValue(
      [...(value as ReadonlyMap<string, Value>)].map(([key, v]) => ({ key, value: convert(v) })),
    );
  };
}

function structConverter(type: StructType, path: string, api: Api): Convert {
  const names = physicalNames(type);
  const fields = type.fields.map((f, i) => ({
    name: f.name,
    physical: names[i] ?? f.name,
    convert: converter(f.type, fieldPath(path, f.name), api),
  }));
  return (value) => {
    if (typeof value !== "object" || value === null) return misfit(value, type, path);
    const row = value as Row;
    const entries = {};
    if (fields.length === 0) setField(entries, EMPTY_STRUCT_FIELD, null);
    for (const { name, physical, convert } of fields)
      setField(entries, physical, Object.hasOwn(row, name) ? convert(row[name]) : null);
    return new api.DuckDBStructValue(entries);
  };
}

function choiceConverter(type: ChoiceType, path: string, api: Api): Convert {
  const arms = new Map<string, Convert>(type.choices.map((member) => [member.kind, converter(member, path, api)]));
  return (value) => {
    const convert = value instanceof ArmValue ? arms.get(value.arm) : undefined;
    if (!(value instanceof ArmValue) || !convert) return misfit(value, type, path);
    if (value.value === null || value.value === undefined) return null;
    return new api.DuckDBStructValue(
      Object.fromEntries([...arms.keys()].map((name) => [name, name === value.arm ? convert(value.value) : null])),
    );
  };
}

function misfit(value: Value, type: DataType | { readonly kind: "long" }, path: string): never {
  throw valueMisfit(value, type, path);
}
