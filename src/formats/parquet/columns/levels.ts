/**
 * Runs of small numbers, as Parquet has them for levels and for indexes into dictionaries. Source:
 * apache/parquet-format Encodings.md, RLE / bit-packing hybrid.
 */

/**
 * The next `count` numbers of `width` bits, put into `out` from `to` on.
 * @throws RangeError where the bytes end before or a width is none
 */
export function readHybrid(
  bytes: Uint8Array,
  width: number,
  out: Uint8Array | Uint32Array,
  to: number,
  count: number,
): void {
  if (width < 0 || width > 32) throw new RangeError(`numbers of ${width} bits`);
  if (width === 0) {
    out.fill(0, to, to + count);
    return;
  }
  const wide = (width + 7) >> 3;
  const end = to + count;
  let at = 0;
  let next = to;
  while (next < end) {
    let header = 0;
    for (let scale = 1, byte = 128; byte >= 128; scale *= 128) {
      byte = bytes[at++] ?? -1;
      if (byte < 0 || scale > 2 ** 35) throw new RangeError("a run ends too early");
      header += (byte & 127) * scale;
    }
    if (header % 2 === 0) {
      let value = 0;
      for (let k = 0; k < wide; k++) value += (bytes[at + k] ?? 0) * 2 ** (8 * k);
      at += wide;
      if (at > bytes.length) throw new RangeError("a run ends too early");
      const stop = Math.min(end, next + header / 2);
      // a call costs as much as some dozens of numbers
      if (stop - next > 48) out.fill(value, next, stop);
      else for (let i = next; i < stop; i++) out[i] = value;
      next = stop;
      continue;
    }
    const groups = (header - 1) / 2;
    const length = groups * width;
    const stop = Math.min(end, next + 8 * groups);
    // writers may leave out what no number lies in
    if (at + Math.ceil(((stop - next) * width) / 8) > bytes.length) throw new RangeError("a run ends too early");
    unpack(bytes, at, width, out, next, stop);
    at += length;
    next = stop;
  }
}

function unpack(
  bytes: Uint8Array,
  from: number,
  width: number,
  out: Uint8Array | Uint32Array,
  to: number,
  end: number,
): void {
  if (width === 1) {
    for (let i = to, at = from, held = 0; i < end; i++, held >>= 1) {
      if (((i - to) & 7) === 0) held = bytes[at++] ?? 0;
      out[i] = held & 1;
    }
    return;
  }
  if (width > 24) {
    unpackWide(bytes, from, width, out, to, end);
    return;
  }
  const mask = 2 ** width - 1;
  for (let i = to, at = from, held = 0, bits = 0; i < end; i++) {
    while (bits < width) {
      held |= (bytes[at++] ?? 0) << bits;
      bits += 8;
    }
    out[i] = held & mask;
    held >>>= width;
    bits -= width;
  }
}

function unpackWide(
  bytes: Uint8Array,
  from: number,
  width: number,
  out: Uint8Array | Uint32Array,
  to: number,
  end: number,
): void {
  for (let i = to, bit = 0; i < end; i++, bit += width) {
    let value = 0;
    for (let k = 0; k < width; k++) {
      const place = bit + k;
      value += (((bytes[from + (place >> 3)] ?? 0) >> (place & 7)) & 1) * 2 ** k;
    }
    out[i] = value;
  }
}

export const bitWidth = (largest: number): number => 32 - Math.clz32(largest);
