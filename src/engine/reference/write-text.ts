/** Rows as lines of CSV. */
import type { CsvWriteOptions } from "../../formats/csv-options.js";
import { type DataType, type Field, type StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { fieldPath } from "../../types/path.js";
import type { Row } from "../../types/value.js";
import { needsQuotes, noFields } from "../csv-marks.js";
import { textOf } from "./cast-value.js";
import { isNull } from "./order.js";
import { readField } from "./evaluate-scalar.js";

/**
 * CSV holds atomic values only: a choice anywhere is UNRESOLVED_CHOICE, a nested type UNSUPPORTED_TYPE, each with its
 * path.
 */
export function requireFlat(type: StructType): void {
  const choicePath = (at: DataType, path: string): string | undefined => {
    if (at.kind === "choice") return path;
    if (at.kind === "array" || at.kind === "set") return choicePath(at.element, `${path}[]`);
    if (at.kind === "map") return choicePath(at.value, path);
    return at.kind === "struct"
      ? at.fields.map((f) => choicePath(f.type, fieldPath(path, f.name))).find((found) => found !== undefined)
      : undefined;
  };
  for (const { name, type: column } of type.fields) {
    const path = choicePath(column, fieldPath("", name));
    if (path !== undefined)
      throw new DynaframeError("UNRESOLVED_CHOICE", "CSV has no place for a choice", {
        path,
        hint: "resolve it first",
      });
    if (["struct", "array", "set", "map"].includes(column.kind)) {
      throw new DynaframeError("UNSUPPORTED_TYPE", `CSV has no place for a column of type ${column.kind}`, {
        path: fieldPath("", name),
        found: column.kind,
        hint: "relationalize or unnest first",
      });
    }
  }
}

/**
 * A CSV line; a value that holds the separator, the quote or a line end is quoted, and so is the empty string: null is
 * nothing at all, except alone on its line, since an empty line is no record. Binary is base64.
 */
export function csvLine(row: Row, fields: readonly Field[], options: CsvWriteOptions): string {
  if (fields.length === 0) throw noFields();
  return fields
    .map(({ name, type }) => {
      const value = readField(row, name);
      const { quoteChar } = options;
      const text = isNull(value)
        ? ""
        : type.kind === "binary"
          ? Buffer.from(value as Uint8Array).toString("base64")
          : textOf(value, type);
      if (text === "" && fields.length === 1 && quoteChar === -1) throw needsQuotes(name, "");
      if (isNull(value)) return fields.length === 1 ? `${quoteChar}${quoteChar}` : "";
      return csvField(name, text, options);
    })
    .join(options.separator);
}

/**
 * With an escaper, its own doubles and line ends as `n` and `r` behind it; without quotes the separator behind it too.
 */
export function csvField(path: string, given: string, { separator, quoteChar, escaper }: CsvWriteOptions): string {
  const escaped =
    escaper === undefined
      ? given
      : [...given]
          .map((c) => {
            if (c === escaper || (c === separator && quoteChar === -1)) return escaper + c;
            return c === "\n" ? `${escaper}n` : c === "\r" ? `${escaper}r` : c;
          })
          .join("");
  if (quoteChar === -1) {
    if (escaper === undefined && [separator, "\n", "\r"].some((c) => given.includes(c))) throw needsQuotes(path, given);
    return escaped;
  }
  if (escaped !== "" && ![separator, quoteChar, "\n", "\r"].some((c) => escaped.includes(c))) return escaped;
  return quoteChar + escaped.replaceAll(quoteChar, quoteChar + quoteChar) + quoteChar;
}
