/** The keys of objects for the exact scanner, for WebAssembly (AssemblyScript): which one is expected, and which one a spelling names. */
import { alloc, byteAt, loneSurrogates, resetLoneSurrogates, stringEscaped, unescape } from "./lex";
import { addChild, findChild, isNil, Node } from "./tree";

/** Behind `before` (nil: first in the object) came `key`, where `likely` was expected. */
export function expectNext(node: Node, before: Node, key: Node, likely: Node): void {
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
