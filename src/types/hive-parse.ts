/** Reads type texts of Hive, Glue and Spark SQL. */
import {
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
  array,
  decimal,
  enumOf,
  field,
  map,
  set,
  struct,
} from "./data-type.js";
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

type Dialect = {
  /** Precision and scale of a bare `decimal`: Hive's 10,0 or Glue's 10,2. */
  readonly bareScale: number;
  /** Whether `array`, `map`, `set`, `struct` may stand without their parameters. */
  readonly bareContainers: boolean;
};

const SIMPLE: ReadonlyMap<string, DataType> = new Map([
  ["binary", BINARY],
  ["boolean", BOOLEAN],
  ["bool", BOOLEAN],
  ["byte", BYTE],
  ["tinyint", BYTE],
  ["short", SHORT],
  ["smallint", SHORT],
  ["int", INT],
  ["integer", INT],
  ["long", LONG],
  ["bigint", LONG],
  ["float", FLOAT],
  ["real", FLOAT],
  ["double", DOUBLE],
  ["date", DATE],
  ["timestamp", TIMESTAMP],
  ["timestamp_ltz", TIMESTAMP],
  ["timestampntz", TIMESTAMPNTZ],
  ["timestamp_ntz", TIMESTAMPNTZ],
  ["string", STRING],
  ["null", NULL],
  ["void", NULL],
  ["unknown", UNKNOWN],
]);

/**
 * Reads a Hive column type, names of types in any case, Glue's and Spark's spellings (`long`, `integer`, `bool`, …)
 * included. `char(n)` and `varchar(n)` are string; a bare `decimal` is `decimal(10,0)`. A field name runs up to its
 * colon, or stands in backticks.
 * @throws BAD_TYPE_TEXT with the offset; UNSUPPORTED_TYPE for `uniontype` and `interval`; TOO_DEEP.
 */
export function parseHiveType(text: string): DataType {
  return parse(text, { bareScale: 0, bareContainers: false });
}

/**
 * Reads the type of a mapping or of a resolveChoice action: as `parseHiveType`, and `array`, `map`, `set`, `struct`,
 * `enum` may stand bare (unknown elements, no fields). A bare `decimal` is Glue's `decimal(10,2)`.
 * @throws as `parseHiveType`.
 */
export function parseTypeName(text: string): DataType {
  return parse(text, { bareScale: 2, bareContainers: true });
}

function parse(text: string, dialect: Dialect): DataType {
  const cursor = cursorOf(text);
  const type = readType(cursor, dialect);
  if (!sees(cursor, "") || cursor.at < text.length) throw badText(cursor, "the type ends here but the text goes on");
  return type;
}

function readType(cursor: TextCursor, dialect: Dialect): DataType {
  sees(cursor, "");
  const start = cursor.at;
  const word = takesMatch(cursor, /[A-Za-z_][A-Za-z0-9_]*/)?.toLowerCase();
  if (word === undefined) throw badText(cursor, "expected the name of a type");
  const simple = SIMPLE.get(word);
  if (simple !== undefined) return readSuffix(cursor, word, simple);
  switch (word) {
    case "decimal":
    case "numeric":
    case "dec":
      return readDecimal(cursor, dialect);
    case "char":
    case "varchar":
    case "character":
      takeNumbers(cursor);
      return STRING;
    case "array":
      return array(readOne(cursor, dialect));
    case "set":
      return set(readOne(cursor, dialect));
    case "map":
      return map(readMapValue(cursor, dialect));
    case "struct":
      return readStruct(cursor, dialect);
    case "enum":
      if (dialect.bareContainers) return enumOf([]);
      break;
    case "uniontype":
    case "interval":
      throw unsupported(cursor, word, start);
    default:
  }
  throw badText(
    cursor,
    `there is no type ${word}`,
    "types are boolean, tinyint, smallint, int, bigint, float, double, decimal(p,s), string, date, timestamp, binary, array<…>, map<…>, struct<…>",
    start,
  );
}

