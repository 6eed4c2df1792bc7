import { type Compression, compressionOf, openLocal, openSource, type RawFile } from "../shapes/byte-source.js";
import { fill as fillFrom } from "../shapes/unpack/byte-stream.js";
import type { FileRef, Storage } from "../storage/index.js";

export type { Compression };

/** The beginning of a file. */
export type FileHead = {
  readonly compression: Compression;
  /**
   * First bytes after decompression, at most `HEAD_BYTES`; empty when the compression is not one that is read, or is
   * damaged.
   */
  readonly bytes: Uint8Array;
  /** Bytes read from storage. */
  readonly read: number;
  /** True when `bytes` is the whole decompressed file. */
  readonly whole: boolean;
};

export const HEAD_BYTES = 65_536;
const FIRST_BYTES = 4096;
/** A block of bzip2, which gives nothing before it is whole, has less than 900 KB. */
const BZIP2_HEAD_BYTES = 1 << 20;

/**
 * Reads and unpacks the head of a file. Throws only what storage throws; damage shows as few bytes. Local files are
 * read at once on this thread: four turns through the thread pool cost more than reading a small file. So is a copy of
 * the version `listed`, if there is one.
 */
export async function readHead(storage: Storage, path: string, listed?: FileRef): Promise<FileHead> {
  const local = storage.localPath(path) ?? (listed && storage.copyOf?.(listed));
  const { raw, size } = local === undefined ? await openRemote(storage, path) : openHere(local, path);
  try {
    const first = await readAt(raw, new Uint8Array(Math.min(FIRST_BYTES, Math.max(1, size))), 0);
    const compression = compressionOf(first);
    const wanted = compression === "bzip2" ? BZIP2_HEAD_BYTES : HEAD_BYTES;
    const stored =
      first.length >= size || isSelfDescribing(first)
        ? first
        : await readAt(raw, grown(first, Math.min(wanted, size)), first.length);
    const { length } = stored;
    const all = length >= size;
    if (compression === "none") return { compression, bytes: stored, read: length, whole: all };
    const unpacked = await unpack(stored);
    return {
      compression,
      bytes: unpacked.subarray(0, HEAD_BYTES),
      read: length,
      whole: all && unpacked.length <= HEAD_BYTES,
    };
  } finally {
    await raw.close();
  }
}

type Opened = { readonly raw: Pick<RawFile, "readAt" | "close">; readonly size: number };

function openHere(local: string, path: string): Opened {
  const raw = openLocal(local, path);
  return { raw, size: raw.size ?? 0 };
}

async function openRemote(storage: Storage, path: string): Promise<Opened> {
  const reader = await storage.open(path);
  return {
    raw: { readAt: (into, position) => reader.read(into, position), close: () => reader.close() },
    size: reader.ref.size,
  };
}

/** Fills the buffer from `length` on, the bytes of the file before it being there; what there is of it. */
async function readAt(raw: Opened["raw"], buffer: Uint8Array, length: number): Promise<Uint8Array> {
  for (let read = -1; length < buffer.length && read !== 0; length += read) {
    const part = raw.readAt(buffer.subarray(length), length);
    read = typeof part === "number" ? part : await part;
  }
  return buffer.subarray(0, length);
}

function grown(first: Uint8Array, size: number): Uint8Array {
  const buffer = new Uint8Array(size);
  buffer.set(first);
  return buffer;
}

/** Formats whose first bytes say it all: no more of them is worth reading. */
function isSelfDescribing(bytes: Uint8Array): boolean {
  const magic = Buffer.from(bytes.subarray(0, 4)).toString("latin1");
  return magic === "PAR1" || magic === "Obj\u0001" || magic.startsWith("ORC");
}

/**
 * What the packed bytes begin with, one byte more than a head; damage and the cut at their end only make it shorter.
 */
async function unpack(packed: Uint8Array): Promise<Uint8Array> {
  const raw = {
    readAt: (into: Uint8Array, position: number) => {
      const part = packed.subarray(position, position + into.length);
      into.set(part);
      return part.length;
    },
    close: () => undefined,
  };
  const { source } = await openSource(raw, () => undefined);
  const unpacked = new Uint8Array(HEAD_BYTES + 1);
  try {
    return unpacked.subarray(0, await fillFrom(source, unpacked));
  } finally {
    await source.close();
  }
}

/** Text of a head: UTF-8, or UTF-16 by its byte order mark or by its zero bytes; without a mark and never throwing. */
export function headText(bytes: Uint8Array): string {
  const [a, b] = [bytes[0], bytes[1]];
  if (a === 0xff && b === 0xfe) return decode("utf-16le", bytes);
  if (a === 0xfe && b === 0xff) return decode("utf-16be", bytes);
  if (bytes.length >= 4 && a !== 0 && b === 0 && bytes[3] === 0) return decode("utf-16le", bytes);
  if (bytes.length >= 4 && a === 0 && b !== 0 && bytes[2] === 0) return decode("utf-16be", bytes);
  return decode("utf-8", bytes);
}

const decode = (encoding: string, bytes: Uint8Array): string =>
  new TextDecoder(encoding).decode(bytes, { stream: true });
