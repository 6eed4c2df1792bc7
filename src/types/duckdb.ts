/** Types as DuckDB spells them: the physical layout of decision 0003. */
import {
  BIGINT,
  BINARY,
  BOOLEAN,
  BYTE,
  DATE,
  DOUBLE,
  FLOAT,
  INT,
  LONG,
  NULL,
  SHORT,
  STRING,
  TIMESTAMP,
  TIMESTAMPNTZ,
  UNKNOWN,
  type DataType,
  type Field,
  type StructType,
  array,
  assertNever,
  decimal,
  enumOf,
  field,
  map,
  struct,
} from "./data-type.js";
import { EMPTY_STRUCT_FIELD, physicalNames } from "./physical.js";
import {
  type TextCursor,
  badText,
  cursorOf,
  expects,
  nested,
  sees,
  takeNumbers,
  takeQuoted,
  takes,
  takesMatch,
  takesWords,
} from "./text-cursor.js";

/** The DuckDB type that holds a value: names quoted and made physical, a choice as a struct with one field per arm. */
export function duckdbType(type: DataType): string {
  switch (type.kind) {
    case "boolean":
      return "BOOLEAN";
    case "byte":
      return "TINYINT";
    case "short":
      return "SMALLINT";
    case "int":
    case "null":
    case "unknown":
      return "INTEGER";
    case "long":
      return "BIGINT";
    case "float":
      return "FLOAT";
    case "double":
      return "DOUBLE";
    case "decimal":
      return `DECIMAL(${type.precision},${type.scale})`;
    case "string":
    case "enum":
      return "VARCHAR";
    case "date":
      return "DATE";
    case "timestamp":
      return "TIMESTAMP WITH TIME ZONE";
    case "timestampntz":
      return "TIMESTAMP";
    case "binary":
      return "BLOB";
    case "array":
    case "set":
      return `${duckdbType(type.element)}[]`;
    case "map":
      return `MAP(VARCHAR, ${duckdbType(type.value)})`;
    case "struct":
      return structType(type);
    case "choice":
      return structOfParts(type.choices.map((member) => [member.kind, duckdbType(member)] as const));
    default:
      return assertNever(type);
  }
}

function structType(type: StructType): string {
  const names = physicalNames(type);
  return structOfParts(type.fields.map((f, i) => [names[i] ?? f.name, duckdbType(f.type)] as const));
}

function structOfParts(parts: readonly (readonly [string, string])[]): string {
  const list = parts.length === 0 ? [[EMPTY_STRUCT_FIELD, "INTEGER"] as const] : parts;
  return `STRUCT(${list.map(([name, type]) => `"${name.replaceAll('"', '""')}" ${type}`).join(", ")})`;
}

const SIMPLE: ReadonlyMap<string, DataType> = new Map<string, DataType>([
  ["BOOLEAN", BOOLEAN],
  ["BOOL", BOOLEAN],
  ["LOGICAL", BOOLEAN],
  ["TINYINT", BYTE],
  ["INT1", BYTE],
  ["SMALLINT", SHORT],
  ["INT2", SHORT],
  ["UTINYINT", SHORT],
  ["INTEGER", INT],
  ["INT", INT],
  ["INT4", INT],
  ["SIGNED", INT],
  ["USMALLINT", INT],
  ["BIGINT", LONG],
  ["INT8", LONG],
  ["LONG", LONG],
  ["UINTEGER", LONG],
  ["UBIGINT", decimal(20, 0)],
  ["HUGEINT", BIGINT],
  ["UHUGEINT", BIGINT],
  ["FLOAT", FLOAT],
  ["FLOAT4", FLOAT],
  ["REAL", FLOAT],
  ["DOUBLE", DOUBLE],
  ["FLOAT8", DOUBLE],
  ["VARCHAR", STRING],
  ["CHAR", STRING],
  ["BPCHAR", STRING],
  ["TEXT", STRING],
  ["STRING", STRING],
  ["UUID", STRING],
  ["TIME", STRING],
  ["TIME_NS", STRING],
  ["TIMETZ", STRING],
  ["INTERVAL", STRING],
  ["BIT", STRING],
  ["BITSTRING", STRING],
  ["JSON", STRING],
  ["BIGNUM", STRING],
  ["VARINT", STRING],
  ["BLOB", BINARY],
  ["BYTEA", BINARY],
  ["BINARY", BINARY],
  ["VARBINARY", BINARY],
  ["DATE", DATE],
  ["TIMESTAMPTZ", TIMESTAMP],
  ["TIMESTAMP", TIMESTAMPNTZ],
  ["DATETIME", TIMESTAMPNTZ],
  ["TIMESTAMP_S", TIMESTAMPNTZ],
  ["TIMESTAMP_MS", TIMESTAMPNTZ],
  ["TIMESTAMP_US", TIMESTAMPNTZ],
  ["TIMESTAMP_NS", TIMESTAMPNTZ],
  ["NULL", NULL],
  ["UNKNOWN", UNKNOWN],
]);

