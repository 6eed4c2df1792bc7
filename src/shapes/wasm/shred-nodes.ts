/**
 * The type that records are shredded by, as a tree for WebAssembly (AssemblyScript). A node is a position in a record;
 * it holds the column for each kind of value that may stand there. The host builds the tree once, from its plan.
 */
import { alloc, bytesEqual, fieldBits, hashBytes, stringEscaped, unescape } from "./lex";
import { Column, ColumnKind, Domain, markValid } from "./shred-columns";
import { chunkSize, giveChunk, takeChunk } from "./shred-memory";

@unmanaged export class Node {
  // columns by arm, 0 where the type has no such arm
  boolean: Column;
  int: Column;
  long: Column;
  decimal: Column;
  double: Column;
  float: Column;
  string: Column;
  /** Filled from text formats only: no value of JSON is a date. */
  date: Column;
  timestamp: Column;
  /** True where text is all that fits, so that a cell of CSV is not looked into. */
  isText: bool;
  list: Column;
  /** Presence of the choice around the arms, and of the struct (layout "nested" only). */
  choice: Column;
  struct: Column;
  /** Presence of a null, where it is to be told from a missing key; else 0. */
  nulls: Column;
  /** True where objects are read; `fields` may be empty all the same. */
  isStruct: bool;
  /** A key of no interest, kept so that it is recognised at once when it comes again. */
  ignored: bool;
  /** The name equals its spelling in JSON. */
  plain: bool;
  /** With a closing quote and a colon behind it, as `fieldMatches` wants it. */
  name: usize;
  nameLength: u32;
  nameBits: u32;
  /** Fields that are not ignored. */
  wanted: u32;
  /** Object in which the key was last met. */
  seen: u32;
  /** Where its last value is noted, while a record with a key twice is read. */
  entry: u32;
  /**
   * The field that came after this one last time, and for a struct the one that came first; and those that did before
   * them.
   */
  next: Node;
  nextElse: Node;
  first: Node;
  firstElse: Node;
  /** Open addressing over the fields' names. */
  table: usize;
  tableSize: u32;
  fieldCount: u32;
  /** Of a list. */
  element: Node;
  elements: Domain;
  /** Values that no arm holds; `misfitsKept` without those of the record being read. */
  misfits: u32;
  misfitsKept: u32;
  misfitNext: Node;
}

export const enum Slot { BOOLEAN, INT, LONG, DECIMAL, DOUBLE, FLOAT, STRING, DATE, TIMESTAMP, LIST, CHOICE, STRUCT, NULLS }

/** True when the node has a string arm and no other that a cell could have. */
export function hasOnlyText(node: Node): bool {
  const others = changetype<usize>(node.boolean) | changetype<usize>(node.int) | changetype<usize>(node.long) | changetype<usize>(node.decimal) |
    changetype<usize>(node.double) | changetype<usize>(node.float) | changetype<usize>(node.date) | changetype<usize>(node.timestamp);
  return changetype<usize>(node.string) != 0 && !others;
}

export function newNode(): Node {
  return changetype<Node>(alloc(offsetof<Node>()));
}

export function setSlot(node: Node, slot: u32, column: Column): void {
  if (slot == Slot.BOOLEAN) node.boolean = column;
  else if (slot == Slot.INT) node.int = column;
  else if (slot == Slot.LONG) node.long = column;
  else if (slot == Slot.DECIMAL) node.decimal = column;
  else if (slot == Slot.DOUBLE) node.double = column;
  else if (slot == Slot.FLOAT) node.float = column;
  else if (slot == Slot.STRING) node.string = column;
  else if (slot == Slot.DATE) node.date = column;
  else if (slot == Slot.TIMESTAMP) node.timestamp = column;
  else if (slot == Slot.LIST) node.list = column;
  else if (slot == Slot.CHOICE) node.choice = column;
  else if (slot == Slot.STRUCT) node.struct = column;
  else node.nulls = column;
}

/** A field of the unescaped name at `name`. */
export function newField(parent: Node, name: usize, length: u32): Node {
  const node = newNode();
  node.name = alloc(<usize>length + 18);
  memory.copy(node.name, name, length);
  store<u8>(node.name + <usize>length, 34);
  store<u8>(node.name + <usize>length, 58, 1);
  node.nameLength = length;
  node.nameBits = fieldBits(length);
  node.plain = true;
  for (let i: u32 = 0; i < length; i++) {
    const b = load<u8>(name + i);
    if (b < 32 || b == 34 || b == 92) node.plain = false;
  }
  if ((parent.fieldCount + 1) * 2 > parent.tableSize) growTable(parent);
  insert(parent, node);
  parent.fieldCount++;
  parent.wanted++;
  return node;
}

