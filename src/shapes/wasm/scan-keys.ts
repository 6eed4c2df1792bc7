/**
 * The keys of objects for the exact scanner, for WebAssembly (AssemblyScript): which one is expected, and which one a
 * spelling names.
 */
import { alloc, byteAt, fail, Fault, loneSurrogates, resetLoneSurrogates, skipSpace, stringEnd, stringEscaped, unescape } from "./lex";
import { addChild, findChild, Hazard, isField, isNil, isRestOfField, NIL, Node, noteHazard } from "./tree";

/**
 * What `otherField` found: the key, nil where the object ended or after a fault, and the address of its opening quote.
 */
export let fieldKey: Node = changetype<Node>(0);
export let fieldStart: usize = 0;

/**
 * The next field of an object from behind a value, or from its opening brace where `before` is nil; the address after
 * the colon, or after the closing brace.
 */
export function otherField(node: Node, before: Node, p: usize): usize {
  fieldKey = NIL();
  if (!isNil(before)) {
    p = skipSpace(p);
    const b = byteAt(p);
    if (b == 125) return p + 1;
    if (b != 44) return fail(Fault.NO_COMMA_OR_BRACE, p);
  }
  const start = skipSpace(p + 1);
  if (byteAt(start) != 34) return isNil(before) && byteAt(start) == 125 ? start + 1 : fail(Fault.NO_KEY, start);
  fieldStart = start;
  const likely = isNil(before) ? node.lead : before.after;
  let key = likely;
  if (!isField(key, start - 1)) {
    // optional keys: what came here the time before last
    key = isNil(before) ? node.leadElse : before.afterElse;
    if (!isField(key, start - 1)) return anyField(node, before, start);
    expectNext(node, before, key, likely);
  }
  fieldKey = key;
  return start - 1 + <usize>key.fieldLength;
}

/** The same where the first sixteen bytes are those of the key that is likely. */
export function longField(node: Node, before: Node, key: Node, p: usize): usize {
  if (!isRestOfField(key, p)) return otherField(node, before, p);
  fieldKey = key;
  fieldStart = p + 1;
  return p + <usize>key.fieldLength;
}

function anyField(node: Node, before: Node, start: usize): usize {
  let p = stringEnd(start + 1);
  if (!p) return 0;
  const key = lookUp(node, start + 1, p - 1);
  if (keySurrogates) noteHazard(Hazard.LONE_SURROGATE, key, start, keySurrogates);
  p = skipSpace(p);
  if (byteAt(p) != 58) return fail(Fault.NO_COLON, p);
  expectNext(node, before, key, isNil(before) ? node.lead : before.after);
  fieldKey = key;
  return p + 1;
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
export let keySurrogates: u32 = 0;

/** The child whose key is spelled [p, end) in the data, right after `stringEnd` has read it. */
export function lookUp(node: Node, p: usize, end: usize): Node {
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
