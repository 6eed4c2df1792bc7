/** What the host builds a shredder with and reads back of it, for WebAssembly (AssemblyScript). */
import { Column, Domain } from "./shred-columns";
import { Node, newNode } from "./shred-nodes";

// Set-up
// ---------------------------------------------------------------------------------------------------------------

export function setStruct(node: Node): void {
  node.isStruct = true;
}
/** Makes the node a list whose elements are rows of `elements`. */
export function setElements(node: Node, list: Column, elements: Domain): Node {
  node.list = list;
  node.elements = elements;
  node.element = newNode();
  elements.list = list;
  return node.element;
}
/** The levels of the domain itself; the repetition is how many lists are around its rows. */
export function setLevels(domain: Domain, level: u32, repetition: u32): void {
  domain.level = level;
  domain.repetition = repetition;
}
export function setNumbering(domain: Domain, row: Column, id: Column, index: Column): void {
  domain.rowColumn = row;
  domain.idColumn = id;
  domain.indexColumn = index;
}
export function setLimits(column: Column, low: i64, high: i64): void {
  column.low = low;
  column.high = high;
}
/** `chain` is the address of `length` column addresses. */
export function setChain(column: Column, chain: usize, length: u32): void {
  column.chain = chain;
  column.chainLength = length;
}
/**
 * Numbers the domain's next row, which is its first since the last flush or an addition to rows already numbered so.
 */
export function setBase(domain: Domain, next: i64): void {
  domain.base = next - <i64>domain.row;
}

// What the host reads back
// ---------------------------------------------------------------------------------------------

export function domainRows(domain: Domain): u32 {
  return domain.row;
}
export function domainEntries(domain: Domain): u32 {
  return domain.entries;
}
/** Number of the domain's next row. */
export function domainNext(domain: Domain): i64 {
  return domain.base + <i64>domain.row;
}
export function columnStart(column: Column): usize {
  return column.base;
}
/** Validity, a bit per row; good after `settleColumn`. */
export function columnBits(column: Column): usize {
  return column.bits;
}
export function columnLength(column: Column): u32 {
  return <u32>(column.end - column.base);
}
export function misfitsOf(node: Node): u32 {
  return node.misfits;
}
