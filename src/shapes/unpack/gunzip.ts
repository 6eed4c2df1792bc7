import zlib from "node:zlib";
import { type ByteSource, corrupt, cut, type Damage, feedSize, fromChunks } from "./byte-stream.js";

/**
 * What zlib unpacks in one job of its thread. The thread stands still until this one hears of the result, so a job must
 * last about as long as the scan of the result before it: with 256 KB the two took turns (0.45 of a bare gunzip's
 * speed), with 2 MB they overlap.
 */
const GUNZIP_CHUNK = 2 << 20;
/** Deflate's best: a byte becomes 1032. */
const WORST = 1032;

/**
 * Unpacks gzip (any number of members) on zlib's own thread while the caller scans. Output is taken in flowing mode and
 * held back at the input, one chunk at a time: a paused zlib stream throws away what it holds when the data ends too
 * early.
 */
export function gunzip(source: ByteSource): ByteSource {
  const stream = zlib.createGunzip({ chunkSize: GUNZIP_CHUNK });
  const size = feedSize(WORST, GUNZIP_CHUNK / 4);
  const queue: Uint8Array[] = [];
  let damage: Damage | undefined;
  let ended = false;
  let unpacked = 0;
  let failure: { readonly cause: unknown } | undefined;
  let wake = (): void => undefined;
  const settle = (): void => {
    ended = true;
    wake();
  };
  stream.on("data", (chunk: Uint8Array) => {
    queue.push(chunk);
    unpacked += chunk.length;
    wake();
  });
  stream.on("end", settle);
  stream.on("error", (error: NodeJS.ErrnoException) => {
    damage =
      error.code === "Z_BUF_ERROR"
        ? cut("the gzip stream ends too early")
        : corrupt(`the gzip stream is damaged: ${error.message}`);
    settle();
  });
  let feeding = false;
  const feed = async (): Promise<void> => {
    feeding = true;
    try {
      const chunk = new Uint8Array(size.next());
      const before = unpacked;
      const n = await source.read(chunk);
      if (n === 0) stream.end();
      else await new Promise<void>((resolve) => stream.write(chunk.subarray(0, n), () => resolve()));
      if (n === 0) return;
      size.gave(n, unpacked - before);
    } catch (cause) {
      failure = { cause };
      return settle();
    }
    feeding = false;
    wake();
  };
  const next = async (): Promise<Uint8Array | undefined> => {
    for (;;) {
      if (!feeding && !ended && queue.length < 4) void feed();
      const chunk = queue.shift();
      if (chunk === undefined && failure) throw failure.cause;
      if (chunk !== undefined || ended) return chunk;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return fromChunks(
    next,
    () => void stream.destroy(),
    () => damage,
  );
}
