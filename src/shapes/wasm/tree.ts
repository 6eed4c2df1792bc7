/**
 * The tree of paths of the exact scanner: for each path and tag a count and a first place, array lengths, hazards, whole-record
 * shapes and malformed records. The readers of JSON and CSV walk it; `begin…commit` or `begin…undo` brackets one record.
 *
 * Nodes are never freed. They are shared by all files of one instance: a count that was last touched in another file (`stamp`
 * before `firstPass`) is cleared when it is next touched, so that a new file costs nothing.
 */
import { alloc, bytesEqual, hashBytes, fieldBits, NumberKind } from "./lex";
import { findSink } from "./scan-aside";
import { countShape, resetShapes } from "./shape-table";

// Tags are numbered as in TAGS of ledger.ts.
export const enum Tag { NULL, BOOLEAN, INT, LONG, BIGINT, DOUBLE, STRING, STRUCT, ARRAY, DECIMAL, DATE, TIMESTAMP, COUNT }
// Hazards are numbered as in TEXT_HAZARDS of ledger.ts.
export const enum Hazard {
  DUPLICATE_KEY, EMPTY_KEY, CASE_CLASH, LONE_SURROGATE, NUMBER_TOO_LONG, NUMBER_OVERFLOW, NUMBER_UNDERFLOW, BOM, TRANSCODED, NOT_AN_OBJECT, COUNT,
}
/** `WANTED`: its values go to a sink besides. */
export const enum KeyFlag { EMPTY = 1, CLASH = 2, WANTED = 4 }

/** One path and tag. */
@unmanaged export class Stats {
  count: u64;
  /** The pass that counted it last. */
  stamp: u64;
  record: u64;
  offset: u64;
  /** Hash of (path, tag). */
  hash: u64;
}
const STATS_SIZE: usize = 40;

@unmanaged export class Node {
  // what every visit reads comes first, on one cache line
  /** Spelling of the key as first met in the data, with its closing quote and a colon, for comparing in place. */
  raw: usize;
  rawLength: u32;
  rawBits: u32;
  /** The object (by running number) in which this key was met last, and its slot there when duplicates are resolved. */
  seen: u64;
  /** The key that came behind this one last, and the one that did before that. */
  after: Node;
  afterElse: Node;
  /** The key that came first in this object last, and the one that did before that. */
  lead: Node;
  leadElse: Node;
  element: Node;
  flags: u32;
  minLength: u32;
  maxLength: u32;
  parent: Node;
  next: Node;
  first: Node;
  last: Node;
  /** The key itself. */
  name: usize;
  nameLength: u32;
  slot: u32;
  hash: u64;
  /** Pass in which the lengths were journalled. */
  lengthPass: u64;
  kids: u32;
  table: usize;
  tableSize: u32;
  /** First of the keys of this object that differ from this one in case only, and the next of them. */
  fold: Node;
  foldNext: Node;
  /** Where its values go besides (scan-aside.ts), or 0. */
  sink: usize;
}
@inline export function NIL(): Node { return changetype<Node>(0); }
@inline export function isNil(node: Node): bool { return changetype<usize>(node) == 0; }
@inline export function statsOf(node: Node, tag: u32): Stats {
  return changetype<Stats>(changetype<usize>(node) + offsetof<Node>() + <usize>tag * STATS_SIZE);
}

// State of the file and of the record in hand --------------------------------------------------------------------------

export let root: Node = changetype<Node>(0);
/** Good records so far. */
export let records: u64 = 0;
/** File offset = address + this. */
let shift: i64 = 0;
/** +1 while counting, −1 while a walk over the same bytes takes its counts back. */
let delta: i64 = 1;
/** Running number of the walk over a record, and the first one of this file. */
let pass: u64 = 0;
let firstPass: u64 = 0;
let shape: u64 = 0;

// Hashes ---------------------------------------------------------------------------------------------------------------

/** Finaliser of MurmurHash3: every input bit reaches every output bit. */
function mix(h: u64): u64 {
  h = (h ^ (h >> 33)) * 0xff51afd7ed558ccd;
  h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53;
  return h ^ (h >> 33);
}
const GOLDEN: u64 = 0x9e3779b97f4a7c15;
function childHash(parent: u64, name: usize, length: u32): u64 {
  let h = parent;
  for (let i: usize = 0; i < <usize>length; i++) h = (h ^ <u64>load<u8>(name + i)) * 0x100000001b3;
  return mix(h + <u64>length);
}
function elementHash(parent: u64): u64 {
  return mix(parent ^ 0x5bf0363546296be5);
}

