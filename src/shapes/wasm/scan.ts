/**
 * The exact scanner of JSON: every record is walked once, counted into the tree of paths, and taken back exactly when it proves
 * malformed. `scanLines` reads one record per line; `scanValues` arrays of records, pretty-printed and concatenated JSON.
 *
 * Measured on 300 MB of drifting orders, MB/s of one core: 640 at first, 840 now, where the counts alone allow 900. What paid: keys
 * compared in place instead of read first, SIMD in strings, plain numbers told apart here instead of through the lexer's results (they
 * are memory, not registers), the hot fields of a node on one cache line, and a call only for the first sight of a (path, type).
 * Later, by instructions counted (a quarter fewer): keys expected in the order last seen rather than first seen, which spares two look-ups
 * a record where fields are optional; a key, its quote and its colon in one compare; the digits of a number found by one compare too.
 * What did not: inlining the white-space loop (−15 %), leaving out hazard flags, first places or shapes (each within noise), numbers read
 * in place instead of by a call (short strings so gain 2 %), compare vectors kept in memory. Without any counting it would be 880 MB/s for 830.
 */
import { lineEnd, notAnObject, setRecordReader } from "./frames";
import { beginRow, endRow, takeText, takeValue } from "./scan-aside";
import {
  alloc, byteAt, Fault, falseEnd, fail, faultAt, faultCode, fieldMatches, loneSurrogates, MAX_DEPTH, nextNewline, nullEnd, numberEnd,
  numberKind, NumberKind, resetLoneSurrogates, shortStringEnd, skipSpace, skipValue, stringEnd, stringEscaped, trueEnd, unescape,
} from "./lex";
import {
  addChild, beginRecord, beginUndo, commitRecord, count, countOddNumber, elementOf, endUndo, findChild, hasHazard, hasSink, Hazard, isNil, KeyFlag, keyHazards, NIL, Node,
  noteHazard, noteLength, noteMalformed, noteNotAnObject, root, Tag,
} from "./tree";
import { countText, textTypes } from "./text-types";

export { beginValues, isLost, readLines as scanLines, readValues as scanValues, resetLost } from "./frames";
export { alloc, faultAt, setNewlineIsSpace } from "./lex";
export { addColumn, beginCsv, headerLength, headerNames, readHeader, scanCsv } from "./scan-csv";
export { otherShapesCount, shapesCount, shapesPointer } from "./shape-table";
export { setTextTypes } from "./text-types";
export { beginFile, fileHazard, keptCount, keptPointer, malformedCount, placeBlock, recordCount } from "./tree";
export { dump, dumpLength } from "./tree-dump";

/** The address after the JSON value at `p`, or 0; counts nothing. */
export function probe(p: usize): usize {
  const end = skipValue(p, 0);
  resetLoneSurrogates(0);
  return end;
}

// Values ---------------------------------------------------------------------------------------------------------------

let depth: u32 = 0;
/** Running number of objects, to know a key that comes twice in one. */
let objects: u64 = 0;
/** Set while a record with duplicate keys is read again: then each object reads only the last value of a key. */
let lastWins = false;

/** A short string in place, all else by a call. */
@inline function valueOf(node: Node, p: usize): usize {
  if (byteAt(p) == 34 && !textTypes) {
    const end = shortStringEnd(p + 1);
    if (end) {
      count(node, Tag.STRING, p);
      return end;
    }
  }
  return value(node, p);
}

function value(node: Node, p: usize): usize {
  const b = byteAt(p);
  if (b == 34) {
    if (textTypes) return typedText(node, p);
    count(node, Tag.STRING, p);
    const short = shortStringEnd(p + 1);
    if (short) return short;
    const end = stringEnd(p + 1);
    if (loneSurrogates) surrogates(node, p);
    return end;
  }
  if (b - 48 <= 9 || b == 45) return number(node, p);
  if (b == 123) return lastWins ? objectLastWins(node, p) : object(node, p);
  if (b == 91) return array(node, p);
  if (b == 116 || b == 102) {
    count(node, Tag.BOOLEAN, p);
    return b == 116 ? trueEnd(p) : falseEnd(p);
  }
  if (b == 110) {
    count(node, Tag.NULL, p);
    return nullEnd(p);
  }
  return fail(Fault.UNEXPECTED, p);
}

