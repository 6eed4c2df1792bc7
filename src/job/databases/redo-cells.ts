/** Cells of rows as lines of JSON and back, exactly. */
import type { Fitted, FittedRow } from "../../database/fit-value.js";
import { DateValue, TimestampValue } from "../../types/value.js";

/** What JSON has no word for. */
type Marked =
  { readonly int: string } | { readonly bytes: string } | { readonly days: number } | { readonly micros: string };
type CellJson = null | string | boolean | Marked | readonly CellJson[];

/** Starts with `[` and holds no line break. */
export const cellsText = (row: FittedRow): string => JSON.stringify(row.map(jsonOf));
export const cellsOf = (text: string): FittedRow => (JSON.parse(text) as readonly CellJson[]).map(cellOf);

function jsonOf(cell: Fitted): CellJson {
  if (cell === null || typeof cell === "string" || typeof cell === "boolean") return cell;
  if (typeof cell === "bigint") return { int: String(cell) };
  if (cell instanceof Uint8Array) return { bytes: Buffer.from(cell).toString("base64") };
  if (cell instanceof DateValue) return { days: cell.days };
  if (cell instanceof TimestampValue) return { micros: String(cell.micros) };
  return cell.map(jsonOf);
}

function cellOf(json: CellJson): Fitted {
  if (json === null || typeof json === "string" || typeof json === "boolean") return json;
  if ("int" in json) return BigInt(json.int);
  if ("bytes" in json) return new Uint8Array(Buffer.from(json.bytes, "base64"));
  if ("days" in json) return new DateValue(json.days);
  if ("micros" in json) return new TimestampValue(BigInt(json.micros));
  return json.map(cellOf);
}
