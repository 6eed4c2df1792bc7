/**
 * JSON values into columns, for WebAssembly (AssemblyScript): each to the column of its arm, what no column wants
 * checked and skipped.
 */
import {
  Fault, MAX_DEPTH, byteAt, closeOf, fail, falseEnd, fieldMatches, nullEnd, numberEnd, shortStringEnd, skipSpace, skipValue, stringEnd, stringEscaped, trueEnd,
} from "./lex";
import { markValid, putInt32, putInt64, putNumbering, putString, touchDomain } from "./shred-columns";
import { chunkSize, giveChunk, takeChunk } from "./shred-memory";
import { Node, countMisfit, expectNext, findField, markNull } from "./shred-nodes";
import { has, markChoice, putBooleanValue, putNumber } from "./shred-values";

function readNumber(node: Node, p: usize): usize {
  const end = numberEnd(p);
  if (end) putNumber(node, p, end);
  return end;
}

function readString(node: Node, p: usize): usize {
  let end = shortStringEnd(p + 1);
  let escaped = false;
  if (!end) {
    end = stringEnd(p + 1);
    if (!end) return 0;
    escaped = stringEscaped != 0;
  }
  putText(node, p + 1, end - 1, escaped);
  return end;
}

@inline export function putText(node: Node, from: usize, end: usize, escaped: bool): void {
  if (has(node.string)) {
    putString(node.string, from, end, escaped);
    markChoice(node);
  } else countMisfit(node);
}

/** True where all records are known to be valid and to name no key twice: what is not wanted is not looked into. */
let sound: bool = false;
export function setSound(on: bool): void {
  sound = on;
}

/** After a value that no column takes. */
@inline function passValue(p: usize, depth: u32): usize {
  const b = byteAt(p);
  if (b == 34) {
    const end = shortStringEnd(p + 1);
    return end ? end : stringEnd(p + 1);
  }
  if (!sound) return skipValue(p, depth);
  if ((b | 32) == 123) return closeOf(p + 1, 1);
  const bytes = v128.load(p);
  const ends = i8x16.bitmask(v128.or(v128.or(i8x16.eq(bytes, i8x16.splat(44)), i8x16.eq(bytes, i8x16.splat(125))), i8x16.lt_u(bytes, i8x16.splat(33))));
  return ends ? p + <usize>ctz(ends) : skipValue(p, depth);
}

/** True after a failure that only says that an object names a key twice. */
export let duplicateKey: bool = false;
export function forgetDuplicate(): void {
  duplicateKey = false;
}
/** True while such a record is read again: of each key, only the last value is read. */
let lastWins: bool = false;
export function setLastWins(on: bool): void {
  lastWins = on;
}
let objectCount: u32 = 0;

@inline function isNext(field: Node, p: usize): bool {
  return changetype<usize>(field) != 0 && fieldMatches(field.name, field.nameLength, field.nameBits, p);
}

export function readObject(node: Node, p: usize, depth: u32): usize {
  if (depth > MAX_DEPTH) return fail(Fault.TOO_DEEP, p);
  if (lastWins) return readLastValues(node, p, depth);
  let left = node.wanted;
  if (sound && !left) return closeOf(p + 1, 1);
  p = skipSpace(p + 1);
  if (byteAt(p) == 125) return p + 1;
  const object = ++objectCount;
  let previous = changetype<Node>(0);
  let guess = node.first;
  let other = node.firstElse;
  for (;;) {
    if (byteAt(p) != 34) return fail(Fault.NO_KEY, p);
    const start = p + 1;
    let field = guess;
    if (isNext(field, start)) p = skipSpace(start + field.nameLength + 2);
    else if (isNext(other, start)) {
      field = other;
      expectNext(node, previous, field, guess);
      p = skipSpace(start + field.nameLength + 2);
    } else {
      p = stringEnd(start);
      if (!p) return 0;
      field = findField(node, start, p - 1);
      if (changetype<usize>(field) != 0 && field.plain) expectNext(node, previous, field, guess);
      p = skipSpace(p);
      if (byteAt(p) != 58) return fail(Fault.NO_COLON, p);
      p = skipSpace(p + 1);
    }
    if (!changetype<usize>(field) || field.ignored) p = passValue(p, depth);
    else {
      if (field.seen == object) {
        duplicateKey = true;
        return 0;
      }
      field.seen = object;
      p = readValue(field, p, depth);
      if (sound && p && --left == 0) return closeOf(p, 1);
    }
    if (!p) return 0;
    p = skipSpace(p);
    const b = byteAt(p);
    if (b == 125) return p + 1;
    if (b != 44) return fail(Fault.NO_COMMA_OR_BRACE, p);
    p = skipSpace(p + 1);
    if (changetype<usize>(field)) {
      previous = field;
      guess = field.next;
      other = field.nextElse;
    } else guess = other = field;
  }
  return 0; // never reached; the compiler asks for it
}

