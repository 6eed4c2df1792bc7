/**
 * Feeds a stream of bytes to the scanner block by block. Memory: one block, which grows only while a single record does
 * not fit it, up to `maxRecord`; a larger record is counted as malformed and skipped without being kept.
 *
 * Measured: `readSync` straight into the wasm memory in blocks of 256 KB–1 MB is fastest; larger ones fall out of the
 * cache.
 */
import type { Scanner } from "./scanner.js";
import { type ByteSource, fill } from "./unpack/byte-stream.js";

export type FeedOptions = {
  /** Offset of the source's first byte in the (decompressed) file. */
  readonly start: number;
  /** Only lines that start before this offset; for ranges of a file. */
  readonly end?: number;
  /** Bytes of the largest record that is held. */
  readonly maxRecord: number;
  /** Only the records that end in so many blocks: a sample. */
  readonly blocks?: number | undefined;
  readonly signal?: AbortSignal | undefined;
};

export const MAX_RECORD = 512 << 20;
/** Blocks between two turns of the event loop, so that signals and timers are heard. */
const BLOCKS_PER_TURN = 8;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Scans everything; returns the offset behind the last byte read. */
export async function feed(source: ByteSource, scanner: Scanner<unknown>, options: FeedOptions): Promise<number> {
  let offset = options.start;
  let have = 0;
  for (let blocks = 1; ; blocks++) {
    await scanner.ready?.();
    options.signal?.throwIfAborted();
    if (blocks % BLOCKS_PER_TURN === 0) await turn();
    have += await fill(source, scanner.block().subarray(have));
    const last = have < scanner.block().length;
    const stop = options.end === undefined ? undefined : rangeEnd(scanner, offset, have, options.end);
    const consumed = scanner.scan(offset, stop ?? have, last && stop === undefined);
    if (last || stop !== undefined || blocks === options.blocks) return offset + have;
    if (scanner.isLost()) return skipRest(source, scanner, offset + have);
    if (consumed > 0) {
      scanner.block().copyWithin(0, consumed, have);
      have -= consumed;
      offset += consumed;
    } else if (have * 2 <= options.maxRecord) scanner.grow(have * 2);
    else {
      const next = await skipRecord(source, scanner, offset, have);
      if (next.ended || (options.end !== undefined && next.offset >= options.end)) return next.offset + next.kept;
      ({ offset, kept: have } = next);
    }
  }
}

/**
 * The bytes of the block up to the end of the last line that starts before `end`, or undefined when that line goes on.
 */
function rangeEnd(scanner: Scanner<unknown>, offset: number, have: number, end: number): number | undefined {
  if (offset + have < end) return undefined;
  const newline = scanner
    .block()
    .subarray(0, have)
    .indexOf(10, Math.max(0, end - 1 - offset));
  return newline < 0 ? undefined : newline + 1;
}

type Skipped = { readonly offset: number; readonly kept: number; readonly ended: boolean };

/** Drops a line that is too large: the block holds its start; what follows its newline stays. */
async function skipRecord(
  source: ByteSource,
  scanner: Scanner<unknown>,
  offset: number,
  have: number,
): Promise<Skipped> {
  if (!scanner.skipsByLine()) {
    scanner.tooLarge(offset, have);
    const end = await skipRest(source, scanner, offset + have);
    return { offset: end, kept: 0, ended: true };
  }
  scanner.tooLarge(offset, have);
  let at = offset + have;
  for (;;) {
    const n = await fill(source, scanner.block());
    const newline = scanner.block().subarray(0, n).indexOf(10);
    if (newline >= 0) {
      scanner.extendLast(at + newline);
      scanner.block().copyWithin(0, newline + 1, n);
      return { offset: at + newline + 1, kept: n - newline - 1, ended: false };
    }
    at += n;
    if (n < scanner.block().length) {
      scanner.extendLast(at);
      return { offset: at, kept: 0, ended: true };
    }
  }
}

/** Reads to the end without looking; the last malformed record reaches there. */
async function skipRest(source: ByteSource, scanner: Scanner<unknown>, offset: number): Promise<number> {
  for (;;) {
    const n = await fill(source, scanner.block());
    offset += n;
    if (n < scanner.block().length) break;
  }
  scanner.extendLast(offset);
  return offset;
}
