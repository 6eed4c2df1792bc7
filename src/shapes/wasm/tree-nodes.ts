/**
 * The nodes of the tree of paths, for WebAssembly (AssemblyScript): one for each path, with a count and a first place
 * for each tag. Nodes are never freed, and shared by all files of one instance.
 */
import { alloc, bytesEqual, hashBytes } from "./lex";
import { findSink } from "./scan-aside";

// Tags are numbered as in TAGS of ledger.ts.
export const enum Tag { NULL, BOOLEAN, INT, LONG, BIGINT, DOUBLE, STRING, STRUCT, ARRAY, DECIMAL, DATE, TIMESTAMP, COUNT }
/** `WANTED`: its values go to a sink besides. `TYPED`: its texts are counted by what they spell. */
export const enum KeyFlag { EMPTY = 1, CLASH = 2, WANTED = 4, TYPED = 8 }

/** Of all nodes from here on. */
let flagsOfAll: u32 = 0;
export function setFlagsOfAll(flags: u32): void {
  flagsOfAll = flags;
}

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
  /**
   * The first sixteen bytes of its field: a comma, the key quoted as first met in the data, and a colon, for comparing
   * in place.
   */
  field0: u64;
  field1: u64;
  /** A bit for each of them that counts. */
  fieldBits: u32;
  /** Bytes of the field. */
  fieldLength: u32;
  /** The object (by running number) in which this key was met last, and its slot there when duplicates are resolved. */
  seen: u64;
  /** The key that came behind this one last, and the one that did before that. */
  after: Node;
  afterElse: Node;
  /** `KeyFlag`s; most nodes have none. */
  flags: u32;
  /** The key that came first in this object last, and the one that did before that. */
  lead: Node;
  leadElse: Node;
  element: Node;
  /** The whole field. */
  field: usize;
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

// Hashes
// ---------------------------------------------------------------------------------------------------------------

/** Finaliser of MurmurHash3: every input bit reaches every output bit. */
export function mix(h: u64): u64 {
  h = (h ^ (h >> 33)) * 0xff51afd7ed558ccd;
  h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53;
  return h ^ (h >> 33);
}
export const GOLDEN: u64 = 0x9e3779b97f4a7c15;
function childHash(parent: u64, name: usize, length: u32): u64 {
  let h = parent;
  for (let i: usize = 0; i < <usize>length; i++) h = (h ^ <u64>load<u8>(name + i)) * 0x100000001b3;
  return mix(h + <u64>length);
}
function elementHash(parent: u64): u64 {
  return mix(parent ^ 0x5bf0363546296be5);
}

// Nodes
// ----------------------------------------------------------------------------------------------------------------

export function newNode(parent: Node): Node {
  const size = offsetof<Node>() + <usize>Tag.COUNT * STATS_SIZE;
  const node = changetype<Node>((alloc(size + 63) + 63) & ~63);
  node.parent = parent;
  node.flags = flagsOfAll;
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

function setField(kid: Node, raw: usize, rawLength: u32): void {
  const length = rawLength + 4;
  const field = alloc(<usize>length + 16);
  store<u16>(field, 0x222c); // ,"
  memory.copy(field + 2, raw, rawLength);
  store<u16>(field + 2 + rawLength, 0x3a22); // ":
  v128.store(changetype<usize>(kid), v128.load(field));
  kid.field = field;
  kid.fieldLength = length;
  kid.fieldBits = length < 16 ? (1 << length) - 1 : 0xffff;
}

/** Nothing matches the field of no key: call before fields are compared. */
export function unfieldNil(): void {
  NIL().fieldBits = 0x10000;
}

/** A bit for each of the first sixteen bytes that the raw text at `p` has in common with the key's field. */
@inline export function sameBits(key: Node, p: usize): u32 {
  return i8x16.bitmask(i8x16.eq(v128.load(changetype<usize>(key)), v128.load(p)));
}
/**
 * True when the raw text at `p` is the key's field but for the comma, which may be any byte. Only spellings are
 * compared: one that was once a whole key is one wherever quotes are around it, which is not true of an unescaped name.
 */
export function isField(key: Node, p: usize): bool {
  const bits = key.fieldBits & ~1;
  return (sameBits(key, p) & bits) == bits && (key.fieldLength <= 16 || isRestOfField(key, p));
}
/** The same for what is behind the first sixteen bytes of a field longer than that. */
export function isRestOfField(key: Node, p: usize): bool {
  const length = key.fieldLength;
  const bits: u32 = length < 32 ? (1 << (length - 16)) - 1 : 0xffff;
  if ((i8x16.bitmask(i8x16.eq(v128.load(key.field, 16), v128.load(p, 16))) & bits) != bits) return false;
  return length <= 32 || bytesEqual(key.field + 32, p + 32, length - 32);
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
  setField(kid, raw, rawLength);
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

// Sinks
// ----------------------------------------------------------------------------------------------------------------

/** Of the key, and of those below it that are there; those to come find theirs. */
export function setSink(node: Node, sink: usize): void {
  node.sink = sink;
  if (sink) node.flags |= KeyFlag.WANTED;
  else node.flags &= ~KeyFlag.WANTED;
  for (let kid = node.first; !isNil(kid); kid = kid.next) setSink(kid, sink ? findSink(sink, kid.name, kid.nameLength) : 0);
}

// Keys that differ in case only
// ----------------------------------------------------------------------------------------

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
