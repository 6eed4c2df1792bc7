/** Rows of a short CSV text inside a record; files are read by the scanner, whose rules these are. */
import type { CsvOptions } from "../shapes/scan-csv.js";
import { DynaframeError } from "../types/error.js";

const ESCAPED: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["0", "\0"],
]);

/**
 * The cells of each row that is not blank.
 * @throws CSV_UNTERMINATED_QUOTE for a quote that is not closed (on its line, unless `multiLine`).
 */
export function parseCsvText(
  text: string,
  { separator = ",", quoteChar = '"', escaper, multiLine = false }: CsvOptions,
): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let started = false;
  let quotedFrom = -1;
  const endCell = (): void => {
    row.push(cell);
    cell = "";
    started = false;
  };
  const endRow = (): void => {
    const blank = row.length === 0 && !started;
    endCell();
    if (!blank) rows.push(row);
    row = [];
  };
  for (let at = 0; at < text.length; at++) {
    const c = text.charAt(at);
    const next = text.charAt(at + 1);
    const quoted = quotedFrom >= 0;
    if (c === escaper && escaper !== quoteChar && next !== "" && (next !== "\n" || multiLine)) {
      cell += ESCAPED.get(next) ?? next;
      started = true;
      at++;
    } else if (quoted && c === quoteChar && next === quoteChar) {
      cell += c;
      at++;
    } else if (quoted && c === quoteChar) quotedFrom = -1;
    else if (quoted && c === "\n" && !multiLine) break;
    else if (quoted) cell += c;
    else if (c === quoteChar && !started) {
      quotedFrom = at;
      started = true;
    } else if (c === separator) endCell();
    else if (c === "\n" || (c === "\r" && (next === "\n" || next === ""))) {
      endRow();
      if (c === "\r") at++;
    } else {
      cell += c;
      started = true;
    }
  }
  if (quotedFrom >= 0) {
    throw new DynaframeError("CSV_UNTERMINATED_QUOTE", `the quote at character ${quotedFrom} is not closed`, {
      offset: quotedFrom,
      hint: "Close it, or read with quoteChar: -1 or multiLine: true.",
    });
  }
  endRow();
  return rows;
}
