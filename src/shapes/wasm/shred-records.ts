/** One record at a time, kept or taken back, for WebAssembly (AssemblyScript). */
import { Domain, keepRecord, nextRecord, putNumbering, undoRecord } from "./shred-columns";
import { Node, hasMisfits, settleMisfits } from "./shred-nodes";
import { fixCount, has, resetFixes } from "./shred-values";

export let root: Node = changetype<Node>(0);
let records: Domain = changetype<Domain>(0);

export function setRoot(node: Node, domain: Domain): void {
  root = node;
  records = domain;
  node.isStruct = true;
}

/** Good records since the start, and malformed ones. */
export let recordCount: u32 = 0;
export let malformedCount: u32 = 0;

let fixesBefore: u32 = 0;

/** Starts a row of the records; `keep` or `undo` must follow. */
export function begin(): void {
  nextRecord();
  fixesBefore = fixCount;
  if (has(records.rowColumn)) putNumbering(records.rowColumn, records.base + <i64>records.row);
}

export function keep(): void {
  keepRecord();
  if (hasMisfits()) settleMisfits(true);
  records.row++;
  recordCount++;
}

/** Leaves everything as before `begin`. */
export function undo(): void {
  undoRecord();
  if (hasMisfits()) settleMisfits(false);
  resetFixes(fixesBefore);
}

export function countMalformed(): void {
  malformedCount++;
}
