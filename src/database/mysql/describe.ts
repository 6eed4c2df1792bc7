/** The columns of a table and what each can hold, from information_schema. */
import { DynaframeError } from "../../types/error.js";
import { tableText, type TableName } from "../table-name.js";
import { integerOf, type TargetColumn, type TargetType } from "../target-column.js";
import type { MysqlSession } from "./connect.js";
import { quoteText } from "./quote.js";

/** Undefined when there is no such table. @throws UNSUPPORTED for tables without transactions, such as MyISAM's. */
export async function describeTable(
  session: MysqlSession,
  table: TableName,
): Promise<readonly TargetColumn[] | undefined> {
  const at = (prefix: string): string =>
    `${prefix}.table_schema = ${table.schema === undefined ? "DATABASE()" : quoteText(table.schema)} AND ${prefix}.table_name = ${quoteText(table.name)}`;
  const rows = texts(
    await session.run(
      "SELECT c.column_name, c.data_type, c.column_type, c.is_nullable, c.column_default IS NOT NULL OR c.extra LIKE '%auto_increment%', c.generation_expression IS NOT NULL AND c.generation_expression <> '',"
        + ` c.character_maximum_length, c.character_octet_length, c.numeric_precision, c.numeric_scale, c.datetime_precision FROM information_schema.columns c WHERE ${at("c")} ORDER BY c.ordinal_position`,
    ),
  );
  if (rows.length === 0) return undefined;
  const [[engine] = []] = texts(
    await session.run(
      `SELECT t.engine FROM information_schema.tables t JOIN information_schema.engines e ON e.engine = t.engine AND e.transactions <> 'YES' WHERE ${at("t")}`,
    ),
  );
  if (engine !== undefined) {
    throw new DynaframeError(
      "UNSUPPORTED",
      `Table ${tableText(table)} is kept by ${engine}, which has no transactions: a write that fails could not be undone.`,
      { path: tableText(table), expected: "InnoDB", found: engine ?? "", hint: "ALTER TABLE … ENGINE = InnoDB." },
    );
  }
  const json = await jsonColumns(session, table);
  const oneZero = await isMariadb(session);
  return rows.map(([name, dataType, declared, nullable, hasDefault, generated, ...sizes]) => {
    const type = targetOf(
      dataType ?? "",
      declared ?? "",
      sizes.map((s) => (s === null ? undefined : Number(s))),
    );
    const isJson = json.has(name ?? "");
    return {
      name: name ?? "",
      declared: isJson ? "json" : (declared ?? ""),
      nullable: nullable === "YES",
      hasDefault: hasDefault === "1",
      generated: generated === "1",
      type: isJson ? { kind: "json", nul: true, form: "text" } : type.kind === "float" ? { ...type, oneZero } : type,
    };
  });
}

/** Which has JSON as texts, and 0 for -0. */
async function isMariadb(session: MysqlSession): Promise<boolean> {
  const [[version] = []] = texts(await session.run("SELECT VERSION()"));
  return version?.includes("MariaDB") === true;
}

/** In MariaDB JSON is a text with a check. */
export async function jsonColumns(session: MysqlSession, table: TableName): Promise<ReadonlySet<string>> {
  if (!(await isMariadb(session))) return new Set();
  const schema = table.schema === undefined ? "DATABASE()" : quoteText(table.schema);
  const rows = texts(
    await session.run(
      `SELECT check_clause FROM information_schema.check_constraints WHERE constraint_schema = ${schema} AND table_name = ${quoteText(table.name)}`,
    ),
  );
  return new Set(
    rows.flatMap(([clause]) => /^json_valid\(`((?:[^`]|``)+)`\)$/.exec(clause ?? "")?.[1]?.replaceAll("``", "`") ?? []),
  );
}

export const texts = ({ rows }: { readonly rows: readonly (readonly (Buffer | null)[])[] }): (string | null)[][] =>
  rows.map((row) => row.map((cell) => cell?.toString("utf8") ?? null));

