/**
 * Blocks of bzip2 from bits, after the description of its format by Julian Seward's implementation: Huffman codes in
 * groups of fifty symbols, move-to-front with zero runs, the Burrows-Wheeler transform, and runs of four or more equal
 * bytes.
 */
import { corrupt, DamagedStream } from "./byte-stream.js";

/** Thrown when the bits given so far run out in the middle. */
export class OutOfBits extends Error {}

const broken = (what: string): DamagedStream => new DamagedStream(corrupt(`the bzip2 stream is damaged: ${what}`));

/** Bits of bytes, the highest first. */
export class BitReader {
  private hold = 0;
  private held = 0;
  private at = 0;
  constructor(
    private readonly bytes: Uint8Array,
    skip: number,
  ) {
    this.at = skip >> 3;
    if ((skip & 7) !== 0) this.read(skip & 7);
  }

  /** At most 24 bits. */
  read(count: number): number {
    while (this.held < count) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new OutOfBits();
      this.hold = (this.hold << 8) | byte;
      this.held += 8;
    }
    this.held -= count;
    return (this.hold >>> this.held) & ((1 << count) - 1);
  }

  read32(): number {
    return ((this.read(16) << 16) | this.read(16)) >>> 0;
  }
  read48(): number {
    return this.read(24) * 2 ** 24 + this.read(24);
  }

  /** Bits read since the first byte. */
  get position(): number {
    return this.at * 8 - this.held;
  }
  /** Goes on at the next whole byte. */
  align(): void {
    this.held -= this.held & 7;
  }

  symbol({ limits, bases, symbols, longest }: HuffmanCode): number {
    let code = 0;
    for (let length = 1; length <= longest; length++) {
      if (this.held === 0) {
        const byte = this.bytes[this.at++];
        if (byte === undefined) throw new OutOfBits();
        this.hold = (this.hold << 8) | byte;
        this.held = 8;
      }
      this.held--;
      code = (code << 1) | ((this.hold >>> this.held) & 1);
      if (code <= (limits[length] ?? -1)) return symbols[code - (bases[length] ?? 0)] ?? 0;
    }
    throw broken("a code that stands for nothing");
  }
}

/** By length of a code: the last code, and what to take from a code to find its symbol. */
type HuffmanCode = {
  readonly limits: Int32Array;
  readonly bases: Int32Array;
  readonly symbols: Uint16Array;
  readonly longest: number;
};

const LONGEST_CODE = 20;
const GROUP = 50;

function huffmanCode(lengths: Uint8Array): HuffmanCode {
  const limits = new Int32Array(LONGEST_CODE + 1).fill(-1);
  const bases = new Int32Array(LONGEST_CODE + 1);
  const symbols = new Uint16Array(lengths.length);
  let code = 0;
  let placed = 0;
  let longest = 0;
  for (let length = 1; length <= LONGEST_CODE; length++) {
    const first = placed;
    for (let symbol = 0; symbol < lengths.length; symbol++) if (lengths[symbol] === length) symbols[placed++] = symbol;
    const count = placed - first;
    if (code + count > 1 << length) throw broken("codes that are not told apart");
    if (count > 0) {
      limits[length] = code + count - 1;
      bases[length] = code - first;
      longest = length;
    }
    code = (code + count) << 1;
  }
  return { limits, bases, symbols, longest };
}

/** A block before its last steps: in each word the byte, and above it where to go on. */
export type Bzip2Block = {
  readonly chain: Uint32Array;
  readonly length: number;
  readonly origin: number;
  readonly crc: number;
};

/** Reads the block behind its magic number. `chain` has room for its bytes, and is the block's afterwards. */
export function readBlock(bits: BitReader, chain: Uint32Array): Bzip2Block {
  const crc = bits.read32();
  if (bits.read(1) === 1) throw broken("it is randomised, as only versions before 0.9.5 did");
  const origin = bits.read(24);
  const bytes = usedBytes(bits);
  const { codes, selectors } = readCodes(bits, bytes.length + 2);
  const { length, counts } = readSymbols(bits, codes, selectors, bytes, chain);
  if (origin >= length) throw broken("it begins behind its end");
  link(chain, length, counts);
  return { chain, length, origin, crc };
}

function usedBytes(bits: BitReader): Uint8Array {
  const ranges = bits.read(16);
  const used: number[] = [];
  for (let range = 0; range < 16; range++) {
    if ((ranges & (0x8000 >> range)) === 0) continue;
    const members = bits.read(16);
    for (let i = 0; i < 16; i++) if ((members & (0x8000 >> i)) !== 0) used.push(range * 16 + i);
  }
  if (used.length === 0) throw broken("a block of no bytes");
  return Uint8Array.from(used);
}