/**
 * Reads a type as DESCRIBE prints it. The smallest type that holds every value: unsigned integers one size up, UBIGINT
 * `decimal(20,0)`, HUGEINT and UHUGEINT `decimal(38,0)`; UUID, TIME, INTERVAL, BIT, JSON and BIGNUM string; nanoseconds
 * are cut to microseconds.
 * @throws BAD_TYPE_TEXT with the offset; UNSUPPORTED_TYPE for UNION, VARIANT and types of extensions.
 */
export function parseDuckdbType(text: string): DataType {
  const cursor = cursorOf(text);
  const type = readType(cursor);
  if (!sees(cursor, "") || cursor.at < text.length) throw badText(cursor, "the type ends here but the text goes on");
  return type;
}

function readType(cursor: TextCursor): DataType {
  let type = readBase(cursor);
  while (takes(cursor, "[")) {
    takesMatch(cursor, /\d+/);
    expects(cursor, "]");
    type = array(type);
  }
  return type;
}

function readBase(cursor: TextCursor): DataType {
  sees(cursor, "");
  const start = cursor.at;
  const word = (
    cursor.text[start] === '"' ? takeQuoted(cursor, '"') : (takesMatch(cursor, /[A-Za-z_][A-Za-z0-9_]*/) ?? "")
  ).toUpperCase();
  const simple = SIMPLE.get(word);
  if (simple !== undefined) return readZone(cursor, word, simple);
  switch (word) {
    case "DECIMAL":
    case "NUMERIC":
    case "DEC":
      return readDecimal(cursor, start);
    case "STRUCT":
    case "ROW":
      return struct(nested(cursor, () => readFields(cursor)));
    case "MAP":
      return nested(cursor, () => readMap(cursor));
    case "ENUM":
      return enumOf(readOptions(cursor));
    case "":
      throw badText(cursor, "expected the name of a type");
    default:
      throw Object.assign(
        badText(
          cursor,
          `values of DuckDB type ${word} cannot be carried over`,
          "cast the column in the query, for example to VARCHAR",
          start,
        ),
        { code: "UNSUPPORTED_TYPE" },
      );
  }
}

function readZone(cursor: TextCursor, word: string, type: DataType): DataType {
  const zoned = takesWords(cursor, "with", "time", "zone");
  if (type.kind === "string") takeNumbers(cursor);
  return zoned && word === "TIMESTAMP" ? TIMESTAMP : type;
}

function readDecimal(cursor: TextCursor, start: number): DataType {
  const numbers = takeNumbers(cursor);
  const [precision = 18, scale = numbers.length === 0 ? 3 : 0] = numbers;
  if (precision < 1 || precision > 38 || scale > precision)
    throw badText(cursor, "a DECIMAL has a width from 1 to 38 and a scale up to the width", undefined, start);
  return decimal(precision, scale);
}

function readFields(cursor: TextCursor): Field[] {
  const fields: Field[] = [];
  expects(cursor, "(");
  do {
    const name = sees(cursor, '"') ? takeQuoted(cursor, '"') : takesMatch(cursor, /[^\s(),"[\]]+/);
    if (name === undefined) throw badText(cursor, "expected a field name");
    fields.push(field(name, readType(cursor)));
  } while (takes(cursor, ","));
  expects(cursor, ")");
  return fields;
}

function readMap(cursor: TextCursor): DataType {
  expects(cursor, "(");
  readType(cursor);
  expects(cursor, ",");
  const value = readType(cursor);
  expects(cursor, ")");
  return map(value);
}

function readOptions(cursor: TextCursor): string[] {
  const options: string[] = [];
  expects(cursor, "(");
  if (takes(cursor, ")")) return options;
  do {
    if (!sees(cursor, "'")) throw badText(cursor, "expected a quoted value");
    options.push(takeQuoted(cursor, "'"));
  } while (takes(cursor, ","));
  expects(cursor, ")");
  return options;
}