/** A stack of (field, address of its last value) for the objects in hand. */
let entries: usize = 0;
let entriesRoom: usize = 0;
let entryCount: u32 = 0;

function pushEntry(field: Node, p: usize): void {
  const used = <usize>entryCount << 3;
  if (used + 8 > entriesRoom) {
    const room = chunkSize(used + 8);
    const grown = takeChunk(room);
    memory.copy(grown, entries, used);
    giveChunk(entries, entriesRoom);
    entries = grown;
    entriesRoom = room;
  }
  field.entry = entryCount++;
  store<u32>(entries + used, <u32>changetype<usize>(field));
  store<u32>(entries + used, <u32>p, 4);
}

/**
 * As `readObject`, for an object known to be valid: of a key that comes more than once, only the last value is read.
 */
function readLastValues(node: Node, p: usize, depth: u32): usize {
  const object = ++objectCount;
  const first = entryCount;
  p = skipSpace(p + 1);
  while (byteAt(p) != 125) {
    const start = p + 1;
    p = stringEnd(start);
    const field = findField(node, start, p - 1);
    p = skipSpace(skipSpace(p) + 1);
    if (changetype<usize>(field) != 0 && !field.ignored) {
      if (field.seen == object) store<u32>(entries + (<usize>field.entry << 3), <u32>p, 4);
      else {
        field.seen = object;
        pushEntry(field, p);
      }
    }
    p = skipSpace(skipValue(p, 0));
    if (byteAt(p) == 44) p = skipSpace(p + 1);
  }
  const end = entryCount;
  for (let i = first; i < end; i++) {
    const entry = entries + (<usize>i << 3);
    readValue(changetype<Node>(<usize>load<u32>(entry)), <usize>load<u32>(entry, 4), depth);
  }
  entryCount = first;
  return p + 1;
}

function readList(node: Node, p: usize, depth: u32): usize {
  if (depth > MAX_DEPTH) return fail(Fault.TOO_DEEP, p);
  const list = node.list;
  const owner = list.domain;
  const elements = node.elements;
  const numbered = has(elements.rowColumn);
  const key = owner.base + <i64>owner.row;
  let count: u32 = 0;
  p = skipSpace(p + 1);
  if (byteAt(p) == 93) p++;
  else {
    for (;;) {
      touchDomain(elements);
      if (numbered) {
        putNumbering(elements.rowColumn, elements.base + <i64>elements.row);
        putNumbering(elements.idColumn, key);
        putNumbering(elements.indexColumn, count);
      }
      p = readValue(node.element, p, depth);
      if (!p) return 0;
      elements.row++;
      count++;
      p = skipSpace(p);
      const b = byteAt(p);
      if (b == 93) break;
      if (b != 44) return fail(Fault.NO_COMMA_OR_BRACKET, p);
      p = skipSpace(p + 1);
    }
    p++;
  }
  if (numbered) putInt64(list, key);
  else putInt32(list, count);
  return p;
}

/** Reads the value at `p` into the columns of `node`, at nesting `depth` (0 = a record). */
export function readValue(node: Node, p: usize, depth: u32): usize {
  const b = byteAt(p);
  if (b == 34) return readString(node, p);
  if (b - 48 <= 9 || b == 45) return readNumber(node, p);
  if (b == 123) {
    if (node.isStruct) {
      if (has(node.struct)) markValid(node.struct);
      markChoice(node);
      return readObject(node, p, depth + 1);
    }
    countMisfit(node);
    return skipValue(p, depth);
  }
  if (b == 91) {
    if (has(node.list)) {
      markChoice(node);
      return readList(node, p, depth + 1);
    }
    countMisfit(node);
    return skipValue(p, depth);
  }
  if (b == 116) {
    p = trueEnd(p);
    if (p) putBooleanValue(node, 1);
    return p;
  }
  if (b == 102) {
    p = falseEnd(p);
    if (p) putBooleanValue(node, 0);
    return p;
  }
  if (b == 110) {
    p = nullEnd(p);
    if (p) markNull(node);
    return p;
  }
  return fail(Fault.UNEXPECTED, p);
}
