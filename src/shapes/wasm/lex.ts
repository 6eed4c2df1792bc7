/**
 * Lexing of JSON bytes for WebAssembly (AssemblyScript): the one place that decides what is valid and what a number is.
 * The scanner and the shredder both build on it, so that they agree on every byte. Conventions are in lex-bytes.ts.
 */
import { byteAt, fail, Fault, skipSpace } from "./lex-bytes";
import { isDigit, numberEnd } from "./lex-numbers";
import { stringEnd } from "./lex-strings";

export {
  alloc, byteAt, fail, Fault, faultAt, faultCode, newlineIsSpace, nextNewline, setNewlineIsSpace, skipSpace, SLACK,
} from "./lex-bytes";
export { bytesEqual, hashBytes, fieldBits, fieldMatches } from "./lex-keys";
export { isTextNumber, numberDigits, numberEnd, numberExponent, numberInexact, NumberKind, numberKind, numberNegative } from "./lex-numbers";
export { closeOf } from "./lex-close";
export { badUtf8, loneSurrogates, resetLoneSurrogates, shortStringEnd, shortStringStop, stringEnd, stringEscaped, unescape } from "./lex-strings";

/** Arrays and objects may nest this deep. */
export const MAX_DEPTH: u32 = 500;

/** Where a literal that should start at `p` departs from its spelling. */
function badLiteral(p: usize, first: u32, rest: u32): usize {
  if (byteAt(p) == first) {
    p++;
    while (rest && byteAt(p) == (rest & 255)) {
      rest >>= 8;
      p++;
    }
  }
  return fail(Fault.BAD_LITERAL, p);
}

/** After `true`, `false` or `null` at `p` (which holds its first letter). */
@inline export function trueEnd(p: usize): usize {
  return load<u32>(p) == 0x65757274 ? p + 4 : badLiteral(p, 116, 0x657572);
}
@inline export function falseEnd(p: usize): usize {
  return load<u32>(p + 1) == 0x65736c61 ? p + 5 : badLiteral(p, 102, 0x65736c61);
}
@inline export function nullEnd(p: usize): usize {
  return load<u32>(p) == 0x6c6c756e ? p + 4 : badLiteral(p, 110, 0x6c6c75);
}

/** After any valid value at `p`, at nesting `depth` (0 = a record). Same rules as a full read, nothing kept. */
export function skipValue(p: usize, depth: u32): usize {
  const b = byteAt(p);
  if (b == 34) return stringEnd(p + 1);
  if (b == 123) return skipObject(p, depth + 1);
  if (b == 91) return skipArray(p, depth + 1);
  if (isDigit(b) || b == 45) return numberEnd(p);
  if (b == 116) return trueEnd(p);
  if (b == 102) return falseEnd(p);
  if (b == 110) return nullEnd(p);
  return fail(Fault.UNEXPECTED, p);
}

function skipObject(p: usize, depth: u32): usize {
  if (depth > MAX_DEPTH) return fail(Fault.TOO_DEEP, p);
  p = skipSpace(p + 1);
  if (byteAt(p) == 125) return p + 1;
  for (;;) {
    if (byteAt(p) != 34) return fail(Fault.NO_KEY, p);
    p = stringEnd(p + 1);
    if (!p) return 0;
    p = skipSpace(p);
    if (byteAt(p) != 58) return fail(Fault.NO_COLON, p);
    p = skipValue(skipSpace(p + 1), depth);
    if (!p) return 0;
    p = skipSpace(p);
    const b = byteAt(p);
    if (b == 125) return p + 1;
    if (b != 44) return fail(Fault.NO_COMMA_OR_BRACE, p);
    p = skipSpace(p + 1);
  }
  return 0; // never reached; the compiler asks for it
}

function skipArray(p: usize, depth: u32): usize {
  if (depth > MAX_DEPTH) return fail(Fault.TOO_DEEP, p);
  p = skipSpace(p + 1);
  if (byteAt(p) == 93) return p + 1;
  for (;;) {
    p = skipValue(p, depth);
    if (!p) return 0;
    p = skipSpace(p);
    const b = byteAt(p);
    if (b == 93) return p + 1;
    if (b != 44) return fail(Fault.NO_COMMA_OR_BRACKET, p);
    p = skipSpace(p + 1);
  }
  return 0; // never reached; the compiler asks for it
}