/** False while a walk over a record takes its counts back. */
let taking = true;

/** A value that goes to a sink besides. */
function wantedValue(node: Node, p: usize): usize {
  if (byteAt(p) == 34) {
    // where there are sinks, texts are not typed
    const short = shortStringEnd(p + 1);
    if (short) {
      count(node, Tag.STRING, p);
      if (taking && node.sink) takeText(node.sink, p + 1, short - 1);
      return short;
    }
  }
  const end = value(node, p);
  if (end && taking && node.sink) {
    takeValue(node.sink, p);
    resetLoneSurrogates(0); // counted above
  }
  return end;
}

/** What is spelled with escapes counts as a string. */
function typedText(node: Node, p: usize): usize {
  const end = stringEnd(p + 1);
  if (!end) return 0;
  if (stringEscaped) count(node, Tag.STRING, p);
  else countText(node, p + 1, end - 1, p);
  if (loneSurrogates) surrogates(node, p);
  return end;
}

function surrogates(node: Node, p: usize): void {
  noteHazard(Hazard.LONE_SURROGATE, node, p, loneSurrogates);
  resetLoneSurrogates(0);
}

/**
 * Integers of up to nine digits and decimals of up to 16 bytes are told apart here by where their digits end, without a loop; all else
 * (exponents, many digits, faults) is left to the lexer.
 */
@inline function number(node: Node, p: usize): usize {
  const negative = <usize>(byteAt(p) == 45);
  const start = p + negative;
  const bytes = v128.load(start);
  // one bit for each byte that is no digit: less 48 and 128, digits are the ten smallest signed bytes
  const stops = i8x16.bitmask(i8x16.gt_s(i8x16.sub(bytes, i8x16.splat(-80)), i8x16.splat(-119)));
  const length = ctz(stops);
  if (!stops || !length || (length > 1 && byteAt(start) == 48)) return anyNumber(node, p);
  const after = byteAt(start + length);
  if (after == 46) {
    const ends = stops & (stops - 1);
    const end = ctz(ends);
    if (!ends || end == length + 1 || (byteAt(start + end) | 32) == 101) return anyNumber(node, p);
    count(node, Tag.DOUBLE, p);
    return start + end;
  }
  if (length > 9 || (after | 32) == 101) return anyNumber(node, p);
  count(node, Tag.INT, p);
  return start + length;
}

function anyNumber(node: Node, p: usize): usize {
  const end = numberEnd(p);
  if (!end) return 0;
  const kind = numberKind;
  if (kind <= <u32>NumberKind.DOUBLE) count(node, Tag.INT + kind, p);
  else countOddNumber(node, p, kind);
  return end;
}

function array(node: Node, p: usize): usize {
  count(node, Tag.ARRAY, p);
  if (++depth > MAX_DEPTH) return fail(Fault.TOO_DEEP, p);
  p = skipSpace(p + 1);
  let length: u32 = 0;
  if (byteAt(p) != 93) {
    const element = elementOf(node);
    let more = true;
    while (more) {
      p = value(element, p);
      if (!p) return 0;
      length++;
      let b = byteAt(p);
      if (b <= 32) {
        p = skipSpace(p);
        b = byteAt(p);
      }
      if (b == 44) p = skipSpace(p + 1);
      else if (b == 93) more = false;
      else return fail(Fault.NO_COMMA_OR_BRACKET, p);
    }
  }
  noteLength(node, length);
  depth--;
  return p + 1;
}

