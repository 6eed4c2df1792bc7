/** The histogram of whole-record shapes out of the scanner's memory. */
import { type FlatShapes, ROW } from "./flat-shapes.js";
import { address } from "./instantiate-wasm.js";
import { MAX_KEPT_SHAPES } from "./ledger.js";
import type { ScanExports } from "./scanner.js";

/** With `all` each shape that was counted by itself, else the most frequent ones. */
export function readShapes(
  wasm: ScanExports,
  file: string,
  all: boolean,
): { readonly shapes: FlatShapes; readonly otherShapes: number } {
  const size = wasm.shapesCount();
  const kept = all ? size : Math.min(size, MAX_KEPT_SHAPES);
  const pointer = address(wasm.dumpShapes(kept));
  const rows = new Float64Array(wasm.memory.buffer, pointer, kept * ROW).slice();
  return { shapes: { file, rows }, otherShapes: wasm.otherShapesCount() };
}
