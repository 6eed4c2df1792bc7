/** Strings of JSON: their ends, UTF-8, escapes. Conventions as in lex-bytes.ts. */
import { byteAt, fail, Fault } from "./lex-bytes";

/** Lone surrogate escapes met by `stringEnd` since the caller last set it to 0 with `resetLoneSurrogates`. */
export let loneSurrogates: u32 = 0;
export function resetLoneSurrogates(to: u32): void {
  loneSurrogates = to;
}
/** 1 when the last string read by `stringEnd` held a backslash. */
export let stringEscaped: u32 = 0;

@inline function isHex(b: u32): bool {
  return b - 48 <= 9 || (b | 32) - 97 <= 5;
}
@inline function hexValue(b: u32): u32 {
  return b <= 57 ? b - 48 : (b | 32) - 87;
}
/** The code unit of four hex digits known to be valid. */
function hex4(p: usize): u32 {
  return (hexValue(byteAt(p)) << 12) | (hexValue(byteAt(p + 1)) << 8) | (hexValue(byteAt(p + 2)) << 4) | hexValue(byteAt(p + 3));
}
function isHex4(p: usize): bool {
  return isHex(byteAt(p)) && isHex(byteAt(p + 1)) && isHex(byteAt(p + 2)) && isHex(byteAt(p + 3));
}
/** True at `\uDC00`–`\uDFFF`. */
function isLowSurrogate(p: usize): bool {
  return byteAt(p) == 92 && byteAt(p + 1) == 117 && isHex4(p + 2) && (hex4(p + 2) & 0xfc00) == 0xdc00;
}

/** After the escape at `p` (its backslash). A surrogate pair is one escape. */
function escapeEnd(p: usize): usize {
  const kind = byteAt(p + 1);
  if (kind == 117) {
    for (let k: usize = 2; k < 6; k++) if (!isHex(byteAt(p + k))) return fail(Fault.BAD_HEX, p + k);
    const unit = hex4(p + 2);
    if ((unit & 0xf800) != 0xd800) return p + 6;
    if (unit < 0xdc00 && isLowSurrogate(p + 6)) return p + 12;
    loneSurrogates++;
    return p + 6;
  }
  if (kind == 34 || kind == 92 || kind == 47 || kind == 98 || kind == 102 || kind == 110 || kind == 114 || kind == 116) return p + 2;
  return fail(Fault.BAD_ESCAPE, p + 1);
}

/**
 * The first byte of [p, end) that is not well-formed UTF-8 (no surrogates, no overlong forms), or 0 when all is well.
 */
export function badUtf8(p: usize, end: usize): usize {
  while (p < end) {
    if (p + 8 <= end && !(load<u64>(p) & 0x8080808080808080)) {
      p += 8;
      continue;
    }
    const b = byteAt(p);
    if (b < 0x80) {
      p++;
      continue;
    }
    const b1 = byteAt(p + 1);
    if (b < 0xc2 || b > 0xf4 || (b1 & 0xc0) != 0x80) return p;
    if (b < 0xe0) {
      p += 2;
    } else if (b < 0xf0) {
      if ((byteAt(p + 2) & 0xc0) != 0x80 || (b == 0xe0 && b1 < 0xa0) || (b == 0xed && b1 >= 0xa0)) return p;
      p += 3;
    } else {
      if ((byteAt(p + 2) & 0xc0) != 0x80 || (byteAt(p + 3) & 0xc0) != 0x80 || (b == 0xf0 && b1 < 0x90) || (b == 0xf4 && b1 >= 0x90)) return p;
      p += 4;
    }
  }
  // the byte at `end` is ASCII (a quote or a backslash), so a cut-off sequence has failed above
  return 0;
}

