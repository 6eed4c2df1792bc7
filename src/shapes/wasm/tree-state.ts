/**
 * Where a scan is, for WebAssembly (AssemblyScript): the file, the record in hand, and whether its counts are given or
 * taken back.
 */
import { isNil, Node, setSink } from "./tree-nodes";

export let root: Node = changetype<Node>(0);
/** Good records so far. */
export let records: u64 = 0;
/** File offset = address + this. */
export let shift: i64 = 0;
/** +1 while counting, −1 while a walk over the same bytes takes its counts back. */
export let delta: i64 = 1;
/** Running number of the walk over a record, and the first one of this file. */
export let pass: u64 = 0;
export let firstPass: u64 = 0;

/** The first file has the root that all have. */
export function setRoot(node: Node): void {
  root = node;
}
export function beginPasses(): void {
  firstPass = pass + 1;
  records = 0;
}
export function nextPass(): void {
  pass++;
}
export function nextRecord(): void {
  records++;
}
export function setDelta(to: i64): void {
  delta = to;
}
/** Address `p` holds the byte of the file at `offset`. */
export function placeBlock(p: usize, offset: f64): void {
  shift = <i64>offset - <i64>p;
}

/** True where records have a row besides. */
export let hasSink: bool = false;
export function setRootSink(sink: usize): void {
  hasSink = sink != 0;
  setSink(root, sink);
}
