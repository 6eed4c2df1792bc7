/** Tells records on lines from arrays, pretty-printed and concatenated records, by the first records themselves. */
import type { Layout, Scanner } from "./scanner.js";

const NEWLINE = 10;
const OPEN_BRACE = 123;
const OPEN_BRACKET = 91;
const isSpace = (b: number | undefined): boolean => b === 32 || b === 9 || b === 13 || b === NEWLINE;

/**
 * The layout of the file whose first `length` bytes are in the scanner's block.
 *
 * An array means values. A first record that ends on its line means lines, unless another follows it there. One that
 * ends on a later line means values, and so does one that fills the block over several lines without a fault. One that
 * is malformed, or longer than the block, means lines, unless it already spans lines and its second line is no record
 * of its own.
 */
export function sniffLayout(scanner: Scanner<unknown>, length: number): Layout {
  const block = scanner.block();
  let start = 0;
  while (start < length && isSpace(block[start])) start++;
  if (block[start] === OPEN_BRACKET) return "values";
  if (block[start] !== OPEN_BRACE || start >= length) return "lines";
  const newline = block.subarray(0, length).indexOf(NEWLINE, start);
  const lineEnd = newline < 0 ? length : newline;
  const { ok, end } = scanner.probe(start, length, "values");
  if (ok && end > lineEnd) return "values";
  if (ok) return followedOnLine(block, end, lineEnd) ? "values" : "lines";
  if (end <= lineEnd) return "lines";
  // the block ran out inside it, yet nothing of it is wrong
  if (end >= length && length === block.length) return "values";
  return secondLineIsRecord(scanner, lineEnd + 1, length) ? "lines" : "values";
}

function followedOnLine(block: Uint8Array, from: number, lineEnd: number): boolean {
  let at = from;
  while (at < lineEnd && isSpace(block[at])) at++;
  return at < lineEnd && block[at] === OPEN_BRACE;
}

/**
 * A first line cut short and then a whole record on the second: a bad line, not a record over two lines. Nothing but
 * white space may follow on the second line: a comma there makes it an element of an array that the first line opened.
 */
function secondLineIsRecord(scanner: Scanner<unknown>, from: number, length: number): boolean {
  const block = scanner.block();
  if (block[from] !== OPEN_BRACE) return false;
  const newline = block.subarray(0, length).indexOf(NEWLINE, from);
  const lineEnd = newline < 0 ? length : newline;
  const { ok, end } = scanner.probe(from, length, "lines");
  if (!ok) return false;
  let at = end;
  while (at < lineEnd && isSpace(block[at])) at++;
  return at >= lineEnd;
}
