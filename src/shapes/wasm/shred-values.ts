/** Values and the arms that take them, for WebAssembly (AssemblyScript); JSON and CSV alike. */
import { NumberKind, numberDigits, numberExponent, numberInexact, numberKind, numberNegative } from "./lex";
import { Column, markValid, putBoolean, putDouble, putFloat, putInt32, putInt64, putString } from "./shred-columns";
import { putDecimal } from "./shred-decimal";
import { chunkSize, giveChunk, takeChunk } from "./shred-memory";
import { nearestDouble } from "./shred-double";
import { Node, countMisfit } from "./shred-nodes";

@inline export function has(column: Column): bool {
  return changetype<usize>(column) != 0;
}
@inline export function markChoice(node: Node): void {
  if (has(node.choice)) markValid(node.choice);
}

/**
 * Doubles whose digits need more care than a multiplication: column, offset of the value, address and length of the
 * text.
 */
export let fixTable: usize = 0;
export let fixCount: u32 = 0;
let fixRoom: usize = 0;
/** Forgets the fixes past the first `count`. */
export function resetFixes(count: u32): void {
  fixCount = count;
}

function addFix(column: Column, at: usize, p: usize, end: usize): void {
  const used = <usize>fixCount << 4;
  if (used + 16 > fixRoom) {
    const room = chunkSize(used + 16);
    const table = takeChunk(room);
    memory.copy(table, fixTable, used);
    giveChunk(fixTable, fixRoom);
    fixTable = table;
    fixRoom = room;
  }
  const entry = fixTable + used;
  store<u32>(entry, <u32>changetype<usize>(column));
  store<u32>(entry, <u32>(at - column.base), 4);
  store<u32>(entry, <u32>p, 8);
  store<u32>(entry, <u32>(end - p), 12);
  fixCount++;
}

function readDouble(column: Column, p: usize, end: usize): void {
  const value = numberInexact ? NaN : nearestDouble(numberDigits, numberExponent);
  if (value == value) putDouble(column, numberNegative ? -value : value);
  else addFix(column, putDouble(column, 0), p, end);
}

/** Puts the number [p, end), which `numberEnd` has just read, into the narrowest arm that holds it. */
export function putNumber(node: Node, p: usize, end: usize): void {
  if (numberKind == NumberKind.INT && has(node.int)) {
    const value = numberNegative ? -<i64>numberDigits : <i64>numberDigits;
    if (value >= node.int.low && value <= node.int.high) {
      putInt32(node.int, <i32>value);
      markChoice(node);
      return;
    }
  }
  if (widen(node, p, end)) markChoice(node);
  else countMisfit(node);
}

/** Puts a number that has no arm of its own, or whose arm is not INT, into the narrowest arm that holds it. */
function widen(node: Node, p: usize, end: usize): bool {
  const kind = <i32>numberKind;
  if (kind <= NumberKind.LONG && has(node.long)) {
    putInt64(node.long, numberNegative ? -<i64>numberDigits : <i64>numberDigits);
    return true;
  }
  const fractional = kind == NumberKind.DOUBLE || kind == NumberKind.UNDERFLOW;
  if (fractional && has(node.double)) {
    readDouble(node.double, p, end);
    return true;
  }
  if (fractional && has(node.float)) {
    addFix(node.float, putFloat(node.float, 0), p, end);
    return true;
  }
  if (kind <= NumberKind.DOUBLE && has(node.decimal) && putDecimal(node.decimal, p, end)) return true;
  if (kind <= NumberKind.BIGINT) {
    if (has(node.double)) {
      readDouble(node.double, p, end);
      return true;
    }
    if (has(node.float)) {
      addFix(node.float, putFloat(node.float, 0), p, end);
      return true;
    }
  }
  if (!has(node.string)) return false;
  putString(node.string, p, end, false);
  return true;
}

export function putBooleanValue(node: Node, value: u32): void {
  if (has(node.boolean)) {
    putBoolean(node.boolean, value);
    markChoice(node);
  } else countMisfit(node);
}
