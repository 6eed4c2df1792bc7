import { clipped, displayWidth } from "./text.js";
import type { Style } from "./style.js";

export type TableColumn = { readonly title: string; readonly align?: "left" | "right" };
export type TableOptions = { readonly indent?: number; /** Cells are cut to this many columns. */ readonly maxWidth?: number };

/** An aligned table with a heading line; ends with a newline. Cells may be coloured, and must hold no newline. */
export function printTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[], style: Style, options: TableOptions = {}): string {
  const limit = options.maxWidth ?? Number.POSITIVE_INFINITY;
  const cells = rows.map((row) => columns.map((_, i) => clipped(row[i] ?? "", limit)));
  const titles = columns.map(({ title }) => clipped(title, limit));
  const widths = columns.map((_, i) => Math.max(displayWidth(titles[i] ?? ""), ...cells.map((row) => displayWidth(row[i] ?? ""))));
  const margin = " ".repeat(options.indent ?? 0);
  const line = (row: readonly string[], paint: (text: string) => string): string =>
    margin + row.map((cell, i) => pad(cell, widths[i] ?? 0, columns[i]?.align ?? "left", paint)).join("  ").trimEnd();
  return [line(titles, style.heading), ...cells.map((row) => line(row, (cell) => cell))].map((text) => `${text}\n`).join("");
}

function pad(cell: string, width: number, align: "left" | "right", paint: (text: string) => string): string {
  const space = " ".repeat(Math.max(0, width - displayWidth(cell)));
  return align === "right" ? space + paint(cell) : paint(cell) + space;
}
