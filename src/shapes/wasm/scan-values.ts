/**
 * JSON values walked and counted, each at the node of its path, for WebAssembly (AssemblyScript).
 *
 * `object` and `array` are where a scan spends its time, and are written for what the compiler makes of them
 * (decision 0202): conditions are nested, not joined by `&&`, where one of them is rare; each kind of value ends by
 * itself, so that no result is tested twice; what a loop needs is a parameter or a local, not a global.
 */
import {
  alloc, byteAt, fail, falseEnd, Fault, loneSurrogates, MAX_DEPTH, nullEnd, resetLoneSurrogates, shortStringEnd, shortStringStop, skipSpace, skipValue, stringEnd, stringEscaped,
  trueEnd,
} from "./lex";
import { takeText, takeValue } from "./scan-aside";
import { fieldKey, fieldStart, keySurrogates, longField, lookUp, otherField } from "./scan-keys";
import { anyNumber, usualNumber } from "./scan-numbers";
import { countText } from "./text-types";
import {
  count, elementOf, Hazard, isNil, KeyFlag, keyHazards, NIL, Node, noteHazard, noteLength, sameBits, Tag,
} from "./tree";

/** Running number of objects, to know a key that comes twice in one. */
let objects: u64 = 0;
/** Set while a record with duplicate keys is read again: then each object reads only the last value of a key. */
let lastWins = false;
export function setLastWins(on: bool): void {
  lastWins = on;
}
/** False while a walk over a record takes its counts back. */
let taking = true;
export function setTaking(on: bool): void {
  taking = on;
}

/** The address after the value of a record at `p`, counted; 0 after a fault, with some of it counted. */
export function readValue(node: Node, p: usize): usize {
  return value(node, p, 0);
}

// Values
// ---------------------------------------------------------------------------------------------------------------