function object(node: Node, p: usize): usize {
  count(node, Tag.STRUCT, p);
  if (++depth > MAX_DEPTH) return fail(Fault.TOO_DEEP, p);
  p = skipSpace(p + 1);
  if (byteAt(p) == 125) {
    depth--;
    return p + 1;
  }
  const id = ++objects;
  let before = NIL();
  let key = node.lead;
  for (;;) {
    if (byteAt(p) != 34) return fail(Fault.NO_KEY, p);
    const start = p;
    if (!isNil(key) && fieldMatches(key.raw, key.rawLength, key.rawBits, p + 1)) p += <usize>key.rawLength + 3;
    else {
      // optional keys: what came here the time before last
      const likely = key;
      key = isNil(before) ? node.leadElse : before.afterElse;
      if (!isNil(key) && fieldMatches(key.raw, key.rawLength, key.rawBits, p + 1)) p += <usize>key.rawLength + 3;
      else {
        p = stringEnd(p + 1);
        if (!p) return 0;
        key = lookUp(node, start + 1, p - 1);
        if (keySurrogates) noteHazard(Hazard.LONE_SURROGATE, key, start, keySurrogates);
        p = skipSpace(p);
        if (byteAt(p++) != 58) return fail(Fault.NO_COLON, p - 1);
      }
      expectNext(node, before, key, likely);
    }
    before = key;
    if (key.seen == id) noteHazard(Hazard.DUPLICATE_KEY, key, start, 1);
    key.seen = id;
    const flags = key.flags;
    if (flags) keyHazards(key, id, start);
    p = skipSpace(p);
    p = flags & KeyFlag.WANTED ? wantedValue(key, p) : valueOf(key, p);
    if (!p) return 0;
    let b = byteAt(p);
    if (b <= 32) {
      p = skipSpace(p);
      b = byteAt(p);
    }
    if (b == 44) {
      p = skipSpace(p + 1);
      key = key.after;
    } else if (b == 125) {
      depth--;
      return p + 1;
    } else return fail(Fault.NO_COMMA_OR_BRACE, p);
  }
  return 0; // never reached; the compiler asks for it
}

/** Behind `before` (nil: first in the object) came `key`, where `likely` was expected. */
function expectNext(node: Node, before: Node, key: Node, likely: Node): void {
  if (isNil(before)) {
    node.lead = key;
    node.leadElse = likely;
  } else {
    before.after = key;
    before.afterElse = likely;
  }
}

let scratch: usize = 0;
let scratchRoom: usize = 0;
/** Lone surrogates in the key last looked up. */
let keySurrogates: u32 = 0;

/** The child whose key is spelled [p, end) in the data, right after `stringEnd` has read it. */
function lookUp(node: Node, p: usize, end: usize): Node {
  keySurrogates = loneSurrogates;
  resetLoneSurrogates(0);
  let name = p;
  let length = <u32>(end - p);
  if (stringEscaped) {
    if (end - p > scratchRoom) {
      scratchRoom = (end - p) * 2;
      scratch = alloc(scratchRoom * 7 + 8);
    }
    name = scratch;
    length = <u32>(unescape(p, end, scratch) - scratch);
  }
  const found = findChild(node, name, length);
  if (!isNil(found)) return found;
  if (!keySurrogates) return addChild(node, name, length, p, <u32>(end - p));
  // compared in place, this spelling would not be counted as a hazard again: expect the plain one instead
  const spelling = scratch + scratchRoom;
  return addChild(node, name, length, spelling, <u32>(respell(name, length, spelling) - spelling));
}

/** Writes a key as JSON text without its quotes; returns the address after it. */
function respell(name: usize, length: u32, out: usize): usize {
  for (let i: usize = 0; i < <usize>length; i++) {
    const b = byteAt(name + i);
    if (b < 32) {
      store<u32>(out, 0x3030755c); // \u00
      store<u8>(out, 48 + (b >> 4), 4);
      store<u8>(out, (b & 15) < 10 ? 48 + (b & 15) : 87 + (b & 15), 5);
      out += 6;
      continue;
    }
    if (b == 34 || b == 92) store<u8>(out++, 92);
    store<u8>(out++, b);
  }
  return out;
}

