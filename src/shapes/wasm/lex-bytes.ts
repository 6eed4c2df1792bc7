/**
 * Bytes, memory and failure: what every lexer for WebAssembly (AssemblyScript) stands on.
 *
 * Conventions. A lexing function takes the address of a byte and returns the address after what it read, or 0 after
 * `fail(code, at)`. Loads are unchecked: a block must be followed by a sentinel and `SLACK` readable bytes. The
 * sentinel is a newline when lines are records, and NUL when newlines are white space: neither occurs in valid JSON
 * there, so every loop stops at it, and a failure *at* the sentinel means that the bytes ran out.
 */

/** Readable bytes needed behind a block. */
export const SLACK: usize = 64;

let heap: usize = 0;

/** Zeroed memory, aligned to 16, never freed. Growing memory detaches the host's views. */
export function alloc(size: usize): usize {
  if (!heap) heap = (__heap_base + 15) & ~15;
  const start = heap;
  heap = (heap + size + 15) & ~15;
  const pages = <i32>((heap + 65535) >>> 16);
  const have = memory.size();
  if (pages > have && memory.grow(pages - have + 16) < 0) unreachable();
  // not everything above the heap is untouched: the host may use `heapTop` for its buffer
  memory.fill(start, 0, heap - start);
  return start;
}

// Failure
// --------------------------------------------------------------------------------------------------------------

/** What was wrong; the host's table of sentences (`scan-reasons.ts`) is in this order. */
export const enum Fault {
  NONE,
  UNEXPECTED, // a byte that no value starts with
  CONTROL_CHARACTER, // in a string; also its missing end
  BAD_ESCAPE,
  BAD_HEX,
  BAD_UTF8,
  BAD_NUMBER,
  BAD_LITERAL,
  NO_KEY,
  NO_COLON,
  NO_COMMA_OR_BRACE,
  NO_COMMA_OR_BRACKET,
  TOO_DEEP,
  AFTER_RECORD, // something behind the record on its line
  NOT_AN_OBJECT,
  CUT_OFF, // the file ended inside the record
  TOO_LARGE, // a record past the host's limit
  RANGE, // kept for the shredder: a value that does not fit its column
  CSV_TOO_MANY_CELLS,
  CSV_UNTERMINATED_QUOTE,
  CSV_BAD_UTF8,
}

/** Of the last failure. */
export let faultCode: u32 = 0;
export let faultAt: usize = 0;

/** Notes the failure; always 0, so that `return fail(…)` reads well. */
export function fail(code: u32, at: usize): usize {
  faultCode = code;
  faultAt = at;
  return 0;
}

// Bytes
// ----------------------------------------------------------------------------------------------------------------

@inline export function byteAt(p: usize): u32 {
  return load<u8>(p);
}

/** Set once per file by `setNewlineIsSpace`. */
export let newlineIsSpace: bool = false;
export function setNewlineIsSpace(on: bool): void {
  newlineIsSpace = on;
}

/** After blanks, tabs and carriage returns, and newlines when they are white space. */
@inline export function skipSpace(p: usize): usize {
  const b = byteAt(p);
  // one compare for the usual case of no white space at all
  return b > 32 ? p : skipSpaceSlowly(p);
}

function skipSpaceSlowly(p: usize): usize {
  let b = byteAt(p);
  while (b == 32 || b == 9 || b == 13 || (b == 10 && newlineIsSpace)) b = byteAt(++p);
  return p;
}

/** The next newline at or after `p`; the caller guarantees that there is one. */
export function nextNewline(p: usize): usize {
  const newline = i8x16.splat(10);
  let found = i8x16.bitmask(i8x16.eq(v128.load(p), newline));
  while (!found) {
    p += 16;
    found = i8x16.bitmask(i8x16.eq(v128.load(p), newline));
  }
  return p + ctz(found);
}
