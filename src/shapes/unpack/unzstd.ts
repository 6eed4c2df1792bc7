import { Decompress as ZstdDecompress } from "fzstd";
import { type ByteSource, corrupt, cut, type Damage, feedSize, fromChunks } from "./byte-stream.js";
import { xxhash64 } from "./xxhash64.js";
import { ZstdFrames } from "./zstd-frames.js";

const CHUNK = 128 << 10;
/** A block of four bytes may stand for 128 KB. */
const WORST = 32_768;
/** As the command `zstd` without `--long`: the window of a frame is held in memory. */
const MAX_WINDOW = 128 << 20;

/**
 * Unpacks zstd frames in the process. The library heeds no check sums: what guards a frame is compared here, when it is
 * over.
 */
export function unzstd(source: ByteSource): ByteSource {
  const queue: Uint8Array[] = [];
  const walker = new ZstdFrames(MAX_WINDOW);
  let unpacked = 0;
  let blocks = 0;
  let content = xxhash64();
  let damage: Damage | undefined;
  let ended = false;
  /** The blocks of a frame may be there before its check sum is, and those of a short frame long after. */
  const settle = (): void => {
    const [frame] = walker.frames;
    if (frame?.ended !== true || blocks < frame.blocks) return;
    if (frame.sum !== undefined && BigInt(frame.sum) !== BigInt.asUintN(32, content.digest()))
      damage ??= corrupt("the zstd stream is damaged: the check sum of a frame does not fit");
    walker.frames.shift();
    blocks = 0;
    content = xxhash64();
  };
  // called once for each block, and at the very end
  const stream = new ZstdDecompress((chunk, final) => {
    if (final === true) return;
    settle();
    if (damage !== undefined) return;
    blocks++;
    if (walker.frames[0]?.summed === true) content.update(chunk);
    queue.push(chunk);
    unpacked += chunk.length;
  });
  const size = feedSize(WORST, CHUNK);
  const next = async (): Promise<Uint8Array | undefined> => {
    while (queue.length === 0 && !ended) {
      const chunk = new Uint8Array(size.next());
      const n = await source.read(chunk);
      const before = unpacked;
      const tooWide = walker.walk(chunk.subarray(0, n));
      ended = n === 0 || tooWide !== undefined;
      try {
        stream.push(chunk.subarray(0, tooWide ?? n), n === 0);
        size.gave(n, unpacked - before);
        settle();
        // the library takes a frame without its check sum for whole
        if (n === 0 && walker.midway) damage ??= cut("the zstd stream ends too early");
      } catch (error) {
        damage ??=
          n === 0
            ? cut("the zstd stream ends too early")
            : corrupt(`the zstd stream is damaged: ${(error as Error).message}`);
      }
      if (tooWide !== undefined) damage ??= corrupt(`the zstd stream asks for a window above ${MAX_WINDOW >> 20} MB`);
      ended ||= damage !== undefined;
    }
    return queue.shift();
  };
  return fromChunks(
    next,
    () => undefined,
    () => damage,
  );
}
