/** Packs bytes as snappy does, for WebAssembly (AssemblyScript). Source: google/snappy format_description.txt. */

/** Offsets of copies stay within a fragment. */
const FRAGMENT: usize = 1 << 16;
const HASH_BITS: u32 = 14;
/** Offsets in the fragment by the hash of four bytes. */
const table: usize = memory.data(1 << 15, 16);
/** Bytes behind a text that may be read, and behind the packed ones that may be written. */
export const SNAPPY_SLACK: usize = 16;

/** Room that the elements of so many bytes need at most. */
export function packedRoom(length: usize): usize {
  return 32 + length + length / 6 + SNAPPY_SLACK;
}

/**
 * Writes the elements of [from, end) to `out`; the address after them. The length that precedes a whole text is the
 * caller's, so texts can be packed piece by piece.
 */
export function packSnappy(from: usize, end: usize, out: usize): usize {
  while (from < end) {
    const stop = end - from > FRAGMENT ? from + FRAGMENT : end;
    out = packFragment(from, stop, out);
    from = stop;
  }
  return out;
}

@inline function slotOf(p: usize): usize {
  return table + (<usize>((load<u32>(p) * 0x1e35a7bd) >>> (32 - HASH_BITS)) << 1);
}

function packFragment(base: usize, end: usize, out: usize): usize {
  let literal = base;
  if (end - base > 16) {
    const limit = end - 15;
    memory.fill(table, 0, 1 << 15);
    let p = base + 1;
    for (;;) {
      // the longer nothing repeats, the larger the steps
      let skip: u32 = 32, candidate: usize;
      for (;;) {
        if (p > limit) return putLiteral(literal, end, out);
        const slot = slotOf(p);
        candidate = base + <usize>load<u16>(slot);
        store<u16>(slot, <u16>(p - base));
        if (load<u32>(p) == load<u32>(candidate)) break;
        p += <usize>(skip++ >>> 5);
      }
      if (p > literal) out = putLiteral(literal, p, out);
      const past = matchEnd(candidate + 4, p + 4, end);
      out = putCopy(p - candidate, <u32>(past - p), out);
      literal = past;
      if (past > limit) break;
      store<u16>(slotOf(past - 1), <u16>(past - 1 - base));
      p = past;
    }
  }
  return literal < end ? putLiteral(literal, end, out) : out;
}

/** Where [p, end) and the text at `candidate` part. */
@inline function matchEnd(candidate: usize, p: usize, end: usize): usize {
  while (p + 8 <= end) {
    const difference = load<u64>(p) ^ load<u64>(candidate);
    if (difference) return p + <usize>(ctz(difference) >>> 3);
    p += 8;
    candidate += 8;
  }
  while (p < end && load<u8>(p) == load<u8>(candidate)) {
    p++;
    candidate++;
  }
  return p;
}

function putLiteral(from: usize, end: usize, out: usize): usize {
  const length = end - from, less = length - 1;
  if (less < 60) store<u8>(out++, less << 2);
  else if (less < 256) {
    store<u8>(out, 60 << 2);
    store<u8>(out + 1, less);
    out += 2;
  } else {
    store<u8>(out, 61 << 2);
    store<u16>(out + 1, <u16>less);
    out += 3;
  }
  if (length <= 16) v128.store(out, v128.load(from));
  else memory.copy(out, from, length);
  return out + length;
}

function putCopy(offset: usize, length: u32, out: usize): usize {
  while (length >= 68) {
    out = putFarCopy(offset, 64, out);
    length -= 64;
  }
  if (length > 64) {
    out = putFarCopy(offset, 60, out);
    length -= 60;
  }
  if (length > 11 || offset >= 2048) return putFarCopy(offset, length, out);
  store<u8>(out, 1 | ((length - 4) << 2) | (<u32>(offset >>> 8) << 5));
  store<u8>(out + 1, offset);
  return out + 2;
}

@inline function putFarCopy(offset: usize, length: u32, out: usize): usize {
  store<u8>(out, 2 | ((length - 1) << 2));
  store<u16>(out + 1, <u16>offset);
  return out + 3;
}
