import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { packText } from "../../formats/pack/pack-text.js";
import { packedSuffix, type TextCodec } from "../../formats/pack/text-codec.js";

const PIECE = 1 << 20;

/** Packs a file into one beside it and removes it; gives the new one's path. */
export async function packFile(file: string, codec: TextCodec, signal: AbortSignal | undefined): Promise<string> {
  const packed = `${file}${packedSuffix(codec)}`;
  await pipeline(
    packText(codec, createReadStream(file, { highWaterMark: PIECE })),
    createWriteStream(packed, { flags: "wx" }),
    { signal },
  );
  await rm(file);
  return packed;
}
