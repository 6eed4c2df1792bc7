/** Records as lines of CSV, in SQL. */
import type { CsvWriteOptions } from "../../formats/csv-options.js";
import { NULL, type DataType, type StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { fieldPath } from "../../types/path.js";
import { physicalNames } from "../../types/physical.js";
import { breaksOf, escapesOf, needsQuotes } from "../csv-marks.js";

/** What lines of CSV need of an engine's SQL. */
export type CsvDialect = {
  /** A text constant. */
  readonly text: (value: string) => string;
  /** The text of a value, NULL for null; binary as base64, since CSV has no bytes. */
  readonly fieldText: (value: string, type: DataType) => string;
  /** Fails the query with a message made of a constant and an expression. */
  readonly raise: (prefix: string, found: string) => string;
};

/** CSV holds atomic values only. A choice is UNRESOLVED_CHOICE, a nested type UNSUPPORTED_TYPE; both name the path. */
export function requireFlat(type: StructType): void {
  for (const { name, type: fieldType } of type.fields) {
    const where = choicePath(fieldType, fieldPath("", name));
    if (where !== undefined) {
      throw new DynaframeError("UNRESOLVED_CHOICE", `CSV cannot hold the choice at ${where}.`, {
        path: where,
        hint: "Resolve it first, for example with resolveChoice.",
      });
    }
    if (isNested(fieldType)) {
      throw new DynaframeError("UNSUPPORTED_TYPE", `CSV cannot hold the ${fieldType.kind} at ${fieldPath("", name)}.`, {
        path: fieldPath("", name),
        found: fieldType.kind,
        hint: "Use relationalize or unnest first, or write json or parquet.",
      });
    }
  }
}

const isNested = ({ kind }: DataType): boolean =>
  kind === "array" || kind === "set" || kind === "map" || kind === "struct";

/** The first choice at or below the type. */
function choicePath(type: DataType, path: string): string | undefined {
  switch (type.kind) {
    case "choice":
      return path;
    case "array":
    case "set":
      return choicePath(type.element, `${path}[]`);
    case "map":
      return choicePath(type.value, path);
    case "struct":
      for (const f of type.fields) {
        const found = choicePath(f.type, fieldPath(path, f.name));
        if (found !== undefined) return found;
      }
      return undefined;
    default:
      return undefined;
  }
}

/**
 * The header line.
 * @throws CSV_NEEDS_QUOTES for a name that holds the separator or a line end, where there are neither quotes nor an
 * escaper.
 */
export function csvHeader(type: StructType, options: CsvWriteOptions): string {
  return type.fields
    .map(({ name }) => {
      const escaped = escapesOf(options).reduce((written, [from, to]) => written.replaceAll(from, to), name);
      const { quoteChar } = options;
      if (quoteChar !== -1)
        return name === "" || breaksOf(options).some((c) => escaped.includes(c))
          ? quoteChar + escaped.replaceAll(quoteChar, quoteChar + quoteChar) + quoteChar
          : escaped;
      if (breaksOf(options).some((c) => escaped.includes(c))) throw needsQuotes(name, name);
      return escaped;
    })
    .join(options.separator);
}

/**
 * SQL of the line of a record. null is the empty field and an empty string is quoted, so that reading can tell them
 * apart; a line of one null field is quoted too, since an empty line is no record: without quotes it fails the query
 * with CSV_NEEDS_QUOTES. With an escaper line ends are written as escapes. A record without any field fails the query
 * with CSV_NO_FIELDS. Without quotes and without an escaper a text that holds the separator or a line end fails it too.
 */
export function csvLine(
  type: StructType,
  options: CsvWriteOptions,
  { text, fieldText, raise }: CsvDialect,
  fieldSql: (physicalName: string) => string,
): string {
  const alone = type.fields.length === 1;
  const parts = physicalNames(type).map((name, i) => {
    const { quoteChar } = options;
    const { name: path = "", type: fieldType = NULL } = type.fields[i] ?? {};
    const raw = fieldText(fieldSql(name), fieldType);
    const plain = escapesOf(options).reduce(
      (written, [from, to]) => `replace(${written}, ${text(from)}, ${text(to)})`,
      raw,
    );
    const breaks = breaksOf(options)
      .map((c) => `contains(${plain}, ${text(c)})`)
      .join(" OR ");
    if (quoteChar === -1) {
      if (breaks === "" && !alone) return `coalesce(${plain}, '')`;
      const fails = raise(["CSV_NEEDS_QUOTES", path, ""].join("\u001f"), `coalesce(${plain}, '')`);
      const [ofNull, ofEmpty] = alone ? [fails, `WHEN ${plain} = '' THEN ${fails}`] : ["''", ""];
      return `CASE WHEN ${plain} IS NULL THEN ${ofNull} ${ofEmpty} ${breaks === "" ? "" : `WHEN ${breaks} THEN ${fails}`} ELSE ${plain} END`;
    }
    const inQuotes = `${text(quoteChar)} || replace(${plain}, ${text(quoteChar)}, ${text(quoteChar + quoteChar)}) || ${text(quoteChar)}`;
    return `CASE WHEN ${plain} IS NULL THEN ${text(alone ? quoteChar + quoteChar : "")} WHEN ${plain} = '' OR ${breaks} THEN ${inQuotes} ELSE ${plain} END`;
  });
  return parts.length === 0
    ? raise(["CSV_NO_FIELDS", "", ""].join("\u001f"), "''")
    : parts.join(` || ${text(options.separator)} || `);
}
