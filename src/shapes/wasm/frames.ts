/**
 * Finds records in blocks of bytes, for WebAssembly (AssemblyScript): lines, or arrays of records, pretty-printed and
 * concatenated JSON. What a record is read into is the caller's: the scanner and the shredder share this, so that they
 * see the same records.
 */
import {
  byteAt, Fault, fail, faultAt, nextNewline, resetLoneSurrogates, skipSpace, skipValue, stringEnd, alloc,
} from "./lex";

/**
 * Reads the record at an address and returns the address after it; 0 after a fault, with everything as before. When
 * `wholeLine`, the record must end its line (see `lineEnd`).
 */
type ReadRecord = (p: usize, wholeLine: bool) => usize;
/** Hears of a malformed record [start, end); the fault says why. */
type Reject = (start: usize, end: usize) => void;

let record: ReadRecord = (_p: usize, _wholeLine: bool) => 0;
let reject: Reject = (_start: usize, _end: usize) => {};

/** Call once before anything else here. */
export function setRecordReader(read: ReadRecord, onMalformed: Reject): void {
  record = read;
  reject = onMalformed;
}

/** The end of the line of a record that ends at `p`. */
export function lineEnd(p: usize): usize {
  p = skipSpace(p);
  return byteAt(p) == 10 ? p : fail(Fault.AFTER_RECORD, p);
}

/** A valid value that is no object fails as such, anything else at its first fault. */
export function notAnObject(p: usize, wholeLine: bool): usize {
  let end = skipValue(p, 0);
  resetLoneSurrogates(0);
  if (end && wholeLine) end = lineEnd(end);
  return end ? fail(Fault.NOT_AN_OBJECT, p) : 0;
}

function trimEnd(start: usize, end: usize): usize {
  while (end > start && (byteAt(end - 1) == 32 || byteAt(end - 1) == 9 || byteAt(end - 1) == 13 || byteAt(end - 1) == 10)) end--;
  return end;
}

// One record per line
// --------------------------------------------------------------------------------------------------

/**
 * Reads the whole lines of a block and returns the bytes consumed. With `last`, what follows the last newline is a line
 * too (the byte behind the block is overwritten with a newline).
 */
export function readLines(block: usize, length: usize, last: bool): usize {
  let end = block + length;
  if (last) {
    if (length && byteAt(end - 1) != 10) store<u8>(end++, 10);
  } else while (end > block && byteAt(end - 1) != 10) end--;
  let p = block;
  while (p < end) {
    p = skipSpace(p);
    if (byteAt(p) != 10) {
      const stop = record(p, true);
      if (stop) p = stop;
      else {
        const newline = nextNewline(p);
        // the file ended inside the record
        if (newline == block + length && faultAt == newline) fail(Fault.CUT_OFF, newline);
        reject(p, trimEnd(p, newline));
        p = newline;
      }
    }
    p++;
  }
  return end > block + length ? length : end - block;
}

// Arrays, pretty-printed and concatenated records
// ----------------------------------------------------------------------

const enum Expect { RECORD, ELEMENT_OR_END, COMMA_OR_END, ELEMENT }
let expect: u32 = Expect.RECORD;

export function beginValues(): void {
  expect = Expect.RECORD;
  atNextRecord = false;
}

/**
 * Reads the complete records of a block and returns the bytes consumed: fewer than `length` when the last record goes
 * on behind it. With `last` everything is consumed. `lookahead` bounds the bytes that may be asked for to find the end
 * of a malformed record.
 */
export function readValues(block: usize, length: usize, last: bool, lookahead: usize): usize {
  const end = block + length;
  store<u8>(end, 0);
  let p = skipSpace(block);
  while (p < end) {
    const b = byteAt(p);
    const next = punctuation(p, b);
    if (next) {
      p = skipSpace(next);
      continue;
    }
    let stop: usize = 0;
    if (expect != Expect.COMMA_OR_END) stop = record(p, false);
    else fail(Fault.NO_COMMA_OR_BRACKET, p);
    // a number that touches the end may go on behind it
    if (!last && ((!stop && faultAt >= end) || (stop == end && b != 123))) break;
    if (!stop) {
      if (faultAt >= end) fail(Fault.CUT_OFF, end);
      stop = resync(block, p, end, last, lookahead);
      if (!stop) break;
      reject(p, trimEnd(p, stop));
    }
    if (expect != Expect.RECORD) expect = Expect.COMMA_OR_END;
    p = skipSpace(resumed(stop));
  }
  if (last && p >= end && expect != Expect.RECORD) {
    fail(Fault.CUT_OFF, end);
    reject(end, end);
    expect = Expect.RECORD;
  }
  return p > end ? length : p - block;
}