// Nodes ----------------------------------------------------------------------------------------------------------------

function newNode(parent: Node): Node {
  const size = offsetof<Node>() + <usize>Tag.COUNT * STATS_SIZE;
  const node = changetype<Node>((alloc(size + 63) + 63) & ~63);
  node.parent = parent;
  return node;
}

export function elementOf(node: Node): Node {
  if (isNil(node.element)) {
    node.element = newNode(node);
    node.element.hash = elementHash(node.hash);
  }
  return node.element;
}

@inline function slotAt(node: Node, i: u32): usize { return node.table + (<usize>i << 2); }

function insert(node: Node, kid: Node): void {
  const mask = node.tableSize - 1;
  let i = hashBytes(kid.name, kid.nameLength) & mask;
  while (load<u32>(slotAt(node, i))) i = (i + 1) & mask;
  store<u32>(slotAt(node, i), <u32>changetype<usize>(kid));
}

/** The child of that (unescaped) name, or nil. */
export function findChild(node: Node, name: usize, length: u32): Node {
  if (!node.tableSize) return NIL();
  const mask = node.tableSize - 1;
  let i = hashBytes(name, length) & mask;
  let at = load<u32>(slotAt(node, i));
  while (at) {
    const kid = changetype<Node>(<usize>at);
    if (kid.nameLength == length && bytesEqual(kid.name, name, length)) return kid;
    i = (i + 1) & mask;
    at = load<u32>(slotAt(node, i));
  }
  return NIL();
}

function copyOf(p: usize, length: u32): usize {
  const copy = alloc(<usize>length + 24);
  memory.copy(copy, p, length);
  return copy;
}

/** A new child; `raw` is the spelling of its key in the data. */
export function addChild(node: Node, name: usize, length: u32, raw: usize, rawLength: u32): Node {
  const kid = newNode(node);
  kid.name = copyOf(name, length);
  kid.nameLength = length;
  kid.raw = copyOf(raw, rawLength);
  kid.rawLength = rawLength;
  kid.rawBits = fieldBits(rawLength);
  store<u8>(kid.raw + rawLength, 34);
  store<u8>(kid.raw + rawLength, 58, 1);
  kid.hash = childHash(node.hash, name, length);
  if (!length) kid.flags |= KeyFlag.EMPTY;
  if (node.sink) setSink(kid, findSink(node.sink, name, length));
  joinFold(node, kid);
  if (isNil(node.last)) node.first = kid;
  else node.last.next = kid;
  node.last = kid;
  node.kids++;
  if (node.kids * 2 > node.tableSize) {
    node.tableSize = node.tableSize ? node.tableSize * 2 : 8;
    node.table = alloc(<usize>node.tableSize << 2);
    for (let k = node.first; !isNil(k); k = k.next) insert(node, k);
  } else insert(node, kid);
  return kid;
}

// Sinks ----------------------------------------------------------------------------------------------------------------

/** Of the key, and of those below it that are there; those to come find theirs. */
function setSink(node: Node, sink: usize): void {
  node.sink = sink;
  if (sink) node.flags |= KeyFlag.WANTED;
  else node.flags &= ~KeyFlag.WANTED;
  for (let kid = node.first; !isNil(kid); kid = kid.next) setSink(kid, sink ? findSink(sink, kid.name, kid.nameLength) : 0);
}

/** True where records have a row besides. */
export let hasSink: bool = false;
export function setRootSink(sink: usize): void {
  hasSink = sink != 0;
  setSink(root, sink);
}

// Keys that differ in case only ----------------------------------------------------------------------------------------

/** All leaders of case groups, by (parent, folded name). */
let folds: usize = 0;
let foldsSize: u32 = 0;
let foldsUsed: u32 = 0;

