/**
 * The tree of paths of the exact scanner: for each path and tag a count and a first place, array lengths, hazards,
 * whole-record shapes and malformed records. The readers of JSON and CSV walk it; `begin…commit` or `begin…undo`
 * brackets one record.
 *
 * Nodes are shared by all files of one instance: a count that was last touched in another file (`stamp` before
 * `firstPass`) is cleared when it is next touched, so that a new file costs nothing.
 */
import { alloc, NumberKind } from "./lex";
import { countShape, resetShapes } from "./shape-table";
import { beginHazards, dirty, dropHazards, Hazard, keepHazards, noteHazard } from "./tree-hazards";
import { GOLDEN, isNil, mix, newNode, NIL, Node, Stats, statsOf, Tag, unfieldNil } from "./tree-nodes";
import { beginPasses, delta, firstPass, nextPass, nextRecord, pass, records, root, setDelta, setRoot, shift } from "./tree-state";

export { fileHazard, hasHazard, Hazard, keyHazards, noteHazard } from "./tree-hazards";
export { addChild, elementOf, findChild, isField, isNil, isRestOfField, KeyFlag, NIL, Node, sameBits, setFlagsOfAll, Tag } from "./tree-nodes";
export { hasSink, placeBlock, root } from "./tree-state";

let shape: u64 = 0;

// Counting
// -------------------------------------------------------------------------------------------------------------

/** What the record in hand has been the first to show in the file. */
let fresh: usize = 0;
let freshRoom: u32 = 0;
let freshUsed: u32 = 0;

/** First time in the file, or again after the only record that had shown it was taken back. */
function found(node: Node, stats: Stats, tag: u32, p: usize): void {
  stats.count = 0;
  if (tag == Tag.ARRAY) {
    node.minLength = u32.MAX_VALUE;
    node.maxLength = 0;
  }
  stats.record = records;
  stats.offset = <u64>(<i64>p + shift);
  stats.hash = mix(node.hash + (<u64>tag + 1) * GOLDEN);
  if (freshUsed == freshRoom) {
    const old = fresh;
    freshRoom = freshRoom ? freshRoom * 2 : 256;
    fresh = alloc(<usize>freshRoom << 2);
    memory.copy(fresh, old, <usize>freshUsed << 2);
  }
  store<u32>(fresh + (<usize>(freshUsed++) << 2), <u32>changetype<usize>(stats));
}

/** What the record alone has shown was never there. */
function forgetFresh(): void {
  while (freshUsed) changetype<Stats>(<usize>load<u32>(fresh + (<usize>(--freshUsed) << 2))).stamp = 0;
}

/** Counts (or takes back) a value of that tag at address `p`. */
@inline export function count(node: Node, tag: u32, p: usize): void {
  const stats = statsOf(node, tag);
  const stamp = stats.stamp;
  if (stamp != pass) {
    if (stamp < firstPass) found(node, stats, tag, p);
    stats.stamp = pass;
    shape += stats.hash;
  }
  stats.count += delta;
}

/** Counts a number that no number type holds, or that lost its value: see the hazards. */
export function countOddNumber(node: Node, p: usize, kind: u32): void {
  if (kind == NumberKind.UNDERFLOW) {
    count(node, Tag.DOUBLE, p);
    noteHazard(Hazard.NUMBER_UNDERFLOW, node, p, 1);
    return;
  }
  count(node, Tag.STRING, p);
  noteHazard(kind == NumberKind.TOO_LONG ? Hazard.NUMBER_TOO_LONG : Hazard.NUMBER_OVERFLOW, node, p, 1);
}

@inline export function isCounted(stats: Stats): bool { return stats.stamp >= firstPass && stats.count != 0; }

let journal: usize = 0;
let journalSize: u32 = 0;
let journalUsed: u32 = 0;

/**
 * Notes the length of an array already counted; what it replaces is journalled, since a minimum cannot be counted back.
 */
@inline export function noteLength(node: Node, length: u32): void {
  if (length < node.minLength || length > node.maxLength) widenLengths(node, length);
}
function widenLengths(node: Node, length: u32): void {
  if (delta < 0) return;
  if (node.lengthPass != pass) {
    node.lengthPass = pass;
    if (journalUsed == journalSize) {
      const old = journal;
      journalSize = journalSize ? journalSize * 2 : 256;
      journal = alloc(<usize>journalSize * 12);
      memory.copy(journal, old, <usize>journalUsed * 12);
    }
    const entry = journal + <usize>(journalUsed++) * 12;
    store<u32>(entry, <u32>changetype<usize>(node));
    store<u32>(entry, node.minLength, 4);
    store<u32>(entry, node.maxLength, 8);
  }
  if (length < node.minLength) node.minLength = length;
  if (length > node.maxLength) node.maxLength = length;
}

// Records
// --------------------------------------------------------------------------------------------------------------

export function beginRecord(): void {
  nextPass();
  shape = 0;
}
/** Between the failed (or repeated) walk over a record and its repetition that takes the counts back. */
export function beginUndo(): void {
  setDelta(-1);
}
/** After that repetition: all is as before the record, but for the hazard `except`. */
export function endUndo(except: u32): void {
  setDelta(1);
  forgetFresh();
  while (journalUsed) {
    const entry = journal + <usize>(--journalUsed) * 12;
    const node = changetype<Node>(<usize>load<u32>(entry));
    node.minLength = load<u32>(entry, 4);
    node.maxLength = load<u32>(entry, 8);
  }
  if (dirty) dropHazards(except);
}
/** The record at address `p` is good. */
export function commitRecord(p: usize): void {
  journalUsed = 0;
  freshUsed = 0;
  if (dirty) keepHazards();
  countShape(shape, records, <u64>(<i64>p + shift));
  nextRecord();
}

// Malformed records
// ----------------------------------------------------------------------------------------------------

const MAX_KEPT: u32 = 1000;
let malformed: u64 = 0;
let kept: u32 = 0;
let keptAt: usize = 0; // offset, end, at (f64 each), code

/** A valid record that is no object is malformed and a hazard too. */
export function noteNotAnObject(p: usize): void {
  noteHazard(Hazard.NOT_AN_OBJECT, root, p, 1);
  keepHazards();
}

/** Counts a malformed record in [start, end) that went wrong at `at`. */
export function noteMalformed(start: usize, end: usize, code: u32, at: usize): void {
  malformed++;
  if (kept == MAX_KEPT) return;
  const entry = keptAt + (<usize>(kept++) << 5);
  store<f64>(entry, <f64>(<i64>start + shift));
  store<f64>(entry, <f64>(<i64>end + shift), 8);
  store<f64>(entry, <f64>(<i64>at - <i64>start), 16);
  store<f64>(entry, <f64>code, 24);
}

// The host's side
// ------------------------------------------------------------------------------------------------------

/** Starts a file. */
export function beginFile(): void {
  if (isNil(root)) {
    unfieldNil();
    setRoot(newNode(NIL()));
    root.hash = GOLDEN;
    keptAt = alloc(<usize>MAX_KEPT << 5);
  }
  beginPasses();
  malformed = 0;
  kept = 0;
  resetShapes();
  beginHazards();
}
export function recordCount(): f64 { return <f64>records; }
export function malformedCount(): f64 { return <f64>malformed; }
export function keptCount(): u32 { return kept; }
export function keptPointer(): usize { return keptAt; }