function value(node: Node, p: usize, depth: u32): usize {
  const b = byteAt(p);
  if (b == 34) {
    if (node.flags & KeyFlag.TYPED) return typedText(node, p);
    return text(node, p);
  }
  if (b - 48 <= 9 || b == 45) return anyNumber(node, p);
  if (b == 123) return lastWins ? objectLastWins(node, p, depth + 1) : object(node, p, depth + 1);
  if (b == 91) return array(node, p, depth + 1);
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

/** Of any length, not typed. */
function text(node: Node, p: usize): usize {
  count(node, Tag.STRING, p);
  const end = stringEnd(p + 1);
  if (loneSurrogates) surrogates(node, p);
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

/** The value at `p` of a key with flags, which came in that object at `start`. */
function flaggedValue(key: Node, p: usize, depth: u32, object: u64, start: usize): usize {
  const flags = key.flags;
  if (flags & (KeyFlag.EMPTY | KeyFlag.CLASH)) keyHazards(key, object, start);
  return flags & KeyFlag.WANTED ? wantedValue(key, p, depth) : value(key, p, depth);
}

/** A value that goes to a sink besides. */
function wantedValue(node: Node, p: usize, depth: u32): usize {
  if (byteAt(p) == 34) {
    // where there are sinks, texts are not typed
    const short = shortStringEnd(p + 1);
    if (short) {
      count(node, Tag.STRING, p);
      if (taking && node.sink) takeText(node.sink, p + 1, short - 1);
      return short;
    }
  }
  const end = value(node, p, depth);
  if (end && taking && node.sink) {
    takeValue(node.sink, p);
    resetLoneSurrogates(0); // counted above
  }
  return end;
}

function array(node: Node, p: usize, depth: u32): usize {
  count(node, Tag.ARRAY, p);
  if (depth > MAX_DEPTH) return fail(Fault.TOO_DEEP, p);
  p = skipSpace(p + 1);
  let length: u32 = 0;
  if (byteAt(p) != 93) {
    const element = elementOf(node);
    const plain = !element.flags && !lastWins;
    for (;;) {
      let b = byteAt(p);
      if (plain) {
        if (b == 34) {
          const stop = shortStringStop(p + 1);
          if (byteAt(stop) == 34) {
            count(element, Tag.STRING, p);
            p = stop + 1;
          } else p = text(element, p);
        } else if (b <= 57) {
          const end = usualNumber(element, p, b);
          p = end ? end : value(element, p, depth);
        } else p = b == 123 ? object(element, p, depth + 1) : value(element, p, depth);
      } else p = value(element, p, depth);
      if (!p) return 0;
      length++;
      b = byteAt(p);
      if (b <= 32) {
        p = skipSpace(p);
        b = byteAt(p);
      }
      if (b != 44) {
        if (b == 93) break;
        return fail(Fault.NO_COMMA_OR_BRACKET, p);
      }
      p = skipSpace(p + 1);
    }
  }
  noteLength(node, length);
  return p + 1;
}

function object(node: Node, p: usize, depth: u32): usize {
  count(node, Tag.STRUCT, p);
  if (depth > MAX_DEPTH) return fail(Fault.TOO_DEEP, p);
  const id = objects + 1;
  objects = id;
  let before = NIL();
  let key = node.lead;
  // before the first key is a brace, for which its field has a comma
  let bits = key.fieldBits & ~1;
  for (;;) {
    // `p` is at that byte, or behind a value
    let start = p + 1;
    if ((sameBits(key, p) & bits) == bits) {
      const length = key.fieldLength;
      if (length <= 16) p += <usize>length;
      else {
        p = longField(node, before, key, p);
        key = fieldKey;
        if (isNil(key)) return p;
        start = fieldStart;
      }
    } else {
      if (byteAt(p) == 125) return p + 1;
      // many write a blank behind the comma
      const blank = <usize>(load<u16>(p) == 0x202c);
      const length = key.fieldLength;
      if (((sameBits(key, p + blank) | <u32>blank) & bits) == bits && length <= 16) {
        p += blank + <usize>length;
        start += blank;
      } else {
        p = otherField(node, before, p);
        key = fieldKey;
        if (isNil(key)) return p;
        start = fieldStart;
      }
    }
    before = key;
    if (key.seen != id) key.seen = id;
    else noteHazard(Hazard.DUPLICATE_KEY, key, start, 1);
    let b = byteAt(p);
    if (b <= 32) {
      p = skipSpace(p);
      b = byteAt(p);
    }
    if (key.flags) {
      p = flaggedValue(key, p, depth, id, start);
      if (!p) return 0;
    } else if (b == 34) {
      const stop = shortStringStop(p + 1);
      if (byteAt(stop) == 34) {
        count(key, Tag.STRING, p);
        p = stop + 1;
      } else {
        p = text(key, p);
        if (!p) return 0;
      }
    } else if (b <= 57) {
      const end = usualNumber(key, p, b);
      if (end) p = end;
      else {
        p = value(key, p, depth);
        if (!p) return 0;
      }
    } else if (b == 123) {
      p = object(key, p, depth + 1);
      if (!p) return 0;
    } else if (b == 91) {
      p = array(key, p, depth + 1);
      if (!p) return 0;
    } else if (b == 116) {
      count(key, Tag.BOOLEAN, p);
      p = trueEnd(p);
      if (!p) return 0;
    } else if (b == 102) {
      count(key, Tag.BOOLEAN, p);
      p = falseEnd(p);
      if (!p) return 0;
    } else {
      p = value(key, p, depth);
      if (!p) return 0;
    }
    key = before.after;
    bits = key.fieldBits;
  }
  return 0; // never reached; the compiler asks for it
}

// Duplicate keys
// -------------------------------------------------------------------------------------------------------

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
function objectLastWins(node: Node, p: usize, depth: u32): usize {
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
    if (key.flags & KeyFlag.WANTED) wantedValue(key, last, depth);
    else value(key, last, depth);
  }
  entriesUsed = base;
  return p + 1;
}