function readCodes(
  bits: BitReader,
  symbolCount: number,
): { readonly codes: readonly HuffmanCode[]; readonly selectors: Uint8Array } {
  const groups = bits.read(3);
  const selectors = new Uint8Array(bits.read(15));
  if (groups < 2 || groups > 6 || selectors.length === 0) throw broken("a number of codes that cannot be");
  const recent = Uint8Array.from({ length: groups }, (_, i) => i);
  for (let i = 0; i < selectors.length; i++) {
    let place = 0;
    while (bits.read(1) === 1) if (++place >= groups) throw broken("a code that is not there");
    const selected = recent[place] ?? 0;
    recent.copyWithin(1, 0, place);
    recent[0] = selected;
    selectors[i] = selected;
  }
  const codes = Array.from({ length: groups }, () => {
    const lengths = new Uint8Array(symbolCount);
    let length = bits.read(5);
    for (let symbol = 0; symbol < symbolCount; symbol++) {
      for (;;) {
        if (length < 1 || length > LONGEST_CODE) throw broken("a code of impossible length");
        if (bits.read(1) === 0) break;
        length += bits.read(1) === 0 ? 1 : -1;
      }
      lengths[symbol] = length;
    }
    return huffmanCode(lengths);
  });
  return { codes, selectors };
}

function readSymbols(
  bits: BitReader,
  codes: readonly HuffmanCode[],
  selectors: Uint8Array,
  recent: Uint8Array,
  chain: Uint32Array,
): { readonly length: number; readonly counts: Uint32Array } {
  const counts = new Uint32Array(256);
  const end = recent.length + 1;
  let length = 0;
  let run = 0;
  let unit = 1;
  let selector = 0;
  let left = 0;
  let code = codes[0];
  for (;;) {
    if (left-- === 0) {
      code = codes[selectors[selector++] ?? codes.length];
      left = GROUP - 1;
    }
    if (code === undefined) throw broken("more symbols than it says");
    const symbol = bits.symbol(code);
    if (symbol <= 1) {
      run += unit << symbol;
      unit *= 2;
      if (run > chain.length) throw broken("a run past the end of the block");
      continue;
    }
    if (run > 0) {
      const byte = recent[0] ?? 0;
      if (length + run > chain.length) throw broken("more bytes than a block holds");
      chain.fill(byte, length, length + run);
      counts[byte] = (counts[byte] ?? 0) + run;
      length += run;
      run = 0;
      unit = 1;
    }
    if (symbol === end) return { length, counts };
    const byte = recent[symbol - 1] ?? 0;
    recent.copyWithin(1, 0, symbol - 1);
    recent[0] = byte;
    if (length >= chain.length) throw broken("more bytes than a block holds");
    chain[length++] = byte;
    counts[byte] = (counts[byte] ?? 0) + 1;
  }
}

/** Undoes the Burrows-Wheeler transform: after it, following the chain from the origin gives the bytes in order. */
function link(chain: Uint32Array, length: number, counts: Uint32Array): void {
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const count = counts[byte] ?? 0;
    counts[byte] = sum;
    sum += count;
  }
  for (let i = 0; i < length; i++) {
    const byte = (chain[i] ?? 0) & 0xff;
    const place = counts[byte] ?? 0;
    counts[byte] = place + 1;
    chain[place] = ((chain[place] ?? 0) | (i << 8)) >>> 0;
  }
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let i = 0; i < 8; i++) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});

const PIECE = 256 << 10;

/**
 * The bytes of a block in pieces, runs written out. A check sum that is not the block's is a `DamagedStream` after the
 * last.
 */
export function* blockBytes({ chain, length, origin, crc }: Bzip2Block): Generator<Uint8Array, void> {
  let piece = new Uint8Array(PIECE);
  let filled = 0;
  let at = (chain[origin] ?? 0) >>> 8;
  let sum = 0xffffffff;
  let equal = 0;
  let last = -1;
  for (let i = 0; i < length; i++) {
    const word = chain[at] ?? 0;
    const byte = word & 0xff;
    at = word >>> 8;
    // four equal bytes are followed by how many more there are; what comes then is a run of its own
    const isCount = equal === 4;
    if (!isCount) {
      equal = byte === last ? equal + 1 : 1;
      last = byte;
    }
    for (let times = isCount ? byte : 1; times > 0; times--) {
      piece[filled++] = last;
      sum = (sum << 8) ^ (CRC_TABLE[((sum >>> 24) ^ last) & 0xff] ?? 0);
      if (filled === PIECE) {
        yield piece;
        piece = new Uint8Array(PIECE);
        filled = 0;
      }
    }
    if (isCount) {
      equal = 0;
      last = -1;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
  if (~sum >>> 0 !== crc) throw broken("its check sum does not fit");
}
