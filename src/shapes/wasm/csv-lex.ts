/**
 * Lexing of CSV bytes for WebAssembly (AssemblyScript), shared by the scanner and the shredder.
 *
 * A cell ends at a separator or a newline. One that starts with the quote holds everything up to the next single quote;
 * a doubled quote stands for one, and text behind the closing quote belongs to the cell as it is. The escaper takes the
 * next byte as it is, but for n, r, t and 0. A newline inside quotes belongs to the cell only when `multiLine`. CR
 * before LF is part of the line's end.
 *
 * A block must be followed by a newline and `SLACK` readable bytes; that newline is at `limit`.
 */
import { badUtf8, byteAt, fail, Fault, faultAt, faultCode, nextNewline } from "./lex";

let separator: u32 = 44;
/** 256 = none. */
let quote: u32 = 34;
let escaper: u32 = 256;
let multiLine = false;

/** Bytes; 256 for no quote or no escaper. An escaper equal to the quote is what doubling means anyway. */
export function setCsv(separatorByte: u32, quoteByte: u32, escaperByte: u32, newlinesInQuotes: bool): void {
  separator = separatorByte;
  quote = quoteByte;
  escaper = escaperByte == quoteByte ? 256 : escaperByte;
  multiLine = newlinesInQuotes;
}

/** The text of the cell last read, without quotes around it; only right when `cellPlain`. */
export let cellStart: usize = 0;
export let cellEnd: usize = 0;
/** False when the text holds escapes or quotes that `unescapeCell` must replace. */
export let cellPlain: bool = true;
let rawStart: usize = 0;
let rawEnd: usize = 0;

/**
 * The first of three bytes at or after `p` (a byte of 256 is never found). Bytes past ASCII on the way set `sawHigh`.
 */
let sawHigh: u32 = 0;
@inline function find(p: usize, a: u32, b: u32, c: u32): usize {
  const va = i8x16.splat(<i8>a);
  const vb = b < 256 ? i8x16.splat(<i8>b) : va;
  const vc = c < 256 ? i8x16.splat(<i8>c) : va;
  let bytes = v128.load(p);
  let stops = i8x16.bitmask(v128.or(v128.or(i8x16.eq(bytes, va), i8x16.eq(bytes, vb)), i8x16.eq(bytes, vc)));
  while (!stops) {
    sawHigh |= i8x16.bitmask(bytes);
    p += 16;
    bytes = v128.load(p);
    stops = i8x16.bitmask(v128.or(v128.or(i8x16.eq(bytes, va), i8x16.eq(bytes, vb)), i8x16.eq(bytes, vc)));
  }
  sawHigh |= i8x16.bitmask(bytes) & (stops - 1) & ~stops;
  return p + ctz(stops);
}

/**
 * Reads the cell at `p`; the address of the separator or newline that ends it, or 0 after a fault:
 * CSV_UNTERMINATED_QUOTE at `limit` means that the bytes ran out.
 */
export function cellAt(p: usize, limit: usize): usize {
  rawStart = p;
  cellStart = p;
  cellPlain = true;
  sawHigh = 0;
  if (byteAt(p) == quote) {
    p = closingQuote(p + 1, limit);
    if (!p) return 0;
    cellStart = rawStart + 1;
    cellEnd = p++;
    const b = byteAt(p);
    if (b == separator || b == 10) return finishCell(p);
    if (b == 13 && byteAt(p + 1) == 10) return finishCell(p + 1);
    cellPlain = false;
  }
  p = find(p, separator, 10, escaper);
  let taken = rawStart; // what is escaped is of the cell, a carriage return too
  while (byteAt(p) == escaper) {
    cellPlain = false;
    p++;
    if (p >= limit) return ranOut(p);
    taken = p + 1;
    p = byteAt(p) == 10 && !multiLine ? p : find(p + 1, separator, 10, escaper);
    if (byteAt(p) == 10) break;
  }
  if (cellStart == rawStart || !cellPlain) cellEnd = byteAt(p) == 10 && p > taken && byteAt(p - 1) == 13 ? p - 1 : p;
  rawEnd = cellEnd;
  return checked(p);
}

/** An escaper at the very end of the data stands for itself. */
function ranOut(p: usize): usize {
  cellEnd = p;
  rawEnd = p;
  return checked(p);
}
function finishCell(p: usize): usize {
  rawEnd = cellEnd;
  return checked(p);
}
function checked(p: usize): usize {
  if (!sawHigh) return p;
  const bad = badUtf8(rawStart, p);
  return bad ? fail(Fault.CSV_BAD_UTF8, bad) : p;
}

/** From the byte after an opening quote to the closing one. */
function closingQuote(p: usize, limit: usize): usize {
  for (;;) {
    p = find(p, quote, 10, escaper);
    const b = byteAt(p);
    if (b == quote) {
      if (byteAt(p + 1) != quote) return p;
      cellPlain = false;
      p += 2;
    } else if (b == 10) {
      if (!multiLine || p >= limit) return fail(Fault.CSV_UNTERMINATED_QUOTE, p);
      p++;
    } else {
      cellPlain = false;
      p++;
      if (p >= limit) return fail(Fault.CSV_UNTERMINATED_QUOTE, limit);
      if (byteAt(p) != 10 || multiLine) p++;
    }
  }
  return 0; // never reached; the compiler asks for it
}

/**
 * Copies the text of the cell last read to `out`, escapes and quotes replaced; the address after it. Never longer than
 * the raw cell.
 */
export function unescapeCell(out: usize): usize {
  if (cellPlain) {
    memory.copy(out, cellStart, cellEnd - cellStart);
    return out + (cellEnd - cellStart);
  }
  let p = rawStart;
  let quoted = byteAt(p) == quote;
  if (quoted) p++;
  while (p < rawEnd) {
    const b = byteAt(p++);
    if (b == escaper && p < rawEnd) store<u8>(out++, escapedByte(byteAt(p++)));
    else if (quoted && b == quote) {
      if (byteAt(p) == quote) store<u8>(out++, byteAt(p++));
      else quoted = false;
    } else store<u8>(out++, b);
  }
  return out;
}

function escapedByte(b: u32): u32 {
  if (b == 110) return 10;
  if (b == 114) return 13;
  if (b == 116) return 9;
  if (b == 48) return 0;
  return b;
}

/** The byte that parts cells. */
export function separatorByte(): u32 {
  return separator;
}

/**
 * Where the whole rows of a block end: at its last newline, or at the one that is put behind the last block. 0 when it
 * has none.
 */
export function rowsEnd(block: usize, length: usize, last: bool): usize {
  let limit = block + length;
  if (last) {
    store<u8>(limit, 10);
    return limit;
  }
  while (limit > block && byteAt(limit - 1) != 10) limit--;
  return limit == block ? 0 : limit - 1;
}

/** The newline that ends the bad row at `p`: where its cells end, or its line when a quote is not closed. */
export function badRowEnd(p: usize, limit: usize): usize {
  const code = faultCode;
  const at = faultAt;
  if (code == Fault.CSV_TOO_MANY_CELLS) {
    // the cells too many may hold newlines in quotes
    const separator = separatorByte();
    let end = cellAt(at, limit);
    while (end && byteAt(end) == separator) end = cellAt(end + 1, limit);
    if (end) return end;
  }
  return nextNewline(code == Fault.CSV_UNTERMINATED_QUOTE ? p : at);
}
