/** Texts inside records, parsed with reader options: what `unbox` does to one text. */
import { charsetOption } from "../formats/charset-option.js";
import type { Charset } from "../shapes/unpack/charset.js";
import { csvOptions } from "../formats/csv-options.js";
import { parseCsvText } from "../formats/csv-text.js";
import type { FormatOptions } from "../formats/index.js";
import { jsonFormat } from "../formats/json.js";
import { parseJsonText, type JsonText } from "../formats/json-text.js";
import { typeOption } from "../formats/schema-option.js";
import type { CsvOptions } from "../shapes/scan-csv.js";
import { STRING, array, field, struct, type DataType } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";
import { mergeAll } from "../types/merge.js";
import { setField, type Row } from "../types/value.js";
import { fitSchema } from "./fit-schema.js";
import { conformValue, type TypedValue } from "./lambda-values.js";

export type TextParser = (text: string) => TypedValue;

/**
 * The parser of that format: json or csv. UNSUPPORTED_FORMAT and BAD_OPTION for wrong calls; the parser throws for a
 * text it cannot read.
 */
export function textParser(format: string, options: FormatOptions, path: string): TextParser {
  const ofFiles = Object.keys(options).find((name) => OF_FILES[format.toLowerCase()]?.[name] !== undefined);
  if (ofFiles !== undefined) {
    throw new DynaframeError("UNSUPPORTED_OPTION", `unbox: ${ofFiles} is an option of files.`, {
      path: ofFiles,
      expected: "an option of one text",
      found: ofFiles,
      hint: OF_FILES[format.toLowerCase()]?.[ofFiles] ?? "Leave it out.",
    });
  }
  const schema = typeOption(options);
  const parse = parserOf(format, options, schema);
  if (!schema) return parse;
  return (text) => {
    const { value, type } = parse(text);
    return { value: fitSchema(value, type, schema, path), type: schema };
  };
}

/**
 * Options of readers that a single text has no use for, and what to do instead: taken in silence they would seem to
 * have worked.
 */
const OF_FILES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  json: { jsonPath: "Take the member from the struct: selectFields or applyMapping after unbox." },
  csv: { inferTypes: "Give the types with withSchema." },
};

/** In which encoding binary values are texts. @throws BAD_OPTION */
export const unboxCharset = (format: string, options: FormatOptions): Charset =>
  charsetOption(format.toLowerCase() === "csv" ? "csv" : "json", options);

function parserOf(format: string, options: FormatOptions, schema: DataType | undefined): TextParser {
  switch (format.toLowerCase()) {
    case "json":
      jsonFormat.checkOptions({ ...options, withSchema: undefined }); // a text may be any value, not only a record
      return (text) => typedJson(parseJsonText(text));
    case "csv": {
      const csv = csvOptions(options);
      return (text) => csvRecord(text, csv, schema);
    }
    default:
      throw new DynaframeError("UNSUPPORTED_FORMAT", `unbox cannot read ${format}.`, {
        expected: "json, csv or avro",
        found: format,
        hint: "Parse it in map() instead.",
      });
  }
}

function typedJson(node: JsonText): TypedValue {
  switch (node.kind) {
    case "atom":
      return node;
    case "array": {
      const items = node.elements.map(typedJson);
      const element = mergeAll(items.map((i) => i.type));
      return { value: items.map((i) => conformValue(i.value, i.type, element)), type: array(element) };
    }
    case "object": {
      const row: Row = {};
      const fields = [...node.fields].map(([name, inner]) => {
        const typed = typedJson(inner);
        setField(row, name, typed.value);
        return field(name, typed.type);
      });
      return { value: row, type: struct(fields) };
    }
  }
}

/** The text's one row: cells are strings, named by the header, by the schema or by their place. */
function csvRecord(text: string, options: CsvOptions, schema: DataType | undefined): TypedValue {
  const rows = parseCsvText(text, options);
  const header = options.withHeader ? rows[0] : undefined;
  const data = rows.slice((header ? 1 : 0) + (options.skipFirst ? 1 : 0));
  const [cells] = data;
  if (!cells || data.length > 1) {
    throw new DynaframeError("NOT_A_RECORD", `the text holds ${data.length} rows, not one`, {
      expected: "one row",
      found: `${data.length} rows`,
      hint: "See withHeader and skipFirst.",
    });
  }
  const names = options.names ?? header ?? (schema?.kind === "struct" ? schema.fields.map((f) => f.name) : undefined);
  if (names && cells.length > names.length) {
    throw new DynaframeError("CSV_TOO_MANY_CELLS", `the row has ${cells.length} cells for ${names.length} columns`, {
      expected: `at most ${names.length}`,
      found: String(cells.length),
    });
  }
  const row: Row = {};
  const columns = cells.map((_, i) => names?.[i] || `col${i}`);
  for (const [i, name] of columns.entries()) setField(row, name, cells[i]);
  return { value: row, type: struct([...new Set(columns)].map((name) => field(name, STRING))) };
}
