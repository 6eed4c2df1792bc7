/** Streams of bytes, and the pieces that unpackers are made of. */

/** What a stream proved to be when it ended too early. */
export type Damage = { readonly code: "TRUNCATED" | "CORRUPT" | "UNSUPPORTED_COMPRESSION"; readonly reason: string };

/** A stream of bytes. */
export type ByteSource = {
  /** Fills `into` from its front; 0 only at the end. A number at once where the file is local and plain. */
  read(into: Uint8Array): number | Promise<number>;
  /** Frees what unpacking holds; the raw file stays open. */
  close(): void | Promise<void>;
  /** What the stream proved to be when it ended too early. */
  damage(): Damage | undefined;
};

export const cut = (reason: string): Damage => ({ code: "TRUNCATED", reason });
export const corrupt = (reason: string): Damage => ({ code: "CORRUPT", reason });

/** Thrown inside an unpacker by what it reads; never leaves it. */
export class DamagedStream extends Error {
  constructor(readonly damage: Damage) {
    super(damage.reason);
  }
}

/** Fills `into` as far as the stream goes. */
export async function fill(source: Pick<ByteSource, "read">, into: Uint8Array): Promise<number> {
  let have = 0;
  while (have < into.length) {
    const n = await source.read(into.subarray(have));
    if (n === 0) break;
    have += n;
  }
  return have;
}

/** Hands out chunks of any size piece by piece. `next` gives undefined at the end. */
export function fromChunks(
  next: () => Promise<Uint8Array | undefined>,
  close: ByteSource["close"],
  damage: () => Damage | undefined,
): ByteSource {
  let chunk: Uint8Array | undefined = new Uint8Array(0);
  let used = 0;
  return {
    async read(into) {
      while (chunk !== undefined && used === chunk.length) {
        chunk = await next();
        used = 0;
      }
      if (chunk === undefined) return 0;
      const n = Math.min(into.length, chunk.length - used);
      into.set(chunk.subarray(used, used + n));
      used += n;
      return n;
    },
    close,
    damage,
  };
}

/** Chunks of an unpacker that ends where it throws a `DamagedStream`; other errors pass. */
export function fromDamageable(chunks: AsyncIterator<Uint8Array, void>): ByteSource {
  let damage: Damage | undefined;
  const next = async (): Promise<Uint8Array | undefined> => {
    try {
      const { done, value } = await chunks.next();
      return done === true ? undefined : value;
    } catch (error) {
      if (!(error instanceof DamagedStream)) throw error;
      damage = error.damage;
      return undefined;
    }
  };
  return fromChunks(
    next,
    () => undefined,
    () => damage,
  );
}

/** The bytes of a stream that are not used yet, as many as asked for. */
export type InputWindow = {
  /** At least `bytes` unused bytes, fewer only where the stream ends. Good until the next call. */
  load(bytes: number): Promise<Uint8Array>;
  /** Takes so many of them as used. */
  use(bytes: number): void;
};

export function inputWindow(source: Pick<ByteSource, "read">): InputWindow {
  let buffer = new Uint8Array(64 << 10);
  let start = 0;
  let end = 0;
  return {
    async load(bytes) {
      if (end - start >= bytes) return buffer.subarray(start, end);
      if (buffer.length < bytes) {
        const larger = new Uint8Array(Math.max(bytes, buffer.length * 2));
        larger.set(buffer.subarray(start, end));
        buffer = larger;
      } else buffer.copyWithin(0, start, end);
      end -= start;
      start = 0;
      end += await fill(source, buffer.subarray(end));
      return buffer.subarray(0, end);
    },
    use: (bytes) => void (start += bytes),
  };
}

/**
 * How much packed input to give to an unpacker that hands out all that comes of it at once, so that a stream that blows
 * up a thousandfold stays within some megabytes. `worst`: what one byte may become.
 */
export function feedSize(
  worst: number,
  largest: number,
): { readonly next: () => number; readonly gave: (packed: number, unpacked: number) => void } {
  const least = Math.max(256, Math.floor(BURST / worst));
  let size = least;
  return {
    next: () => size,
    gave: (packed, unpacked) => {
      const fitting = unpacked === 0 ? largest : Math.floor((BURST * packed) / unpacked);
      size = Math.max(least, Math.min(largest, size * 2, fitting));
    },
  };
}
const BURST = 16 << 20;