const micros = (text: string): bigint => BigInt(Date.parse(`${text}Z`)) * 1000n;
/** DATETIME and DATE reach from the year 1000 to 9999; TIMESTAMP lives in 32 bits of seconds. */
const DATETIME = { min: micros("1000-01-01T00:00:00"), max: micros("9999-12-31T23:59:59") + 999_999n };
const TIMESTAMP = { min: micros("1970-01-01T00:00:01"), max: micros("2038-01-19T03:14:07") + 999_999n };

/** What a declared type can hold. */
export function targetOf(
  dataType: string,
  declared: string,
  [characters, bytes, precision, scale, digits]: readonly (number | undefined)[],
): TargetType {
  const unsigned = /\bunsigned\b/.test(declared);
  switch (dataType) {
    case "tinyint":
      return { ...integerOf(8, !unsigned), ...(/^tinyint\(1\)/.test(declared) ? { booleans: true } : {}) };
    case "smallint":
      return integerOf(16, !unsigned);
    case "mediumint":
      return integerOf(24, !unsigned);
    case "int":
      return integerOf(32, !unsigned);
    case "bigint":
      return integerOf(64, !unsigned);
    case "year":
      return { kind: "integer", min: 1901n, max: 2155n, orZero: true };
    case "bit":
      return { ...integerOf(precision ?? 1, false), ...(precision === 1 ? { booleans: true } : {}) };
    case "float":
    case "double":
      return {
        kind: "float",
        bits: dataType === "float" ? 32 : 64,
        special: "none",
        unsigned,
        ...(scale === undefined || precision === undefined ? {} : { digits: { precision, scale } }),
      };
    case "decimal":
      return { kind: "decimal", precision: precision ?? 10, scale: scale ?? 0, unsigned };
    case "char":
    case "varchar":
      return {
        kind: "text",
        nul: true,
        trimmed: dataType === "char",
        ...(characters === undefined ? {} : { maxLength: characters }),
      };
    case "tinytext":
    case "text":
    case "mediumtext":
    case "longtext":
      return { kind: "text", nul: true, ...(bytes === undefined ? {} : { maxBytes: bytes }) };
    case "binary":
      return { kind: "binary", fixed: true, maxBytes: bytes ?? 1 };
    case "varbinary":
    case "tinyblob":
    case "blob":
    case "mediumblob":
    case "longblob":
      return { kind: "binary", ...(bytes === undefined ? {} : { maxBytes: bytes }) };
    case "date":
      return { kind: "date", minYear: 1000, maxYear: 9999 };
    case "datetime":
      return { kind: "timestamp", zoned: false, digits: digits ?? 0, ...DATETIME };
    case "timestamp":
      return { kind: "timestamp", zoned: true, digits: digits ?? 0, ...TIMESTAMP };
    case "json":
      return { kind: "json", nul: true, form: "doubles" };
    case "enum":
    case "set":
      return { kind: "names", names: namesOf(declared), several: dataType === "set" };
    // a fraction past the column's digits would be rounded
    case "time":
      return { kind: "parsed", pattern: new RegExp(`^-?\\d{1,3}:\\d\\d:\\d\\d(?:\\.\\d{0,${digits ?? 0}})?$`) };
    default:
      return { kind: "parsed" };
  }
}

/** `enum('it''s','a\\\\b')`: the names as the server prints them. */
function namesOf(declared: string): ReadonlySet<string> {
  const names = [...declared.matchAll(/'((?:[^'\\]|''|\\[\s\S])*)'/g)].map(([, name = ""]) => name);
  return new Set(
    names.map((name) =>
      name.replaceAll(/''|\\([\s\S])/g, (pair, escaped: string | undefined) =>
        escaped === undefined ? pair.slice(1) : (ESCAPED[escaped] ?? escaped),
      ),
    ),
  );
}

const ESCAPED: Readonly<Record<string, string>> = { 0: "\0", n: "\n", r: "\r", Z: "\x1a" };
