import { BitReader, blockBytes, OutOfBits, readBlock, type Bzip2Block } from "./bzip2-block.js";
import {
  type ByteSource,
  corrupt,
  cut,
  DamagedStream,
  fromDamageable,
  inputWindow,
  type InputWindow,
} from "./byte-stream.js";

const BLOCK_MAGIC = 0x314159265359;
const END_MAGIC = 0x177245385090;
/** A block never has more bits than its selectors can speak of. */
const MAX_PACKED_BLOCK = 8 << 20;

/** Unpacks bzip2 (any number of streams behind one another), a block at a time: at most some 5 MB are held. */
export const unbzip2 = (source: ByteSource): ByteSource => fromDamageable(streams(inputWindow(source)));

async function* streams(input: InputWindow): AsyncGenerator<Uint8Array, void> {
  for (let first = true; ; first = false) {
    const head = await input.load(4);
    if (head.length === 0) return;
    const level = (head[3] ?? 0) - 48;
    const isStart = head[0] === 0x42 && head[1] === 0x5a && head[2] === 0x68 && level >= 1 && level <= 9;
    if (!isStart && head.length < 4) throw new DamagedStream(cut("the bzip2 stream ends in its first bytes"));
    if (!isStart)
      throw new DamagedStream(
        corrupt(first ? "it does not begin as bzip2 does" : "what follows the bzip2 stream is not another one"),
      );
    input.use(4);
    yield* blocks(input, level * 100_000);
  }
}

type Step = { readonly bits: number; readonly block: Bzip2Block | undefined; readonly sum: number };

async function* blocks(input: InputWindow, size: number): AsyncGenerator<Uint8Array, void> {
  const chain = new Uint32Array(size);
  // bits of the first byte that belong to the block before
  let skip = 0;
  let sum = 0;
  for (;;) {
    const step = await nextStep(input, skip, chain);
    const { block, bits } = step;
    if (block === undefined) {
      if (step.sum !== sum)
        throw new DamagedStream(corrupt("the bzip2 stream is damaged: the check sum of the whole does not fit"));
      input.use(bits >> 3);
      return;
    }
    sum = (((sum << 1) | (sum >>> 31)) ^ block.crc) >>> 0;
    input.use(bits >> 3);
    skip = bits & 7;
    yield* blockBytes(block);
  }
}

/** The next block, or the end of the stream, of as much input as it takes. */
async function nextStep(input: InputWindow, skip: number, chain: Uint32Array): Promise<Step> {
  for (let want = chain.length + (64 << 10); ; want *= 2) {
    const bytes = await input.load(want);
    try {
      return readStep(new BitReader(bytes, skip), chain);
    } catch (error) {
      if (!(error instanceof OutOfBits)) throw error;
      if (bytes.length < want) throw new DamagedStream(cut("the bzip2 stream ends too early"));
      if (want > MAX_PACKED_BLOCK)
        throw new DamagedStream(corrupt("the bzip2 stream is damaged: a block does not end"));
    }
  }
}

function readStep(bits: BitReader, chain: Uint32Array): Step {
  const magic = bits.read48();
  if (magic === BLOCK_MAGIC) return { block: readBlock(bits, chain), bits: bits.position, sum: 0 };
  if (magic !== END_MAGIC)
    throw new DamagedStream(corrupt("the bzip2 stream is damaged: no block begins where one should"));
  const sum = bits.read32();
  bits.align();
  return { block: undefined, bits: bits.position, sum };
}
