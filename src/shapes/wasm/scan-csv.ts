/**
 * The exact scanner of CSV: rows are records, cells are counted into the tree of paths by the type that their text has.
 */
import { CellType, cellType } from "./cell-type";
import { badRowEnd, cellAt, cellEnd, cellPlain, cellStart, rowsEnd, separatorByte, setCsv, unescapeCell } from "./csv-lex";
import { alloc, byteAt, fail, Fault, faultAt, faultCode, nextNewline, numberKind, NumberKind } from "./lex";
import {
  addChild, beginRecord, beginUndo, commitRecord, count, countOddNumber, endUndo, findChild, Hazard, isNil, Node, noteMalformed, root, Tag,
} from "./tree";
import { countText, textTypes } from "./text-types";

let inferTypes = false;
/**
 * With names from a header or the caller, more cells than names are a fault; generated names grow with the widest row.
 */
let fixedColumns = false;
let columns: usize = 0;
let columnRoom: u32 = 0;
let columnCount: u32 = 0;

export function beginCsv(separator: u32, quote: u32, escaper: u32, multiLine: bool, infer: bool, fixed: bool): void {
  setCsv(separator, quote, escaper, multiLine);
  inferTypes = infer;
  fixedColumns = fixed;
  columnCount = 0;
}

/** The next column gets the name of that many bytes (UTF-8, without quotes or escapes of any kind). */
export function addColumn(name: usize, length: u32): void {
  let node = findChild(root, name, length);
  // the host never reads JSON with this instance, so that nothing is compared with this spelling
  if (isNil(node)) node = addChild(root, name, length, name, length);
  if (columnCount == columnRoom) {
    const old = columns;
    columnRoom = columnRoom ? columnRoom * 2 : 64;
    columns = alloc(<usize>columnRoom << 2);
    memory.copy(columns, old, <usize>columnCount << 2);
  }
  store<u32>(columns + (<usize>(columnCount++) << 2), <u32>changetype<usize>(node));
}

@inline function columnAt(i: u32): Node {
  return changetype<Node>(<usize>load<u32>(columns + (<usize>i << 2)));
}

let nameScratch: usize = 0;
/** Adds the column `col<index>`. */
function generateColumn(): void {
  if (!nameScratch) nameScratch = alloc(32);
  store<u8>(nameScratch, 99);
  store<u8>(nameScratch, 111, 1);
  store<u8>(nameScratch, 108, 2);
  let digits: usize = 1;
  for (let n = columnCount; n >= 10; n /= 10) digits++;
  let n = columnCount;
  for (let i = digits; i > 0; i--) {
    store<u8>(nameScratch + 2 + i, 48 + (n % 10));
    n /= 10;
  }
  addColumn(nameScratch, 3 + <u32>digits);
}

/** `p` is where the cell starts, with its quote. */
function countCell(node: Node, p: usize): void {
  const end = cellEnd;
  if (!inferTypes) return count(node, Tag.STRING, p);
  if (cellStart == end) return count(node, Tag.NULL, p);
  if (textTypes && cellPlain) return countText(node, cellStart, end, p);
  const type = cellPlain ? cellType(cellStart, end) : CellType.STRING;
  if (type == CellType.STRING) count(node, Tag.STRING, p);
  else if (type == CellType.NUMBER) {
    if (numberKind <= <u32>NumberKind.DOUBLE) count(node, Tag.INT + numberKind, p);
    else countOddNumber(node, p, numberKind);
  } else count(node, type == CellType.BOOLEAN ? Tag.BOOLEAN : type == CellType.DATE ? Tag.DATE : Tag.TIMESTAMP, p);
}

/** Counts the cells of the row at `p`; the address of its newline, or 0 after a fault. */
function row(p: usize, limit: usize): usize {
  const separator = separatorByte();
  count(root, Tag.STRUCT, p);
  for (let i: u32 = 0; ; i++) {
    if (i == columnCount) {
      if (fixedColumns) return fail(Fault.CSV_TOO_MANY_CELLS, p);
      generateColumn();
    }
    const start = p;
    p = cellAt(p, limit);
    if (!p) return 0;
    countCell(columnAt(i), start);
    if (byteAt(p) != separator) return p;
    p++;
  }
  return 0; // never reached; the compiler asks for it
}

/** Scans the rows of a block; as `scanLines`. A row that goes on behind the block is left for the next. */
export function scanCsv(block: usize, length: usize, last: bool): usize {
  const limit = rowsEnd(block, length, last);
  if (!limit) return 0;
  let p = block;
  while (p < limit) {
    if (byteAt(p) == 10 || (byteAt(p) == 13 && byteAt(p + 1) == 10)) {
      p = byteAt(p) == 10 ? p + 1 : p + 2;
      continue;
    }
    beginRecord();
    const end = row(p, limit);
    if (end) {
      commitRecord(p);
      p = end + 1;
      continue;
    }
    const code = faultCode;
    const at = faultAt;
    beginUndo();
    row(p, limit);
    endUndo(Hazard.COUNT);
    fail(code, at);
    if (!last && code == Fault.CSV_UNTERMINATED_QUOTE && at >= limit) break;
    p = rejectRow(p, limit);
  }
  return p > block + length ? length : p - block;
}

/** Notes the bad row at `p`: up to where its cells end, or its line when a quote is not closed. */
function rejectRow(p: usize, limit: usize): usize {
  const code = faultCode;
  const at = faultAt;
  const end = badRowEnd(p, limit);
  const trimmed = end > p && byteAt(end - 1) == 13 ? end - 1 : end;
  noteMalformed(p, trimmed, code, at);
  return end + 1;
}

// Header
// ---------------------------------------------------------------------------------------------------------------

let names: usize = 0;
let namesRoom: usize = 0;
let namesLength: usize = 0;

/**
 * Reads the first row that is not empty as names: each as a length (u32) and its bytes at `headerNames`. Returns the
 * bytes consumed; 0 when there is no whole row. A fault makes the header end before the cell at fault; its row ends
 * where a bad row ends.
 */
export function readHeader(block: usize, length: usize, last: bool): usize {
  const limit = block + length;
  store<u8>(limit, 10);
  let p = block;
  while (p < limit && (byteAt(p) == 10 || byteAt(p) == 13)) p++;
  const row = p;
  namesLength = 0;
  if (!last) {
    let q = limit;
    while (q > p && byteAt(q - 1) != 10) q--;
    if (q == p) return 0;
  }
  if (namesRoom < length * 5) {
    namesRoom = length * 5;
    names = alloc(namesRoom);
  }
  const separator = separatorByte();
  for (;;) {
    const end = cellAt(p, limit);
    if (!end) {
      const unclosed = faultCode == Fault.CSV_UNTERMINATED_QUOTE;
      if (!last && unclosed && faultAt >= limit) return 0;
      const after = nextNewline(unclosed ? row : faultAt) + 1 - block;
      return after < length ? after : length;
    }
    const out = names + namesLength;
    const after = unescapeCell(out + 4);
    store<u32>(out, <u32>(after - out - 4));
    namesLength = after - names;
    if (byteAt(end) != separator) return end >= block + length ? length : end + 1 - block;
    p = end + 1;
  }
  return 0; // never reached; the compiler asks for it
}
export function headerNames(): usize { return names; }
export function headerLength(): usize { return namesLength; }
