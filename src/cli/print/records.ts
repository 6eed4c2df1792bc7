import { recordJson } from "../../dynamicframe/print-record.js";
import { grouped } from "./number.js";
import type { Style } from "./style.js";
import { type TableColumn, printTable, widest } from "./table.js";
import { clipped, displayWidth, printable } from "./text.js";

const CELL = 40; // columns of text; what is longer is cut with …

/**
 * Records as a table: nested values as JSON, a missing field empty, null as `null`. With a `width` the columns that do
 * not fit are named below instead.
 */
export function printRecords(
  names: readonly string[],
  records: readonly Readonly<Record<string, unknown>>[],
  style: Style,
  width?: number,
): string {
  const cells = records.map((record) => names.map((name) => clipped(cell(record[name]), CELL)));
  const columns: TableColumn[] = names.map((name, i) => ({
    title: clipped(printable(name), CELL),
    align: records.length > 0 && records.every((r) => isNumber(r[names[i] ?? name])) ? "right" : "left",
  }));
  const widths = columns.map(({ title }, i) => Math.max(displayWidth(title), widest(cells, i)));
  const shown = width === undefined ? names.length : fitting(widths, width);
  const painted = cells.map((row) => row.slice(0, shown).map((text) => (text === "null" ? style.faint(text) : text)));
  const hidden = names.slice(shown);
  const rest =
    hidden.length === 0
      ? ""
      : style.faint(
          `${grouped(hidden.length)} more columns: ${clipped(hidden.map(printable).join(", "), Math.max(20, (width ?? 100) - 20))}`,
        ) + "\n";
  return printTable(columns.slice(0, shown), painted, style) + rest;
}

/** How many columns fit, two blanks between; at least one. */
function fitting(widths: readonly number[], width: number): number {
  let used = 0;
  for (const [i, w] of widths.entries()) {
    used += w + (i === 0 ? 0 : 2);
    if (used > width) return Math.max(1, i);
  }
  return widths.length;
}

const isNumber = (value: unknown): boolean =>
  value === null || value === undefined || typeof value === "number" || typeof value === "bigint";

function cell(value: unknown): string {
  if (value === undefined) return "";
  return printable(typeof value === "string" ? value : recordJson(value));
}
