/** Hazards of a file, and of the record in hand until it proves good, for WebAssembly (AssemblyScript). */
import { alloc } from "./lex";
import { isNil, KeyFlag, Node } from "./tree-nodes";
import { delta, records, shift } from "./tree-state";

// Hazards are numbered as in TEXT_HAZARDS of ledger.ts.
export const enum Hazard {
  DUPLICATE_KEY, EMPTY_KEY, CASE_CLASH, LONE_SURROGATE, NUMBER_TOO_LONG, NUMBER_OVERFLOW, NUMBER_UNDERFLOW, BOM, TRANSCODED, NOT_AN_OBJECT, COUNT,
}

/** Per hazard: in the file (count, record, offset, node), and in the record in hand (count, offset, node). */
@unmanaged export class HazardCell {
  count: u64;
  record: u64;
  offset: u64;
  node: usize;
  pending: u64;
  pendingOffset: u64;
  pendingNode: usize;
}
let hazards: usize = 0;
/** True while the record in hand has one. */
export let dirty = false;

@inline export function hazardCell(hazard: u32): HazardCell {
  return changetype<HazardCell>(hazards + <usize>hazard * offsetof<HazardCell>());
}

/** Notes a hazard of the record in hand at address `p`. */
export function noteHazard(hazard: u32, node: Node, p: usize, times: u64): void {
  if (delta < 0) return;
  const cell = hazardCell(hazard), offset = <u64>(<i64>p + shift);
  // an object that names a key twice is read by its keys first, then by its values
  if (!cell.pending || offset < cell.pendingOffset) {
    cell.pendingOffset = offset;
    cell.pendingNode = changetype<usize>(node);
  }
  cell.pending += times;
  dirty = true;
}
/** True if the record in hand has shown that hazard. */
export function hasHazard(hazard: u32): bool {
  return dirty && hazardCell(hazard).pending > 0;
}
/** Hazards of a file as a whole (BOM, TRANSCODED). */
export function fileHazard(hazard: u32): void {
  hazardCell(hazard).count++;
}

export function dropHazards(except: u32): void {
  for (let h: u32 = 0; h < <u32>Hazard.COUNT; h++) if (h != except) hazardCell(h).pending = 0;
  if (except == Hazard.COUNT) dirty = false;
}
export function keepHazards(): void {
  for (let h: u32 = 0; h < <u32>Hazard.COUNT; h++) {
    const cell = hazardCell(h);
    if (!cell.pending) continue;
    if (!cell.count) {
      cell.record = records;
      cell.offset = cell.pendingOffset;
      cell.node = cell.pendingNode;
    }
    cell.count += cell.pending;
    cell.pending = 0;
  }
  dirty = false;
}

/** Hazards that lie in a key itself; `object` numbers the object, `p` is the place of the key. */
export function keyHazards(key: Node, object: u64, p: usize): void {
  if (key.flags & KeyFlag.EMPTY) noteHazard(Hazard.EMPTY_KEY, key, p, 1);
  if (!(key.flags & KeyFlag.CLASH)) return;
  let other = key.fold;
  while (!isNil(other) && (other == key || other.seen != object)) other = other.foldNext;
  if (!isNil(other)) noteHazard(Hazard.CASE_CLASH, key, p, 1);
}

export function beginHazards(): void {
  if (!hazards) hazards = alloc(<usize>Hazard.COUNT * offsetof<HazardCell>());
  memory.fill(hazards, 0, <usize>Hazard.COUNT * offsetof<HazardCell>());
}