/** Takes `[`, `,` and `]` between records; the address after it, or 0. */
function punctuation(p: usize, b: u32): usize {
  if (b == 91 && expect == Expect.RECORD) expect = Expect.ELEMENT_OR_END;
  else if (b == 44 && expect == Expect.COMMA_OR_END) expect = Expect.ELEMENT;
  else if (b == 93 && expect != Expect.RECORD) {
    if (expect == Expect.ELEMENT) {
      // a comma before the bracket
      fail(Fault.UNEXPECTED, p);
      reject(p, p + 1);
    }
    expect = Expect.RECORD;
  } else return 0;
  return p + 1;
}

/** True when the last resync found the start of the next record rather than the end of the bad one. */
let atNextRecord = false;
function resumed(p: usize): usize {
  if (atNextRecord) {
    // the comma, if there was one, went with the bad record
    if (expect == Expect.COMMA_OR_END) expect = Expect.ELEMENT;
    atNextRecord = false;
  }
  return p;
}

/** Spaces and tabs before `p` on its line, or −1 when something else comes before it. */
function indentOf(block: usize, p: usize): i32 {
  let q = p;
  while (q > block && (byteAt(q - 1) == 32 || byteAt(q - 1) == 9)) q--;
  return q == block || byteAt(q - 1) == 10 ? <i32>(p - q) : -1;
}

const MAX_KINDS: u32 = 65536;
let kinds: usize = 0;

/**
 * The end of the malformed record at `start`: where its brackets close, if they do; else the next line that starts an
 * object at the same indentation; else, at the end of the data, all of it. 0 asks for more bytes. Strings end at their
 * line, since no valid string holds a newline.
 */
function resync(block: usize, start: usize, end: usize, last: bool, lookahead: usize): usize {
  if (!kinds) kinds = alloc(MAX_KINDS);
  const first = byteAt(start);
  if (first != 123 && first != 91) return garbageEnd(start, end, last);
  const indent = indentOf(block, start);
  let candidate: usize = 0;
  let open: u32 = 0;
  let p = start;
  let quoted = false;
  let broken = false;
  while (p < end && !broken) {
    const b = byteAt(p++);
    if (b == 10) {
      quoted = false;
      if (!candidate && indent >= 0 && p + <usize>indent >= faultAt && startsRecord(p, end, <usize>indent)) candidate = p + <usize>indent;
    } else if (quoted) {
      if (b == 92 && byteAt(p) != 10) p++;
      else if (b == 34) quoted = false;
    } else if (b == 34) quoted = true;
    else if (b == 123 || b == 91) {
      if (open < MAX_KINDS) store<u8>(kinds + <usize>open, b + 2);
      open++;
    } else if (b == 125 || b == 93) {
      open--;
      broken = open < MAX_KINDS && load<u8>(kinds + <usize>open) != <u8>b;
      if (!open && !broken && p > faultAt) return p;
      if (!open) broken = true;
    }
  }
  if (!broken && !last && end - start < lookahead) return 0;
  if (candidate) {
    atNextRecord = true;
    return candidate;
  }
  if (last) return end;
  return end - start < lookahead ? 0 : giveUp(end);
}

function startsRecord(p: usize, end: usize, indent: usize): bool {
  if (p + indent >= end) return false;
  for (let i: usize = 0; i < indent; i++) if (byteAt(p + i) != 32 && byteAt(p + i) != 9) return false;
  return byteAt(p + indent) == 123;
}

/** Set when the rest of the file is one malformed record that the host skips without keeping it. */
let lost = false;
export function isLost(): bool { return lost; }
function giveUp(end: usize): usize {
  lost = true;
  return end;
}
export function resetLost(): void { lost = false; }

/** Something that starts no object or array: up to the next record, separator or line. */
function garbageEnd(start: usize, end: usize, last: bool): usize {
  let p = start + 1;
  if (byteAt(start) == 34) {
    const stop = stringEnd(start + 1);
    resetLoneSurrogates(0);
    if (stop) return stop;
  }
  while (p < end) {
    const b = byteAt(p);
    if (b == 10 || b == 123 || b == 91) return p;
    if (expect != Expect.RECORD && (b == 44 || b == 93)) return p;
    p++;
  }
  return last || end - start > 65536 ? end : 0;
}