function unsupported(cursor: TextCursor, word: string, start: number): Error {
  const error = badText(
    cursor,
    `${word} has no counterpart here`,
    word === "uniontype"
      ? "declare the column as string, or let a crawl find its choice"
      : "declare the column as string",
    start,
  );
  return Object.assign(error, { code: "UNSUPPORTED_TYPE" });
}

// `double precision`, `timestamp with local time zone`
function readSuffix(cursor: TextCursor, word: string, type: DataType): DataType {
  if (word === "double") takesWords(cursor, "precision");
  if (word !== "timestamp") return type;
  if (takesWords(cursor, "with", "local", "time", "zone") || takesWords(cursor, "with", "time", "zone"))
    return TIMESTAMP;
  if (takesWords(cursor, "without", "time", "zone")) return TIMESTAMPNTZ;
  return type;
}

function readDecimal(cursor: TextCursor, dialect: Dialect): DataType {
  const start = cursor.at;
  const numbers = takeNumbers(cursor);
  const precision = numbers[0] ?? 10;
  const scale = numbers[1] ?? (numbers.length === 0 ? dialect.bareScale : 0);
  if (numbers.length > 2 || precision < 1 || precision > 38 || scale > precision) {
    throw badText(cursor, "a decimal has a precision from 1 to 38 and a scale up to the precision", undefined, start);
  }
  return decimal(precision, scale);
}

function readOne(cursor: TextCursor, dialect: Dialect): DataType {
  if (dialect.bareContainers && !sees(cursor, "<")) return UNKNOWN;
  expects(cursor, "<");
  const type = nested(cursor, () => readType(cursor, dialect));
  expects(cursor, ">");
  return type;
}

function readMapValue(cursor: TextCursor, dialect: Dialect): DataType {
  if (dialect.bareContainers && !sees(cursor, "<")) return UNKNOWN;
  expects(cursor, "<");
  const start = cursor.at;
  const key = nested(cursor, () => readType(cursor, dialect));
  if (["array", "set", "map", "struct"].includes(key.kind))
    throw badText(cursor, "the key of a map must be a plain type", undefined, start);
  expects(cursor, ",");
  const value = nested(cursor, () => readType(cursor, dialect));
  expects(cursor, ">");
  return value;
}

function readStruct(cursor: TextCursor, dialect: Dialect): DataType {
  const fields: Field[] = [];
  if (dialect.bareContainers && !sees(cursor, "<")) return struct(fields);
  expects(cursor, "<");
  if (takes(cursor, ">")) return struct(fields);
  const seen = new Set<string>();
  do {
    sees(cursor, "");
    const start = cursor.at;
    const name = readName(cursor);
    if (seen.has(name)) throw badText(cursor, `the field ${JSON.stringify(name)} occurs twice`, undefined, start);
    seen.add(name);
    fields.push(
      field(
        name,
        nested(cursor, () => readType(cursor, dialect)),
      ),
    );
    skipComment(cursor);
  } while (takes(cursor, ","));
  expects(cursor, ">");
  return struct(fields);
}

// Crawlers write names unquoted whatever they hold (`struct<a-b:int,a b:int>`), so a name is all text up to the colon.
function readName(cursor: TextCursor): string {
  if (sees(cursor, "`")) {
    const name = takeQuoted(cursor, "`");
    expects(cursor, ":");
    return name;
  }
  const colon = cursor.text.indexOf(":", cursor.at);
  const name = colon < 0 ? "" : cursor.text.slice(cursor.at, colon).trimEnd();
  if (name === "" || /[<>,]/.test(name))
    throw badText(cursor, "expected a field name and a colon", "write fields as name:type; odd names in backticks");
  cursor.at = colon + 1;
  return name;
}

// `name:type COMMENT 'text'`, as DESCRIBE prints it
function skipComment(cursor: TextCursor): void {
  if (takesWords(cursor, "comment") && sees(cursor, "'")) takeQuoted(cursor, "'");
}
