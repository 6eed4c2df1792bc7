/** Bytes of a block before packing, as Hadoop's codec has them. */
const BLOCK = 256 << 10;

/**
 * Text as Hadoop's and Spark's snappy codec writes it: each block its length, the length of its one chunk, and the
 * chunk.
 */
export async function* snappyBlocks(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const { compress } = await import("snappyjs");
  for await (const piece of pieces) {
    for (let from = 0; from < piece.length; from += BLOCK) {
      const block = piece.subarray(from, from + BLOCK);
      const chunk = compress(Buffer.from(block.buffer, block.byteOffset, block.length));
      const head = Buffer.alloc(8);
      head.writeUInt32BE(block.length);
      head.writeUInt32BE(chunk.length, 4);
      yield head;
      yield chunk;
    }
  }
}