function insert(parent: Node, node: Node): void {
  const mask = parent.tableSize - 1;
  let i = hashBytes(node.name, node.nameLength) & mask;
  while (load<u32>(parent.table + (<usize>i << 2))) i = (i + 1) & mask;
  store<u32>(parent.table + (<usize>i << 2), <u32>changetype<usize>(node));
}

function growTable(parent: Node): void {
  const old = parent.table;
  const had = parent.tableSize;
  parent.tableSize = had ? had * 2 : 16;
  parent.table = takeChunk(<usize>parent.tableSize << 2);
  memory.fill(parent.table, 0, <usize>parent.tableSize << 2);
  for (let i: u32 = 0; i < had; i++) {
    const node = changetype<Node>(<usize>load<u32>(old + (<usize>i << 2)));
    if (changetype<usize>(node)) insert(parent, node);
  }
  giveChunk(old, <usize>had << 2);
}

/** Behind `before` (nil: first in the object) came `field`, where `likely` was expected. */
export function expectNext(parent: Node, before: Node, field: Node, likely: Node): void {
  if (changetype<usize>(before)) {
    before.next = field;
    before.nextElse = likely;
  } else {
    parent.first = field;
    parent.firstElse = likely;
  }
}

/** Keys of no interest that are remembered in all, and how long they may be. */
const MAX_IGNORED: u32 = 8192;
const MAX_IGNORED_LENGTH: u32 = 128;
let ignoredCount: u32 = 0;

let keyText: usize = 0;
let keyRoom: usize = 0;

/** The field spelled [p, end) in an object of `parent`, or 0. `stringEscaped` is of this spelling. */
export function findField(parent: Node, p: usize, end: usize): Node {
  if (!stringEscaped) {
    const node = lookUp(parent, p, <u32>(end - p));
    return changetype<usize>(node) ? node : ignore(parent, p, <u32>(end - p));
  }
  if (<usize>(end - p) > keyRoom) {
    giveChunk(keyText, keyRoom);
    keyRoom = chunkSize(end - p);
    keyText = takeChunk(keyRoom);
  }
  return lookUp(parent, keyText, <u32>(unescape(p, end, keyText) - keyText));
}

export function lookUp(parent: Node, name: usize, length: u32): Node {
  if (!parent.tableSize) return changetype<Node>(0);
  const mask = parent.tableSize - 1;
  let i = hashBytes(name, length) & mask;
  for (;;) {
    const node = changetype<Node>(<usize>load<u32>(parent.table + (<usize>i << 2)));
    if (!changetype<usize>(node)) return node;
    if (node.nameLength == length && bytesEqual(node.name, name, length)) return node;
    i = (i + 1) & mask;
  }
  return changetype<Node>(0); // never reached; the compiler asks for it
}

function ignore(parent: Node, name: usize, length: u32): Node {
  if (ignoredCount >= MAX_IGNORED || length > MAX_IGNORED_LENGTH) return changetype<Node>(0);
  ignoredCount++;
  const node = newField(parent, name, length);
  node.ignored = true;
  parent.wanted--;
  return node;
}

// Misfits
// --------------------------------------------------------------------------------------------------------------

let misfitNodes: Node = changetype<Node>(0);

/** Notes that the key is there, with nothing in it. */
@inline export function markNull(node: Node): void {
  if (changetype<usize>(node.nulls)) markValid(node.nulls);
}

/** Counts a value that no arm of the node holds; it becomes null. */
export function countMisfit(node: Node): void {
  if (node.misfits == node.misfitsKept) {
    node.misfitNext = misfitNodes;
    misfitNodes = node;
  }
  node.misfits++;
  markNull(node);
}

/** Settles the misfits of a record: kept with it, or taken back. */
export function settleMisfits(keep: bool): void {
  for (let node = misfitNodes; changetype<usize>(node); node = node.misfitNext) {
    if (keep) node.misfitsKept = node.misfits;
    else node.misfits = node.misfitsKept;
  }
  misfitNodes = changetype<Node>(0);
}
@inline export function hasMisfits(): bool {
  return changetype<usize>(misfitNodes) != 0;
}
