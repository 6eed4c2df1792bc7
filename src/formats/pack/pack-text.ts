import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { TextCodec } from "./text-codec.js";

/**
 * The bytes packed. zstd gives a frame for each piece. Empty text is a stream of nothing, or no bytes at all (zstd,
 * snappy).
 */
export async function* packText(codec: TextCodec, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  switch (codec) {
    case "none":
      return yield* pieces;
    case "gzip":
      return yield* Readable.from(pieces).compose(createGzip());
    case "zstd": {
      const { zstdPacker } = await import("./zstd.js");
      const pack = await zstdPacker();
      for await (const piece of pieces) yield pack(piece);
      return;
    }
    case "bzip2": {
      const { Bzip2Packer } = await import("./bzip2-packer.js");
      const packer = new Bzip2Packer();
      for await (const piece of pieces) yield packer.add(piece);
      return yield packer.end();
    }
    case "snappy": {
      const { snappyBlocks } = await import("./snappy-blocks.js");
      return yield* snappyBlocks(pieces);
    }
  }
}
