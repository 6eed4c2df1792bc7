/**
 * Arrow batches that the server packs (spark.sql.execution.arrow.compression.codec) are unpacked by the library, once
 * it has the codecs.
 */
import { decompress } from "fzstd";
import { DynaframeError } from "../../types/error.js";
import { unpackLz4Frame } from "./lz4-frame.js";

type Arrow = typeof import("apache-arrow");

/** Where the library can take its numbers from: at a multiple of 8. */
function unpackZstd(bytes: Uint8Array): Uint8Array {
  try {
    const unpacked = decompress(bytes);
    return unpacked.byteOffset % 8 === 0 ? unpacked : new Uint8Array(unpacked);
  } catch (cause) {
    throw new DynaframeError("ENGINE_FAILED", "A batch of the server is no whole zstd frame.", {
      cause,
      hint: "Set spark.sql.execution.arrow.compression.codec to none.",
    });
  }
}

/**
 * Gives the library what it lacks. Versions without packed batches, before 21, have no place for them and fail when one
 * comes.
 */
export function knowCodecs({
  compressionRegistry: registry,
  CompressionType: types,
}: Partial<Pick<Arrow, "compressionRegistry" | "CompressionType">>): void {
  if (registry === undefined || types === undefined) return;
  if (registry.get(types.ZSTD) === null) registry.set(types.ZSTD, { decode: unpackZstd });
  if (registry.get(types.LZ4_FRAME) === null)
    registry.set(types.LZ4_FRAME, { decode: (bytes) => unpackLz4Frame(bytes) });
}
