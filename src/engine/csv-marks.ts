/** What a cell of CSV must not hold as it is; the same for every engine. */
import type { CsvWriteOptions } from "../formats/csv-options.js";
import { DynaframeError } from "../types/error.js";

/**
 * With an escaper: what is replaced by what, in that order, so that readers with the same escaper get the text back.
 */
export function escapesOf({
  escaper,
  quoteChar,
  separator,
}: CsvWriteOptions): readonly (readonly [from: string, to: string])[] {
  if (escaper === undefined) return [];
  const common = [
    [escaper, escaper + escaper],
    ["\n", `${escaper}n`],
    ["\r", `${escaper}r`],
  ] as const;
  return quoteChar === -1 ? [...common, [separator, escaper + separator]] : common;
}

/** What then still makes quotes necessary. */
export function breaksOf({ escaper, quoteChar, separator }: CsvWriteOptions): readonly string[] {
  if (quoteChar === -1) return escaper === undefined ? [separator, "\n", "\r"] : [];
  return [separator, quoteChar, "\n", "\r"];
}

/** A record without any field would be an empty line, which no reader takes for a record. */
export const noFields = (): DynaframeError =>
  new DynaframeError("CSV_NO_FIELDS", "CSV has no line for a record without any field: an empty line is no record.", {
    expected: "a field",
    found: "records of no field",
    hint: "Filter such records, or write json or parquet, which keep them.",
  });

export const needsQuotes = (path: string, found: string): DynaframeError =>
  new DynaframeError(
    "CSV_NEEDS_QUOTES",
    found === ""
      ? `An empty ${path} is all of its line, which without quotes is no record: quoteChar is -1.`
      : `A text at ${path} holds the separator or a line end, and quoteChar is -1: ${JSON.stringify(found.slice(0, 200))}`,
    {
      path,
      found: found.slice(0, 200),
      hint: "Leave quoteChar out, give an escaper, or choose a separator that no text holds.",
    },
  );
