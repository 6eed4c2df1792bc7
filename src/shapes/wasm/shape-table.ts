/** A bounded histogram of whole-record shapes: 64-bit hashes, their counts and first places. */
import { alloc } from "./lex";

/** Distinct shapes counted one by one; more go to `otherShapes`. */
const MAX_SHAPES: u32 = 65536;
@unmanaged class Shape {
  hash: u64;
  count: u64;
  record: u64;
  offset: u64;
}
let shapes: usize = 0; // array of Shape in order of first appearance
let shapeCount: u32 = 0;
let shapeRoom: u32 = 0;
let shapeTable: usize = 0; // index + 1 by hash
let shapeTableSize: u32 = 0;
let otherShapes: u64 = 0;
let lastShape: Shape = changetype<Shape>(0);

@inline function shapeAt(i: u32): Shape { return changetype<Shape>(shapes + (<usize>i << 5)); }

function growShapes(): void {
  const old = shapes;
  shapeRoom = shapeRoom ? shapeRoom * 2 : 64;
  shapes = alloc(<usize>shapeRoom << 5);
  memory.copy(shapes, old, <usize>shapeCount << 5);
  shapeTableSize = shapeRoom * 2;
  shapeTable = alloc(<usize>shapeTableSize << 2);
  for (let i: u32 = 0; i < shapeCount; i++) store<u32>(freeShapeSlot(shapeAt(i).hash), i + 1);
}
/** The slot that holds the hash, or the free one where it belongs. */
function freeShapeSlot(hash: u64): usize {
  let i = <u32>hash & (shapeTableSize - 1);
  for (;;) {
    const slot = shapeTable + (<usize>i << 2);
    const at = load<u32>(slot);
    if (!at || shapeAt(at - 1).hash == hash) return slot;
    i = (i + 1) & (shapeTableSize - 1);
  }
  return 0;
}
/** Counts a record of that shape; `record` and `offset` are its place, kept when it is the first. */
export function countShape(shape: u64, record: u64, offset: u64): void {
  if (changetype<usize>(lastShape) && lastShape.hash == shape) {
    lastShape.count++;
    return;
  }
  if (shapeCount == shapeRoom && shapeCount < MAX_SHAPES) growShapes();
  const slot = freeShapeSlot(shape);
  let at = load<u32>(slot);
  if (!at) {
    if (shapeCount == MAX_SHAPES) {
      otherShapes++;
      return;
    }
    at = ++shapeCount;
    store<u32>(slot, at);
    const fresh = shapeAt(at - 1);
    fresh.hash = shape;
    fresh.count = 0;
    fresh.record = record;
    fresh.offset = offset;
  }
  lastShape = shapeAt(at - 1);
  lastShape.count++;
}

/** Forgets all shapes. */
export function resetShapes(): void {
  otherShapes = 0;
  lastShape = changetype<Shape>(0);
  if (shapeCount) memory.fill(shapeTable, 0, <usize>shapeTableSize << 2);
  shapeCount = 0;
}
export function shapesCount(): u32 { return shapeCount; }

// For the host
// ---------------------------------------------------------------------------------------------------------

let heap: usize = 0; // a binary heap of indexes of shapes: each comes first of the two below it
let heapRoom: u32 = 0;
let rows: usize = 0;
let rowsRoom: u32 = 0;
let dumped: u32 = 0;

@inline function heapAt(i: u32): u32 { return load<u32>(heap + (<usize>i << 2)); }
/** More frequent, or as frequent and earlier. */
function comesFirst(a: u32, b: u32): bool {
  const x = shapeAt(a).count, y = shapeAt(b).count;
  return x == y ? a < b : x > y;
}
/** Puts the shape at `from` below those that come first, where both heaps under it are in order. */
function sink(from: u32, size: u32): void {
  const moving = heapAt(from);
  let i = from;
  for (;;) {
    let child: u32 = 2 * i + 1;
    if (child >= size) break;
    if (child + 1 < size && comesFirst(heapAt(child + 1), heapAt(child))) child++;
    if (!comesFirst(heapAt(child), moving)) break;
    store<u32>(heap + (<usize>i << 2), heapAt(child));
    i = child;
  }
  store<u32>(heap + (<usize>i << 2), moving);
}
/**
 * Rows of at most `limit` shapes, the most frequent first, then the earliest: hash in two halves, count, record and
 * offset as doubles (flat-shapes.ts).
 */
export function dumpShapes(limit: u32): usize {
  const kept = min(limit, shapeCount);
  if (shapeCount > heapRoom) heap = alloc(<usize>(heapRoom = shapeCount * 2) << 2);
  if (kept > rowsRoom) rows = alloc(<usize>(rowsRoom = kept * 2) * 40);
  for (let i: u32 = 0; i < shapeCount; i++) store<u32>(heap + (<usize>i << 2), i);
  for (let i = shapeCount >> 1; i > 0; i--) sink(i - 1, shapeCount);
  for (let i: u32 = 0, left = shapeCount; i < kept; i++) {
    const shape = shapeAt(heapAt(0)), row = rows + <usize>i * 40;
    store<f64>(row, <f64>(shape.hash >> 32));
    store<f64>(row, <f64>(shape.hash & 0xffffffff), 8);
    store<f64>(row, <f64>shape.count, 16);
    store<f64>(row, <f64>shape.record, 24);
    store<f64>(row, <f64>shape.offset, 32);
    store<u32>(heap, heapAt(--left));
    sink(0, left);
  }
  dumped = kept;
  return rows;
}
/** Records whose shape is not among the rows last written. */
export function otherShapesCount(): f64 {
  let count = otherShapes;
  for (let i: u32 = 0; i < shapeCount; i++) count += shapeAt(i).count;
  for (let i: u32 = 0; i < dumped; i++) count -= <u64>load<f64>(rows + <usize>i * 40, 16);
  return <f64>count;
}
