/** Records as lines of CSV, in SQL. */
import type { FormatOptions } from "../../formats/index.js";
import type { DataType, StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { physicalNames } from "../../types/physical.js";
import { textOf } from "./compile-text.js";
import { text } from "./quote.js";

/** Glue's writer options for CSV: `separator` (`,`), `quoteChar` (`"`, -1 for none), `writeHeader` (true). */
export type CsvOptions = { readonly separator: string; readonly quote: string | undefined; readonly header: boolean };

export function csvOptions(options: FormatOptions): CsvOptions {
  const { separator, quoteChar, writeHeader } = options;
  const off = quoteChar === -1 || quoteChar === "-1" || quoteChar === "";
  if (!off && quoteChar !== undefined && !/^[\x21-\x7e]$/.test(String(quoteChar))) {
    throw new DynaframeError("BAD_OPTION", "quoteChar must be one printable ASCII character, or -1 for none.", { path: "quoteChar", found: String(quoteChar) });
  }
  return {
    separator: typeof separator === "string" && separator !== "" ? separator : ",",
    quote: off ? undefined : typeof quoteChar === "string" ? quoteChar : '"',
    header: writeHeader !== false && writeHeader !== "false",
  };
}

/** CSV holds atomic values only. A choice is UNRESOLVED_CHOICE, a nested type UNSUPPORTED_TYPE; both name the path. */
export function requireFlat(type: StructType): void {
  for (const { name, type: fieldType } of type.fields) {
    const where = choicePath(fieldType, name);
    if (where !== undefined) {
      throw new DynaframeError("UNRESOLVED_CHOICE", `CSV cannot hold the choice at ${where}.`, { path: where, hint: "Resolve it first, for example with resolveChoice." });
    }
    if (isNested(fieldType)) {
      throw new DynaframeError("UNSUPPORTED_TYPE", `CSV cannot hold the ${fieldType.kind} at ${name}.`, {
        path: name, found: fieldType.kind, hint: "Use relationalize or unnest first, or write json or parquet.",
      });
    }
  }
}

const isNested = ({ kind }: DataType): boolean => kind === "array" || kind === "set" || kind === "map" || kind === "struct";

/** The first choice at or below the type. */
function choicePath(type: DataType, path: string): string | undefined {
  switch (type.kind) {
    case "choice": return path;
    case "array": case "set": return choicePath(type.element, `${path}[]`);
    case "map": return choicePath(type.value, path);
    case "struct":
      for (const f of type.fields) {
        const found = choicePath(f.type, `${path}.${f.name}`);
        if (found !== undefined) return found;
      }
      return undefined;
    default: return undefined;
  }
}

/** The header line. */
export const csvHeader = (type: StructType, options: CsvOptions): string => type.fields.map(({ name }) => quoted(name, options)).join(options.separator);

/**
 * SQL of the line of a record. null is the empty field and an empty string is quoted, so that reading can tell them apart; a line of
 * one null field is quoted too, since an empty line is no record.
 */
export function csvLine(type: StructType, options: CsvOptions, fieldSql: (physicalName: string) => string): string {
  const alone = type.fields.length === 1;
  const parts = physicalNames(type).map((name, i) => {
    const plain = fieldText(fieldSql(name), type.fields[i]?.type ?? { kind: "null" });
    const { quote } = options;
    if (quote === undefined) return `coalesce(${plain}, '')`;
    const inQuotes = `${text(quote)} || replace(${plain}, ${text(quote)}, ${text(quote + quote)}) || ${text(quote)}`;
    return `CASE WHEN ${plain} IS NULL THEN ${text(alone ? quote + quote : "")} WHEN ${needsQuotes(plain, options, quote)} THEN ${inQuotes} ELSE ${plain} END`;
  });
  return parts.length === 0 ? "''" : parts.join(` || ${text(options.separator)} || `);
}

/** Binary as base64: CSV has no bytes. */
const fieldText = (value: string, type: DataType): string => (type.kind === "binary" ? `to_base64(${value})` : textOf(value, type));

const needsQuotes = (plain: string, { separator }: CsvOptions, quote: string): string =>
  [`${plain} = ''`, ...[separator, quote, "\n", "\r"].map((c) => `contains(${plain}, ${text(c)})`)].join(" OR ");

function quoted(name: string, { separator, quote }: CsvOptions): string {
  const needs = quote !== undefined && (name === "" || [separator, quote, "\n", "\r"].some((c) => name.includes(c)));
  return needs && quote !== undefined ? quote + name.replaceAll(quote, quote + quote) + quote : name;
}