/** From the byte after the opening quote to the one after the closing quote. Escapes and UTF-8 are checked. */
export function stringEnd(p: usize): usize {
  const start = p;
  let high: u32 = 0;
  stringEscaped = 0;
  for (;;) {
    const bytes = v128.load(p);
    const stops = i8x16.bitmask(v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(34)), i8x16.eq(bytes, i8x16.splat(92))),
      i8x16.lt_u(bytes, i8x16.splat(32)),
    ));
    if (!stops) {
      high |= i8x16.bitmask(bytes);
      p += 16;
      continue;
    }
    high |= i8x16.bitmask(bytes) & (stops - 1) & ~stops;
    p += ctz(stops);
    const stop = byteAt(p);
    if (stop == 34) {
      if (high) {
        const bad = badUtf8(start, p);
        if (bad) return fail(Fault.BAD_UTF8, bad);
      }
      return p + 1;
    }
    if (stop != 92) return fail(Fault.CONTROL_CHARACTER, p);
    stringEscaped = 1;
    p = escapeEnd(p);
    if (!p) return 0;
  }
  return 0; // never reached; the compiler asks for it
}

/**
 * As `stringEnd` for the usual string: ASCII without escapes that ends within 32 bytes; 0 for any other, which is then
 * for `stringEnd`.
 */
@inline export function shortStringEnd(p: usize): usize {
  const stop = shortStringStop(p);
  return byteAt(stop) == 34 ? stop + 1 : 0;
}

/** Its closing quote; for any other string something else. */
@inline export function shortStringStop(p: usize): usize {
  let stops = shortStops(p);
  if (!stops) {
    p += 16;
    stops = shortStops(p) | 0x10000;
  }
  return p + ctz(stops);
}

/** A bit for each of sixteen bytes that a short string does not hold. */
@inline function shortStops(p: usize): u32 {
  const bytes = v128.load(p);
  // signed: bytes past ASCII are below 32 too
  return i8x16.bitmask(v128.or(v128.or(i8x16.eq(bytes, i8x16.splat(34)), i8x16.eq(bytes, i8x16.splat(92))), i8x16.lt_s(bytes, i8x16.splat(32))));
}

/** Writes a code point as UTF-8; returns the address after it. */
function putCodePoint(out: usize, c: u32): usize {
  if (c < 0x80) {
    store<u8>(out, c);
    return out + 1;
  }
  if (c < 0x800) {
    store<u8>(out, 0xc0 | (c >> 6));
    store<u8>(out, 0x80 | (c & 63), 1);
    return out + 2;
  }
  if (c < 0x10000) {
    store<u8>(out, 0xe0 | (c >> 12));
    store<u8>(out, 0x80 | ((c >> 6) & 63), 1);
    store<u8>(out, 0x80 | (c & 63), 2);
    return out + 3;
  }
  store<u8>(out, 0xf0 | (c >> 18));
  store<u8>(out, 0x80 | ((c >> 12) & 63), 1);
  store<u8>(out, 0x80 | ((c >> 6) & 63), 2);
  store<u8>(out, 0x80 | (c & 63), 3);
  return out + 4;
}

function shortEscape(kind: u32): u32 {
  if (kind == 98) return 8;
  if (kind == 102) return 12;
  if (kind == 110) return 10;
  if (kind == 114) return 13;
  if (kind == 116) return 9;
  return kind;
}

/**
 * Copies the text [p, end) of a string that `stringEnd` accepted (without its quotes) to `out` with the escapes
 * replaced; a lone surrogate becomes U+FFFD. Returns the address after the copy, which is never longer than the text.
 */
export function unescape(p: usize, end: usize, out: usize): usize {
  while (p < end) {
    const b = byteAt(p);
    if (b != 92) {
      store<u8>(out++, b);
      p++;
      continue;
    }
    const kind = byteAt(p + 1);
    if (kind != 117) {
      store<u8>(out++, shortEscape(kind));
      p += 2;
      continue;
    }
    let c = hex4(p + 2);
    p += 6;
    if ((c & 0xf800) == 0xd800) {
      if (c < 0xdc00 && isLowSurrogate(p)) {
        c = 0x10000 + ((c & 0x3ff) << 10) + (hex4(p + 2) & 0x3ff);
        p += 6;
      } else c = 0xfffd;
    }
    out = putCodePoint(out, c);
  }
  return out;
}
