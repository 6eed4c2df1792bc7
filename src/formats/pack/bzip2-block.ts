/** Blocks of bzip2 into bits: the way back of what `shapes/unpack/bzip2-block.ts` reads. */
import { burrowsWheeler } from "./burrows-wheeler.js";
import type { BitWriter } from "./bit-writer.js";
import { huffmanLengths } from "./huffman-lengths.js";

const BLOCK_MAGIC = 0x314159265359;
const GROUP = 50;
/** As bzip2 1.0.3 and later; readers take 20. */
const LONGEST_CODE = 17;
const ROUNDS = 4;

/** @param block its bytes, with runs shortened; @param crc of the bytes before that. */
export function writeBlock(bits: BitWriter, block: Uint8Array, crc: number): void {
  const { last, origin } = burrowsWheeler(block);
  bits.write48(BLOCK_MAGIC);
  bits.write32(crc);
  bits.write(1, 0);
  bits.write(24, origin);
  const used = usedBytes(last);
  writeUsed(bits, used);
  const { symbols, counts } = moveToFront(last, used);
  const codes = chooseCodes(symbols, counts);
  writeCodes(bits, codes);
  writeSymbols(bits, symbols, codes);
}

function usedBytes(bytes: Uint8Array): Uint8Array {
  const seen = new Uint8Array(256);
  for (const byte of bytes) seen[byte] = 1;
  return Uint8Array.from(seen.keys()).filter((byte) => seen[byte] === 1);
}

function writeUsed(bits: BitWriter, used: Uint8Array): void {
  const ranges = new Uint32Array(16);
  for (const byte of used) ranges[byte >> 4] = (ranges[byte >> 4] ?? 0) | (0x8000 >> (byte & 15));
  bits.write(
    16,
    ranges.reduce((all, members, range) => (members === 0 ? all : all | (0x8000 >> range)), 0),
  );
  for (const members of ranges) if (members !== 0) bits.write(16, members);
}

/**
 * Bytes as their places among the recent ones; runs of the most recent one as numbers of two digits, 0 and 1, least
 * first.
 */
function moveToFront(
  bytes: Uint8Array,
  used: Uint8Array,
): { readonly symbols: Uint16Array; readonly counts: Uint32Array } {
  const recent = used.slice();
  const end = used.length + 1;
  const symbols = new Uint16Array(bytes.length + 1);
  const counts = new Uint32Array(end + 1);
  let length = 0;
  let run = 0;
  const put = (symbol: number): void => {
    symbols[length++] = symbol;
    counts[symbol] = (counts[symbol] ?? 0) + 1;
  };
  const putRun = (): void => {
    for (; run > 0; run = (run - 1) >> 1) put((run - 1) & 1);
  };
  for (const byte of bytes) {
    if (byte === recent[0]) {
      run++;
      continue;
    }
    putRun();
    const place = recent.indexOf(byte);
    recent.copyWithin(1, 0, place);
    recent[0] = byte;
    put(place + 1);
  }
  putRun();
  put(end);
  return { symbols: symbols.subarray(0, length), counts };
}

/** Codes by their lengths, and for each group of symbols which of them it is written in. */
type Codes = { readonly lengths: readonly Uint8Array[]; readonly selectors: Uint8Array };

const codeCount = (symbols: number): number =>
  symbols < 200 ? 2 : symbols < 600 ? 3 : symbols < 1200 ? 4 : symbols < 2400 ? 5 : 6;

/**
 * Each group takes the code that makes it shortest, then each code is made for the groups that took it; a few rounds of
 * that.
 */
function chooseCodes(symbols: Uint16Array, counts: Uint32Array): Codes {
  const count = codeCount(symbols.length);
  const selectors = new Uint8Array(Math.ceil(symbols.length / GROUP));
  let lengths = firstLengths(counts, symbols.length, count);
  for (let round = 0; round < ROUNDS; round++) {
    const frequencies = lengths.map(() => new Uint32Array(counts.length));
    for (let group = 0; group < selectors.length; group++) {
      const members = symbols.subarray(group * GROUP, (group + 1) * GROUP);
      const best = cheapest(members, lengths);
      selectors[group] = best;
      const frequency = frequencies[best];
      if (frequency) for (const symbol of members) frequency[symbol] = (frequency[symbol] ?? 0) + 1;
    }
    lengths = frequencies.map((frequency) => huffmanLengths(frequency, LONGEST_CODE));
  }
  return { lengths, selectors };
}

/** To begin with each code likes a share of the symbols that occur about as often as the others' shares. */
function firstLengths(counts: Uint32Array, total: number, count: number): Uint8Array[] {
  let symbol = 0;
  let left = total;
  return Array.from({ length: count }, (_, i) => {
    const lengths = new Uint8Array(counts.length).fill(15);
    const share = left / (count - i);
    let taken = 0;
    for (; symbol < counts.length && (taken < share || i === count - 1); symbol++) {
      taken += counts[symbol] ?? 0;
      lengths[symbol] = 0;
    }
    left -= taken;
    return lengths;
  });
}

function cheapest(members: Uint16Array, lengths: readonly Uint8Array[]): number {
  let best = 0;
  let least = Infinity;
  for (const [i, code] of lengths.entries()) {
    let cost = 0;
    for (const symbol of members) cost += code[symbol] ?? 0;
    if (cost < least) {
      least = cost;
      best = i;
    }
  }
  return best;
}

function writeCodes(bits: BitWriter, { lengths, selectors }: Codes): void {
  bits.write(3, lengths.length);
  bits.write(15, selectors.length);
  const recent = Uint8Array.from(lengths.keys());
  for (const selector of selectors) {
    const place = recent.indexOf(selector);
    recent.copyWithin(1, 0, place);
    recent[0] = selector;
    for (let i = 0; i < place; i++) bits.write(1, 1);
    bits.write(1, 0);
  }
  for (const code of lengths) {
    let length = code[0] ?? 1;
    bits.write(5, length);
    for (const wanted of code) {
      for (; length < wanted; length++) bits.write(2, 0b10);
      for (; length > wanted; length--) bits.write(2, 0b11);
      bits.write(1, 0);
    }
  }
}

function writeSymbols(bits: BitWriter, symbols: Uint16Array, { lengths, selectors }: Codes): void {
  const codes = lengths.map(codeWords);
  for (const [group, selector] of selectors.entries()) {
    const words = codes[selector];
    const sizes = lengths[selector];
    if (words === undefined || sizes === undefined) continue;
    for (const symbol of symbols.subarray(group * GROUP, (group + 1) * GROUP))
      bits.write(sizes[symbol] ?? 0, words[symbol] ?? 0);
  }
}

/** Codes in order of length, then of symbol. */
function codeWords(lengths: Uint8Array): Uint32Array {
  const words = new Uint32Array(lengths.length);
  let next = 0;
  for (let length = 1; length <= LONGEST_CODE; length++, next <<= 1) {
    for (let symbol = 0; symbol < lengths.length; symbol++) if (lengths[symbol] === length) words[symbol] = next++;
  }
  return words;
}
