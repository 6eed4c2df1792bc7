/**
 * The types that texts have, counted on request: strings of JSON by what they spell, and of each number how many digits
 * it has. The digits are children of the number's path: `3.2` three before the point and two behind it, leading zeros
 * left out; `e` an exponent, or more than 38 digits.
 */
import { CellType, cellType } from "./cell-type";
import { alloc, byteAt, numberKind, NumberKind } from "./lex";
import { addChild, count, findChild, isNil, KeyFlag, Node, setFlagsOfAll, Tag } from "./tree";

/** Set for all of an instance's life. */
export let textTypes = false;
export function setTextTypes(on: bool): void {
  textTypes = on;
  setFlagsOfAll(on ? KeyFlag.TYPED : 0);
}

const MAX_DIGITS: u32 = 38;

/** Counts the text [start, end), which has no escapes, at `p`. */
export function countText(node: Node, start: usize, end: usize, p: usize): void {
  const type = cellType(start, end);
  if (type == CellType.NUMBER) {
    if (numberKind > <u32>NumberKind.DOUBLE) return count(node, Tag.STRING, p);
    const tag = Tag.INT + numberKind;
    count(node, tag, p);
    count(digitsOf(node, start, end), tag, p);
    return;
  }
  count(node, type == CellType.STRING ? Tag.STRING : type == CellType.BOOLEAN ? Tag.BOOLEAN : type == CellType.DATE ? Tag.DATE : Tag.TIMESTAMP, p);
}

let scratch: usize = 0;

/** The child for the digits of the number in [start, end). */
function digitsOf(node: Node, start: usize, end: usize): Node {
  let before: u32 = 0, behind: u32 = 0;
  let point = false;
  for (let at = start; at < end; at++) {
    const b = byteAt(at);
    if (b == 46) point = true;
    else if ((b | 32) == 101) before = MAX_DIGITS + 1;
    else if (b - 48 <= 9) {
      if (point) behind++;
      else if (before || b != 48) before++;
    }
    if (before + behind > MAX_DIGITS) return named(node, 0, 0, true);
  }
  return named(node, before, behind, false);
}

function named(node: Node, before: u32, behind: u32, beyond: bool): Node {
  if (!scratch) scratch = alloc(16);
  let length: u32 = 0;
  if (beyond) store<u8>(scratch + length++, 101);
  else {
    length = digits(before, length);
    store<u8>(scratch + length++, 46);
    length = digits(behind, length);
  }
  const found = findChild(node, scratch, length);
  return isNil(found) ? addChild(node, scratch, length, scratch, length) : found;
}

function digits(value: u32, at: u32): u32 {
  if (value > 9) store<u8>(scratch + at++, 48 + <u8>(value / 10));
  store<u8>(scratch + at++, 48 + <u8>(value % 10));
  return at;
}
