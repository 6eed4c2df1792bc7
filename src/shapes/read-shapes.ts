/** The histogram of whole-record shapes out of the scanner's memory. */
import { MAX_KEPT_SHAPES } from "./ledger.js";
import type { ShapeStats } from "./ledger.js";
import type { PartLedger, ScanExports } from "./scanner.js";

/** 64-bit words of a shape in memory: hash, count, record, offset (wasm/shape-table.ts). */
const WORDS = 4;

/**
 * All shapes, in order of appearance; without `all` the most frequent ones, as `topShapes` would choose them. A file may have thousands,
 * and making objects only of those that are kept was measured to save 5 % of a scan.
 */
export function readShapes(wasm: ScanExports, file: string, all: boolean): Pick<PartLedger, "shapes" | "otherShapes"> {
  const size = wasm.shapesCount();
  const words = new BigUint64Array(wasm.memory.buffer, wasm.shapesPointer(), size * WORDS);
  const shapeAt = (i: number): ShapeStats => {
    const [hash = 0n, count = 0n, record = 0n, offset = 0n] = words.subarray(i * WORDS, (i + 1) * WORDS);
    const first = Object.freeze({ file, record: Number(record), offset: Number(offset) });
    return Object.freeze({ hash: hash.toString(16).padStart(16, "0"), count: Number(count), first });
  };
  const order = Array.from({ length: size }, (_, i) => i);
  if (all || size <= MAX_KEPT_SHAPES) return { shapes: Object.freeze(order.map(shapeAt)), otherShapes: wasm.otherShapesCount() };
  const counts = Float64Array.from(order, (i) => Number(words[i * WORDS + 1]));
  const count = (i: number): number => counts[i] ?? 0;
  // shapes lie in the order of their first places
  order.sort((a, b) => count(b) - count(a) || a - b);
  const rest = order.slice(MAX_KEPT_SHAPES).reduce((sum, i) => sum + count(i), 0);
  return { shapes: Object.freeze(order.slice(0, MAX_KEPT_SHAPES).map(shapeAt)), otherShapes: wasm.otherShapesCount() + rest };
}
