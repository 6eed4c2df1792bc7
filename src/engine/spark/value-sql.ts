/** JavaScript values in arms form as SQL constants: for a few rows, and for what staged files cannot hold. */
import { assertNever, type DataType, type StructType } from "../../types/data-type.js";
import { fieldPath } from "../../types/path.js";
import { unscaledOf } from "../../shapes/shred/leaf-column.js";
import { EMPTY_STRUCT_FIELD, physicalNames } from "../../types/physical.js";
import { ArmValue, DateValue, Decimal, getField, TimestampValue, type Row, type Value } from "../../types/value.js";
import { valueMisfit } from "../../types/value-misfit.js";
import { nullOf } from "./compile-scalar.js";
import { identifier, structOf, text } from "./quote.js";
import { sparkType } from "./spark-type.js";

/** A query that gives the rows, with the columns and types of `type`. */
export function rowsSql(rows: readonly Row[], type: StructType): string {
  const names = physicalNames(type);
  const fields = type.fields.map((f, i) => ({ ...f, physical: names[i] ?? f.name }));
  const columns = fields.length === 0 ? [EMPTY_STRUCT_FIELD] : names;
  const nulls = fields.length === 0 ? ["CAST(NULL AS INT)"] : fields.map((f) => nullOf(f.type));
  if (rows.length === 0)
    return `SELECT ${nulls.map((sql, i) => `${sql} AS ${identifier(columns[i] ?? "")}`).join(", ")} WHERE FALSE`;
  const lines = rows.map(
    (row) =>
      `(${fields.length === 0 ? nulls.join() : fields.map((f) => valueSql(getField(row, f.name), f.type, fieldPath("", f.name))).join(", ")})`,
  );
  return `SELECT * FROM VALUES ${lines.join(",\n")} AS \`~x\`(${columns.map(identifier).join(", ")})`;
}

/** @throws VALUE_NOT_OF_TYPE with the path for a value that its place in the type cannot hold. */
function valueSql(value: Value, type: DataType, path: string): string {
  if (value === null || value === undefined) return nullOf(type);
  switch (type.kind) {
    case "byte":
    case "short":
    case "int":
      return isWhole(value, INTEGER_BITS[type.kind])
        ? `CAST(${value} AS ${sparkType(type)})`
        : misfit(value, type, path);
    case "long":
      return isWhole(value, 64) ? `CAST('${value}' AS BIGINT)` : misfit(value, type, path);
    case "float":
    case "double":
      return typeof value === "number"
        ? `CAST('${Object.is(value, -0) ? "-0.0" : value}' AS ${sparkType(type)})`
        : misfit(value, type, path);
    case "boolean":
      return typeof value === "boolean" ? String(value) : misfit(value, type, path);
    case "string":
    case "enum":
      return typeof value === "string" ? text(value) : misfit(value, type, path);
    case "null":
    case "unknown":
      return nullOf(type);
    case "decimal":
      return `CAST('${new Decimal(unscaledOf(value, type, path), type.scale)}' AS ${sparkType(type)})`;
    case "date":
      return value instanceof DateValue ? `date_from_unix_date(${value.days})` : misfit(value, type, path);
    case "timestamp":
      return value instanceof TimestampValue ? instantSql(value) : misfit(value, type, path);
    case "timestampntz":
      return value instanceof TimestampValue
        ? `CAST(${instantSql(value)} AS TIMESTAMP_NTZ)`
        : misfit(value, type, path);
    case "binary":
      return value instanceof Uint8Array
        ? `X'${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")}'`
        : misfit(value, type, path);
    case "array":
    case "set":
      return listSql(value, type, type.element, path);
    case "map":
      return mapSql(value, type, type.value, path);
    case "struct":
      return structSql(value, type, path);
    case "choice": {
      const arm = value instanceof ArmValue ? type.choices.find((member) => member.kind === value.arm) : undefined;
      if (!(value instanceof ArmValue) || arm === undefined) return misfit(value, type, path);
      if (value.value === null || value.value === undefined) return nullOf(type);
      return structOf(
        type.choices.map(
          (member) => [member.kind, member === arm ? valueSql(value.value, member, path) : nullOf(member)] as const,
        ),
      );
    }
    default:
      return assertNever(type);
  }
}

const INTEGER_BITS = { byte: 8, short: 16, int: 32 } as const;

function isWhole(value: Value, bits: number): boolean {
  const whole =
    typeof value === "bigint"
      ? value
      : typeof value === "number" && Number.isInteger(value)
        ? BigInt(value)
        : undefined;
  return whole !== undefined && BigInt.asIntN(bits, whole) === whole;
}

const instantSql = ({ micros }: TimestampValue): string => `timestamp_micros(CAST('${micros}' AS BIGINT))`;

function listSql(value: Value, type: DataType, element: DataType, path: string): string {
  if (!Array.isArray(value)) return misfit(value, type, path);
  const items = (value as readonly Value[]).map((item) => valueSql(item, element, `${path}[]`));
  // a list of structs says that none of them is null; servers other than Spark hold that against rows whose lists may
  // have nulls
  const typed = items.length === 0 || element.kind === "struct" || element.kind === "choice";
  return typed ? `CAST(array(${items.join(", ")}) AS ${sparkType(type)})` : `array(${items.join(", ")})`;
}

function mapSql(value: Value, type: DataType, of: DataType, path: string): string {
  if (!(value instanceof Map)) return misfit(value, type, path);
  const entries = [...(value as ReadonlyMap<string, Value>)].map(
    ([key, item]) => `${text(key)}, ${valueSql(item, of, path)}`,
  );
  return entries.length === 0 ? `CAST(map() AS ${sparkType(type)})` : `map(${entries.join(", ")})`;
}

function structSql(value: Value, type: StructType, path: string): string {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof ArmValue)
    return misfit(value, type, path);
  if (type.fields.length === 0) return structOf([[EMPTY_STRUCT_FIELD, "CAST(NULL AS INT)"]]);
  const names = physicalNames(type);
  return structOf(
    type.fields.map(
      (f, i) =>
        [names[i] ?? f.name, valueSql(getField(value as Row, f.name), f.type, fieldPath(path, f.name))] as const,
    ),
  );
}

function misfit(value: Value, type: DataType, path: string): never {
  throw valueMisfit(value, type, path);
}
