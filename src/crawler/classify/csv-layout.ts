/**
 * The built-in CSV classifier of Glue, and the CsvClassifier with its settings (developer guide, "Built-in
 * classifiers").
 */
import { headText } from "../../formats/head.js";
import type { CsvLayout } from "./classification.js";

/** In the order of trying. */
const DELIMITERS: readonly string[] = [",", "|", "\t", ";", "\u0001"];
const MAX_HEADER_CELL = 150;
/** Rows of the head that must have the same number of columns; a few ragged ones are the scanner's business. */
const REGULAR_SHARE = 0.9;

export type CsvSettings = {
  readonly delimiter?: string;
  readonly quoteSymbol?: string;
  readonly containsHeader?: "UNKNOWN" | "PRESENT" | "ABSENT";
  readonly header?: readonly string[];
  readonly allowSingleColumn?: boolean;
  readonly disableValueTrimming?: boolean;
  /**
   * Types that columns may have beside Glue's own for CSV (bigint, double, boolean, string), when all of a column's
   * values are of one: INT, DATE, TIMESTAMP, DECIMAL (as many digits as its numbers have); the others of Glue's list
   * change nothing. Glue names them CustomDatatypes.
   */
  readonly customDatatypes?: readonly string[];
};

/**
 * The layout of the text, or undefined when it is not CSV: at least two rows and two columns (one, if allowed), most
 * rows equally wide. `whole` false: the text is cut off, its last line is left out.
 */
export function csvLayout(text: string, whole: boolean, settings: CsvSettings = {}): CsvLayout | undefined {
  if (text.includes("\u0000")) return undefined;
  const candidates = settings.delimiter === undefined ? DELIMITERS : [settings.delimiter];
  const minimum = settings.allowSingleColumn === true ? 1 : 2;
  const best = candidates
    .map((delimiter) => ({ delimiter, rows: splitRows(text, whole, delimiter, settings.quoteSymbol ?? '"') }))
    .map((candidate) => ({ ...candidate, ...regularity(candidate.rows) }))
    .filter(({ rows, width, share }) => rows.length >= 2 && width >= minimum && share >= REGULAR_SHARE)
    .reduce<Candidate | undefined>((a, b) => (a !== undefined && a.share >= b.share ? a : b), undefined);
  return best === undefined ? undefined : layoutOf(best, settings);
}

type Candidate = {
  readonly delimiter: string;
  readonly rows: readonly (readonly string[])[];
  readonly width: number;
  readonly share: number;
};

function layoutOf({ delimiter, rows, width }: Candidate, settings: CsvSettings): CsvLayout {
  const trim = (cell: string): string => (settings.disableValueTrimming === true ? cell : cell.trim());
  const first = rows[0]?.map(trim) ?? [];
  const header = hasHeader(first, rows.slice(1), settings);
  const named = settings.header ?? (header ? first : undefined);
  const columns = Array.from({ length: Math.max(width, named?.length ?? 0) }, (_, i) => named?.[i] || `col${i}`);
  return {
    delimiter,
    header,
    columns: distinct(columns),
    generated: named === undefined,
    ...(settings.quoteSymbol === undefined ? {} : { quoteSymbol: settings.quoteSymbol }),
  };
}

function hasHeader(first: readonly string[], rest: readonly (readonly string[])[], settings: CsvSettings): boolean {
  if (settings.containsHeader === "PRESENT") return true;
  if (settings.containsHeader === "ABSENT") return false;
  const legal = first.every((cell, i) => {
    if (i === first.length - 1 && i > 0) return cell === "" || isText(cell);
    return cell !== "" && cell.length < MAX_HEADER_CELL && isText(cell) && !/[\r\n]/.test(cell);
  });
  return legal && rest.some((row) => row.some((cell) => cell.trim() !== "" && !isText(cell.trim())));
}

/** Whether a cell is a string to the classifier, not a number or boolean. Dates are strings to it. */
const isText = (cell: string): boolean => !/^([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|true|false)$/i.test(cell);

/** Hive's columns cannot share a name: the later ones get their position. */
function distinct(names: readonly string[]): readonly string[] {
  const used = new Set<string>();
  return names.map((name, i) => {
    let free = name;
    while (used.has(free.toLowerCase())) free = `${free}_${i}`;
    used.add(free.toLowerCase());
    return free;
  });
}

function regularity(rows: readonly (readonly string[])[]): { width: number; share: number } {
  const width = rows[0]?.length ?? 0;
  const regular = rows.filter((row) => row.length === width).length;
  return { width, share: rows.length === 0 ? 0 : regular / rows.length };
}

/**
 * Rows and cells by RFC 4180: a quoted cell may hold delimiters, doubled quotes and line breaks. Blank lines are no
 * rows.
 */
function splitRows(text: string, whole: boolean, delimiter: string, quote: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  while (at < text.length) {
    const { cell, next } = readCell(text, at, delimiter, quote);
    row.push(cell);
    if (next < text.length && text.startsWith(delimiter, next)) {
      at = next + delimiter.length;
      if (at === text.length) row.push("");
      continue;
    }
    if (next >= text.length && !whole) break;
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
    at = text[next] === "\r" && text[next + 1] === "\n" ? next + 2 : next + 1;
  }
  if (whole && row.length > 1) rows.push(row);
  return rows;
}

function readCell(text: string, from: number, delimiter: string, quote: string): { cell: string; next: number } {
  if (text[from] === quote) {
    for (let close = text.indexOf(quote, from + 1); close >= 0; close = text.indexOf(quote, close + 2)) {
      if (text[close + 1] === quote) continue;
      const after = plainEnd(text, close + 1, delimiter);
      return {
        cell: text.slice(from + 1, close).replaceAll(quote + quote, quote) + text.slice(close + 1, after),
        next: after,
      };
    }
  }
  const end = plainEnd(text, from, delimiter);
  return { cell: text.slice(from, end), next: end };
}

function plainEnd(text: string, from: number, delimiter: string): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === "\n" || text[i] === "\r" || text.startsWith(delimiter, i)) return i;
  }
  return text.length;
}

/**
 * The first row's cells as one text, to compare files by; with the delimiter, so that only like files compare equal.
 */
export function csvFirstRow(head: { readonly bytes: Uint8Array; readonly whole: boolean }, csv: CsvLayout): string {
  const rows = splitRows(headText(head.bytes), head.whole, csv.delimiter, csv.quoteSymbol ?? '"');
  return JSON.stringify([csv.delimiter, ...(rows[0] ?? []).map((cell) => cell.trim())]);
}