@inline function lower(b: u32): u32 { return b - 65 <= 25 ? b | 32 : b; }
function foldHash(parent: Node, name: usize, length: u32): u32 {
  let h: u32 = <u32>changetype<usize>(parent) * 2654435761;
  for (let i: usize = 0; i < <usize>length; i++) h = (h ^ lower(load<u8>(name + i))) * 16777619;
  return h ^ (h >> 15);
}
function foldEqual(a: usize, b: usize, length: u32): bool {
  for (let i: usize = 0; i < <usize>length; i++) if (lower(load<u8>(a + i)) != lower(load<u8>(b + i))) return false;
  return true;
}
function growFolds(): void {
  const old = folds;
  const oldSize = foldsSize;
  foldsSize = oldSize ? oldSize * 2 : 256;
  folds = alloc(<usize>foldsSize << 2);
  for (let i: u32 = 0; i < oldSize; i++) {
    const at = load<u32>(old + (<usize>i << 2));
    if (!at) continue;
    const node = changetype<Node>(<usize>at);
    let j = foldHash(node.parent, node.name, node.nameLength) & (foldsSize - 1);
    while (load<u32>(folds + (<usize>j << 2))) j = (j + 1) & (foldsSize - 1);
    store<u32>(folds + (<usize>j << 2), at);
  }
}
/** Finds the keys of the same object that equal a new one but for (ASCII) case, and marks both. */
function joinFold(node: Node, kid: Node): void {
  if (foldsUsed * 2 >= foldsSize) growFolds();
  let i = foldHash(node, kid.name, kid.nameLength) & (foldsSize - 1);
  let at = load<u32>(folds + (<usize>i << 2));
  while (at) {
    const leader = changetype<Node>(<usize>at);
    if (leader.parent == node && leader.nameLength == kid.nameLength && foldEqual(leader.name, kid.name, kid.nameLength)) {
      leader.flags |= KeyFlag.CLASH;
      kid.flags |= KeyFlag.CLASH;
      kid.fold = leader;
      kid.foldNext = leader.foldNext;
      leader.fold = leader;
      leader.foldNext = kid;
      return;
    }
    i = (i + 1) & (foldsSize - 1);
    at = load<u32>(folds + (<usize>i << 2));
  }
  store<u32>(folds + (<usize>i << 2), <u32>changetype<usize>(kid));
  foldsUsed++;
}

// Hazards --------------------------------------------------------------------------------------------------------------

/** Per hazard: in the file (count, record, offset, node), and in the record in hand (count, offset, node). */
@unmanaged class HazardCell {
  count: u64;
  record: u64;
  offset: u64;
  node: usize;
  pending: u64;
  pendingOffset: u64;
  pendingNode: usize;
}
let hazards: usize = 0;
let dirty = false;

@inline function hazardCell(hazard: u32): HazardCell {
  return changetype<HazardCell>(hazards + <usize>hazard * offsetof<HazardCell>());
}

