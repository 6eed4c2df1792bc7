import { clipped, displayWidth, wrapped } from "./text.js";
import type { Style } from "./style.js";

export type TableColumn = { readonly title: string; readonly align?: "left" | "right" };
export type TableOptions = {
  readonly indent?: number;
  /** Cells are cut to this many columns. */ readonly maxWidth?: number;
};

/** A column of text is not made narrower than this to fit a terminal. */
const NARROWEST = 10;

/**
 * An aligned table with a heading line; ends with a newline. Cells may be coloured, and must hold no newline. Where it
 * goes to a terminal that is too narrow, cells of text go on in the lines below: nothing is cut, and numbers stay
 * whole.
 */
export function printTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  style: Style,
  options: TableOptions = {},
): string {
  const limit = options.maxWidth ?? Number.POSITIVE_INFINITY;
  const indent = options.indent ?? 0;
  const cells = rows.map((row) => columns.map((_, i) => clipped(row[i] ?? "", limit)));
  const titles = columns.map(({ title }) => clipped(title, limit));
  const natural = columns.map((_, i) => widest([titles, ...cells], i));
  const widths = style.width === undefined ? natural : fitted(columns, natural, style.width - indent);
  const line = (row: readonly string[], paint: (text: string) => string): string =>
    " ".repeat(indent)
    + row
      .map((cell, i) => pad(cell, widths[i] ?? 0, columns[i]?.align ?? "left", paint))
      .join("  ")
      .trimEnd();
  const lines = (row: readonly string[], paint: (text: string) => string): string =>
    linesOf(row, widths)
      .map((cut) => `${line(cut, paint)}\n`)
      .join("");
  return lines(titles, style.heading) + cells.map((row) => lines(row, (cell) => cell)).join("");
}

/**
 * Of the cells of a column. Not by `Math.max(...)`: a hundred thousand rows are more arguments than a call can have.
 */
export const widest = (rows: readonly (readonly string[])[], column: number): number =>
  rows.reduce((most, row) => Math.max(most, displayWidth(row[column] ?? "")), 0);

/** The widths with which the table fits, if there are such: the widest columns of text give way first. */
function fitted(columns: readonly TableColumn[], natural: readonly number[], room: number): readonly number[] {
  const under = (cap: number): readonly number[] =>
    natural.map((width, i) => (columns[i]?.align === "right" ? width : Math.min(width, cap)));
  const taken = (widths: readonly number[]): number =>
    widths.reduce((sum, width) => sum + width, 2 * (widths.length - 1));
  let cap = Math.max(NARROWEST, ...natural);
  while (cap > NARROWEST && taken(under(cap)) > room) cap -= 1;
  return under(cap);
}

/** A row as the lines that it takes. */
function linesOf(row: readonly string[], widths: readonly number[]): readonly (readonly string[])[] {
  const cells = row.map((cell, i) => wrapped(cell, widths[i] ?? 0));
  return Array.from({ length: Math.max(1, ...cells.map((cell) => cell.length)) }, (_, at) =>
    cells.map((cell) => cell[at] ?? ""),
  );
}

function pad(cell: string, width: number, align: "left" | "right", paint: (text: string) => string): string {
  const space = " ".repeat(Math.max(0, width - displayWidth(cell)));
  return align === "right" ? space + paint(cell) : paint(cell) + space;
}