// Duplicate keys -------------------------------------------------------------------------------------------------------

/** A stack of (key, address of its last value) for the objects in hand. */
let entries: usize = 0;
let entriesRoom: u32 = 0;
let entriesUsed: u32 = 0;

function pushEntry(key: Node, p: usize): void {
  if (entriesUsed == entriesRoom) {
    const old = entries;
    entriesRoom = entriesRoom ? entriesRoom * 2 : 1024;
    entries = alloc(<usize>entriesRoom << 3);
    memory.copy(entries, old, <usize>entriesUsed << 3);
  }
  key.slot = entriesUsed;
  const entry = entries + (<usize>(entriesUsed++) << 3);
  store<u32>(entry, <u32>changetype<usize>(key));
  store<u32>(entry, <u32>p, 4);
}

/** As `object`, for a record known to be valid: of a key that comes more than once, only the last value is read. */
function objectLastWins(node: Node, p: usize): usize {
  count(node, Tag.STRUCT, p);
  const base = entriesUsed;
  const id = ++objects;
  p = skipSpace(p + 1);
  while (byteAt(p) != 125) {
    const start = p;
    p = stringEnd(p + 1);
    const key = lookUp(node, start + 1, p - 1);
    if (key.seen != id) {
      if (keySurrogates) noteHazard(Hazard.LONE_SURROGATE, key, start, keySurrogates);
      if (key.flags) keyHazards(key, id, start);
    }
    p = skipSpace(skipSpace(p) + 1);
    if (key.seen == id) store<u32>(entries + (<usize>key.slot << 3), <u32>p, 4);
    else {
      key.seen = id;
      pushEntry(key, p);
    }
    p = skipSpace(skipValue(p, 0));
    resetLoneSurrogates(0);
    if (byteAt(p) == 44) p = skipSpace(p + 1);
  }
  const end = entriesUsed;
  for (let i = base; i < end; i++) {
    const entry = entries + (<usize>i << 3);
    const key = changetype<Node>(<usize>load<u32>(entry));
    const last = <usize>load<u32>(entry, 4);
    if (key.flags & KeyFlag.WANTED) wantedValue(key, last);
    else value(key, last);
  }
  entriesUsed = base;
  return p + 1;
}

// Records --------------------------------------------------------------------------------------------------------------

function undo(p: usize, except: u32): void {
  const code = faultCode;
  const at = faultAt;
  if (hasSink) endRow(false);
  beginUndo();
  depth = 0;
  taking = false;
  value(root, p);
  taking = true;
  endUndo(except);
  resetLoneSurrogates(0);
  fail(code, at);
}

/** Reads and counts the record at `p`; the address after it, or 0 with everything as before. */
function record(p: usize, wholeLine: bool): usize {
  depth = 0;
  if (byteAt(p) != 123) return notAnObject(p, wholeLine);
  beginRecord();
  if (hasSink) beginRow(false);
  let end = object(root, p);
  if (end && wholeLine) end = lineEnd(end);
  if (!end) {
    undo(p, Hazard.COUNT);
    return 0;
  }
  if (hasHazard(Hazard.DUPLICATE_KEY)) {
    undo(p, Hazard.DUPLICATE_KEY);
    beginRecord();
    if (hasSink) beginRow(true);
    lastWins = true;
    depth = 0;
    value(root, p);
    lastWins = false;
  }
  if (hasSink) endRow(true);
  commitRecord(p);
  return end;
}

/** Notes the last failure for the record in [start, end). */
function malformed(start: usize, end: usize): void {
  noteMalformed(start, end, faultCode, faultAt);
  if (faultCode == Fault.NOT_AN_OBJECT) noteNotAnObject(start);
}

/** Counts a record that the host could not hold. */
export function reject(start: usize, end: usize, code: u32): void {
  noteMalformed(start, end, code, end);
}

setRecordReader(record, malformed);