/** Notes a hazard of the record in hand at address `p`. */
export function noteHazard(hazard: u32, node: Node, p: usize, times: u64): void {
  if (delta < 0) return;
  const cell = hazardCell(hazard);
  if (!cell.pending) {
    cell.pendingOffset = <u64>(<i64>p + shift);
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

function dropHazards(except: u32): void {
  for (let h: u32 = 0; h < <u32>Hazard.COUNT; h++) if (h != except) hazardCell(h).pending = 0;
}
function keepHazards(): void {
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

// Counting -------------------------------------------------------------------------------------------------------------

/** First time in the file, or again after all its counts were taken back. */
function found(node: Node, stats: Stats, tag: u32, p: usize): void {
  if (stats.stamp < firstPass) {
    stats.count = 0;
    if (tag == Tag.ARRAY) {
      node.minLength = u32.MAX_VALUE;
      node.maxLength = 0;
    }
  }
  if (stats.count) return;
  stats.record = records;
  stats.offset = <u64>(<i64>p + shift);
  stats.hash = mix(node.hash + (<u64>tag + 1) * GOLDEN);
}

/** Counts (or takes back) a value of that tag at address `p`. */
@inline export function count(node: Node, tag: u32, p: usize): void {
  const stats = statsOf(node, tag);
  if (stats.stamp != pass) {
    if (stats.stamp < firstPass || !stats.count) found(node, stats, tag, p);
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

@inline function isCounted(stats: Stats): bool { return stats.stamp >= firstPass && stats.count != 0; }

let journal: usize = 0;
let journalSize: u32 = 0;
let journalUsed: u32 = 0;

/** Notes the length of an array already counted; what it replaces is journalled, since a minimum cannot be counted back. */
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

// Records --------------------------------------------------------------------------------------------------------------

export function beginRecord(): void {
  pass++;
  shape = 0;
}
/** Between the failed (or repeated) walk over a record and its repetition that takes the counts back. */
export function beginUndo(): void {
  delta = -1;
}
/** After that repetition: all is as before the record, but for the hazard `except`. */
export function endUndo(except: u32): void {
  delta = 1;
  while (journalUsed) {
    const entry = journal + <usize>(--journalUsed) * 12;
    const node = changetype<Node>(<usize>load<u32>(entry));
    node.minLength = load<u32>(entry, 4);
    node.maxLength = load<u32>(entry, 8);
  }
  if (dirty) dropHazards(except);
  if (except == Hazard.COUNT) dirty = false;
}
/** The record at address `p` is good. */
export function commitRecord(p: usize): void {
  journalUsed = 0;
  if (dirty) keepHazards();
  countShape(shape, records, <u64>(<i64>p + shift));
  records++;
}

// Malformed records ----------------------------------------------------------------------------------------------------

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

// The host's side ------------------------------------------------------------------------------------------------------

/** Starts a file. */
export function beginFile(): void {
  if (isNil(root)) {
    root = newNode(NIL());
    root.hash = GOLDEN;
    hazards = alloc(<usize>Hazard.COUNT * offsetof<HazardCell>());
    keptAt = alloc(<usize>MAX_KEPT << 5);
  }
  firstPass = pass + 1;
  records = 0;
  malformed = 0;
  kept = 0;
  resetShapes();
  memory.fill(hazards, 0, <usize>Hazard.COUNT * offsetof<HazardCell>());
}
/** Address `p` holds the byte of the file at `offset`. */
export function placeBlock(p: usize, offset: f64): void {
  shift = <i64>offset - <i64>p;
}
export function recordCount(): f64 { return <f64>records; }
export function malformedCount(): f64 { return <f64>malformed; }
export function keptCount(): u32 { return kept; }
export function keptPointer(): usize { return keptAt; }

let out: usize = 0;
let outRoom: usize = 0;
let outAt: usize = 0;
@inline function put(value: f64): void {
  store<f64>(out + (outAt << 3), value);
  outAt++;
}

function isActive(node: Node): bool {
  for (let t: u32 = 0; t < <u32>Tag.COUNT; t++) if (isCounted(statsOf(node, t))) return true;
  return false;
}
function countActive(node: Node): usize {
  let n: usize = 1;
  for (let k = node.first; !isNil(k); k = k.next) if (isActive(k)) n += countActive(k);
  if (!isNil(node.element) && isActive(node.element)) n += countActive(node.element);
  return n;
}
/** id, name, length of name, minimum, maximum, tags that follow; per tag: tag, count, record, offset; fields, element. */
function dumpNode(node: Node): void {
  put(<f64>changetype<usize>(node));
  put(<f64>node.name);
  put(<f64>node.nameLength);
  put(<f64>node.minLength);
  put(<f64>node.maxLength);
  let tags = 0;
  for (let t: u32 = 0; t < <u32>Tag.COUNT; t++) if (isCounted(statsOf(node, t))) tags++;
  put(<f64>tags);
  for (let t: u32 = 0; t < <u32>Tag.COUNT; t++) {
    const stats = statsOf(node, t);
    if (!isCounted(stats)) continue;
    put(<f64>t);
    put(<f64>stats.count);
    put(<f64>stats.record);
    put(<f64>stats.offset);
  }
  let fields = 0;
  for (let k = node.first; !isNil(k); k = k.next) if (isActive(k)) fields++;
  put(<f64>fields);
  for (let k = node.first; !isNil(k); k = k.next) if (isActive(k)) dumpNode(k);
  const hasElement = !isNil(node.element) && isActive(node.element);
  put(hasElement ? 1 : 0);
  if (hasElement) dumpNode(node.element);
}
/** Writes hazards (count, record, offset, node) and then the tree of the file as doubles; `dumpLength` of them. */
export function dump(): usize {
  const need = <usize>Hazard.COUNT * 4 + countActive(root) * (8 + 4 * <usize>Tag.COUNT);
  if (need > outRoom) {
    outRoom = need * 2;
    out = alloc(outRoom << 3);
  }
  outAt = 0;
  for (let h: u32 = 0; h < <u32>Hazard.COUNT; h++) {
    const cell = hazardCell(h);
    put(<f64>cell.count);
    put(<f64>cell.record);
    put(<f64>cell.offset);
    put(<f64>cell.node);
  }
  dumpNode(root);
  return out;
}
export function dumpLength(): usize { return outAt; }
