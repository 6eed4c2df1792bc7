import { Decompress as ZstdDecompress } from "fzstd";
import { type ByteSource, corrupt, cut, type Damage, feedSize, fill, fromChunks } from "./byte-stream.js";

const CHUNK = 128 << 10;
/** A block of four bytes may stand for 128 KB. */
const WORST = 32_768;
/** As the command `zstd` without `--long`: the window of a frame is held in memory. */
const MAX_WINDOW = 128 << 20;

/** Unpacks zstd frames in the process. */
export function unzstd(source: ByteSource): ByteSource {
  const queue: Uint8Array[] = [];
  let unpacked = 0;
  const stream = new ZstdDecompress((chunk) => {
    queue.push(chunk);
    unpacked += chunk.length;
  });
  const size = feedSize(WORST, CHUNK);
  let damage: Damage | undefined;
  let ended = false;
  let began = false;
  const next = async (): Promise<Uint8Array | undefined> => {
    while (queue.length === 0 && !ended) {
      const chunk = new Uint8Array(size.next());
      // the whole header of the first frame, whatever the pieces are that the file gives
      const n = await (began ? source.read(chunk) : fill(source, chunk));
      const before = unpacked;
      if (!began && windowOf(chunk) > MAX_WINDOW) {
        damage = corrupt(`the zstd stream asks for a window above ${MAX_WINDOW >> 20} MB`);
        return undefined;
      }
      began = true;
      ended = n === 0;
      try {
        stream.push(chunk.subarray(0, n), ended);
        size.gave(n, unpacked - before);
      } catch (error) {
        damage = ended ? cut("the zstd stream ends too early") : corrupt(`the zstd stream is damaged: ${(error as Error).message}`);
        ended = true;
      }
    }
    return queue.shift();
  };
  return fromChunks(next, () => undefined, () => damage);
}

/** Bytes of the window that the frame's header asks for (RFC 8878 §3.1.1.1); that of a single segment is its content. */
function windowOf(frame: Uint8Array): number {
  const descriptor = frame[4] ?? 0;
  const single = (descriptor & 0x20) !== 0;
  if (!single) {
    const window = frame[5] ?? 0, base = 2 ** (10 + (window >> 3));
    return base + (base / 8) * (window & 7);
  }
  const dictionary = descriptor & 3;
  const view = new DataView(frame.buffer, frame.byteOffset + 5 + (dictionary === 3 ? 4 : dictionary));
  switch (descriptor >> 6) {
    case 2: return view.getUint32(0, true);
    case 3: return Number(view.getBigUint64(0, true));
    default: return 0;
  }
}
