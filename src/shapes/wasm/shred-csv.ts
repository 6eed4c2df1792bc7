/** Rows of CSV into columns, for WebAssembly (AssemblyScript). Rows are judged as scan-csv.ts judges them. */
import { CellType, cellType } from "./cell-type";
import { badRowEnd, cellAt, cellEnd, cellPlain, cellStart, rowsEnd, separatorByte, setCsv, unescapeCell } from "./csv-lex";
import { Fault, byteAt, fail, faultAt, faultCode } from "./lex";
import { putInt32, putInt64, putRoom, putString, settleRoom } from "./shred-columns";
import { chunkSize, giveChunk, takeChunk } from "./shred-memory";
import { Node, countMisfit, hasOnlyText, lookUp, markNull } from "./shred-nodes";
import { begin, countMalformed, keep, root, undo } from "./shred-records";
import { has, markChoice, putBooleanValue, putNumber } from "./shred-values";

export { headerLength, headerNames, readHeader } from "./scan-csv";

/** True when an empty cell is null and the text of a cell tells its type; else every cell is its text. */
let inferTypes = false;
let fixedColumns = false;
/** Addresses of the nodes of the columns, 0 for one that the type lacks. */
let columns: usize = 0;
let columnRoom: usize = 0;
let columnCount: u32 = 0;

export function beginCsv(separator: u32, quote: u32, escaper: u32, multiLine: bool, infer: bool, fixed: bool): void {
  setCsv(separator, quote, escaper, multiLine);
  inferTypes = infer;
  fixedColumns = fixed;
  columnCount = 0;
}

/** The next column is the field of that name. Of two columns of one name, the later is read. */
export function addColumn(name: usize, length: u32): void {
  const used = <usize>columnCount << 2;
  if (used + 4 > columnRoom) {
    const room = chunkSize(used + 4);
    const grown = takeChunk(room);
    memory.copy(grown, columns, used);
    giveChunk(columns, columnRoom);
    columns = grown;
    columnRoom = room;
  }
  const node = <u32>changetype<usize>(lookUp(root, name, length));
  for (let i: usize = 0; i < used; i += 4) if (node && load<u32>(columns + i) == node) store<u32>(columns + i, 0);
  if (node) changetype<Node>(<usize>node).isText = hasOnlyText(changetype<Node>(<usize>node));
  store<u32>(columns + used, node);
  columnCount++;
}

let generated: usize = 0;

/** Adds the column `col<index>`. */
function generateColumn(): void {
  if (!generated) generated = takeChunk(32);
  store<u32>(generated, 0x6c6f63); // "col", and a byte to be overwritten
  let digits: usize = 1;
  for (let n = columnCount; n >= 10; n /= 10) digits++;
  let n = columnCount;
  for (let i = digits; i > 0; i--) {
    store<u8>(generated + 2 + i, 48 + (n % 10));
    n /= 10;
  }
  addColumn(generated, 3 + <u32>digits);
}

/** Puts the cell that `cellAt` has just read; `end` is where it stopped. */
function putCell(node: Node, end: usize): void {
  const p = cellStart;
  const typed = inferTypes || !node.isText;
  if (typed && p == cellEnd) return markNull(node);
  const type = typed && cellPlain ? cellType(p, cellEnd) : CellType.STRING;
  if (type == CellType.NUMBER) return putNumber(node, p, cellEnd);
  if (type == CellType.BOOLEAN && has(node.boolean)) return putBooleanValue(node, (byteAt(p) | 32) == 116 ? 1 : 0);
  if (type == CellType.DATE && has(node.date)) {
    putInt32(node.date, daysAt(p));
    return markChoice(node);
  }
  if (type == CellType.DATE && has(node.timestamp)) {
    putInt64(node.timestamp, <i64>daysAt(p) * 86400000000); // midnight UTC, as the cast from text has it
    return markChoice(node);
  }
  if (type == CellType.TIMESTAMP && has(node.timestamp)) {
    putInt64(node.timestamp, microsAt(p, cellEnd));
    return markChoice(node);
  }
  if (!has(node.string)) return countMisfit(node);
  if (cellPlain) putString(node.string, p, cellEnd, false);
  else {
    const out = putRoom(node.string, end - p + 1);
    settleRoom(node.string, out, unescapeCell(out));
  }
  markChoice(node);
}

@inline function digitsAt(p: usize, count: usize): i32 {
  let value: i32 = 0;
  for (let i: usize = 0; i < count; i++) value = value * 10 + <i32>(byteAt(p + i) - 48);
  return value;
}

/**
 * Days from 1970-01-01 to the date yyyy-MM-dd at `p`, in the proleptic Gregorian calendar (after Howard Hinnant's date
 * algorithms).
 */
function daysAt(p: usize): i32 {
  const month = digitsAt(p + 5, 2);
  const year = digitsAt(p, 4) - (month <= 2 ? 1 : 0) + 400; // one era on, so that nothing is negative
  const era = year / 400;
  const yearOfEra = year - era * 400;
  const dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + digitsAt(p + 8, 2) - 1;
  return (era - 1) * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468;
}

/** Microseconds from 1970-01-01T00:00:00Z to the timestamp at `p`, which is in UTC unless it says otherwise. */
function microsAt(p: usize, end: usize): i64 {
  let seconds = <i64>daysAt(p) * 86400 + <i64>(digitsAt(p + 11, 2) * 3600 + digitsAt(p + 14, 2) * 60 + digitsAt(p + 17, 2));
  let fraction: i64 = 0;
  let at = p + 19;
  if (at < end && byteAt(at) == 46) {
    let unit: i64 = 100000;
    for (at++; at < end && byteAt(at) - 48 <= 9; at++) {
      fraction += <i64>(byteAt(at) - 48) * unit;
      unit /= 10;
    }
  }
  if (at < end && byteAt(at) != 90) {
    const offset = <i64>(digitsAt(at + 1, 2) * 3600 + digitsAt(at + 4, 2) * 60);
    seconds += byteAt(at) == 45 ? offset : -offset;
  }
  return seconds * 1000000 + fraction;
}

/** Puts the cells of the row at `p`; the address of its newline, or 0 after a fault. */
function readRow(p: usize, limit: usize): usize {
  const separator = separatorByte();
  for (let i: u32 = 0; ; i++) {
    if (i == columnCount) {
      if (fixedColumns) return fail(Fault.CSV_TOO_MANY_CELLS, p);
      generateColumn();
    }
    p = cellAt(p, limit);
    if (!p) return 0;
    const node = changetype<Node>(<usize>load<u32>(columns + (<usize>i << 2)));
    if (changetype<usize>(node)) putCell(node, p);
    if (byteAt(p) != separator) return p;
    p++;
  }
  return 0; // never reached; the compiler asks for it
}

/**
 * Shreds the rows of a block; as `scanCsv` of the scanner, in whose place the host calls it. A row that goes on behind
 * the block is left for the next.
 */
export function scanCsv(block: usize, length: usize, last: bool): usize {
  const limit = rowsEnd(block, length, last);
  if (!limit) return 0;
  let p = block;
  while (p < limit) {
    if (byteAt(p) == 10 || (byteAt(p) == 13 && byteAt(p + 1) == 10)) {
      p += byteAt(p) == 10 ? 1 : 2;
      continue;
    }
    begin();
    const end = readRow(p, limit);
    if (end) {
      keep();
      p = end + 1;
      continue;
    }
    undo();
    if (!last && faultCode == Fault.CSV_UNTERMINATED_QUOTE && faultAt >= limit) break;
    countMalformed();
    p = badRowEnd(p, limit) + 1;
  }
  return p > block + length ? length : p - block;
}
