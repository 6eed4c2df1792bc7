/**
 * Histograms of whole-record shapes without objects: a row of numbers for each shape. A file has hundreds of shapes
 * worth keeping and a lake the same ones in each file, so that between the scanner and the sum they would be most of
 * what a scan allocates.
 */
import type { ShapeStats } from "./ledger.js";

/** Numbers of a row: the 64-bit hash in two halves, its count, record and offset of its first place. */
export const HIGH = 0;
export const LOW = 1;
export const COUNT = 2;
export const RECORD = 3;
export const OFFSET = 4;
export const ROW = 5;

/** Most frequent first, then earliest. All first places lie in `file`. */
export type FlatShapes = { readonly file: string; readonly rows: Float64Array };

/** The shapes as objects. */
export function shapesOf({ file, rows }: FlatShapes): readonly ShapeStats[] {
  const shapes: ShapeStats[] = [];
  for (let at = 0; at < rows.length; at += ROW) {
    const [high = 0, low = 0, count = 0, record = 0, offset = 0] = rows.subarray(at, at + ROW);
    shapes.push(Object.freeze({ hash: hashText(high, low), count, first: Object.freeze({ file, record, offset }) }));
  }
  return Object.freeze(shapes);
}

export const hashText = (high: number, low: number): string => half(high) + half(low);
const half = (bits: number): string => bits.toString(16).padStart(8, "0");

/** The first shapes, and how many records have another. */
export function topRows(
  { file, rows }: FlatShapes,
  limit: number,
): { readonly kept: FlatShapes; readonly rest: number } {
  let rest = 0;
  for (let at = limit * ROW; at < rows.length; at += ROW) rest += rows[at + COUNT] ?? 0;
  return { kept: { file, rows: rows.subarray(0, limit * ROW) }, rest };
}
