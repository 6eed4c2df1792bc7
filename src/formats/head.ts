import { constants, gunzipSync } from "node:zlib";
import { Decompress } from "fzstd";
import type { FileReader, Storage } from "../storage/index.js";

/** Names as Glue's table parameter `compressionType` spells them. */
export type Compression = "none" | "gzip" | "zstd" | "bzip2" | "zip" | "lz4" | "snappy" | "xz";

/** The beginning of a file. */
export type FileHead = {
  readonly compression: Compression;
  /** First bytes after decompression, at most `HEAD_BYTES`; empty when the compression is not one that is read, or is damaged. */
  readonly bytes: Uint8Array;
  /** Bytes read from storage. */
  readonly read: number;
  /** True when `bytes` is the whole decompressed file. */
  readonly whole: boolean;
};

export const HEAD_BYTES = 65_536;
const FIRST_BYTES = 4096;
/** Of a compressed file less is unpacked: this much cannot become more than about 16 MB. */
const COMPRESSED_HEAD_BYTES = 16_384;

const MAGIC: readonly (readonly [Compression, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]], ["zstd", [0x28, 0xb5, 0x2f, 0xfd]], ["bzip2", [0x42, 0x5a, 0x68]], ["zip", [0x50, 0x4b, 0x03, 0x04]],
  ["lz4", [0x04, 0x22, 0x4d, 0x18]], ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]], ["snappy", [0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59]],
];

/** The compression that the first bytes show; formats with compression inside (Parquet) are "none". */
function compressionOf(bytes: Uint8Array): Compression {
  return MAGIC.find(([, magic]) => bytes.length >= magic.length && magic.every((byte, i) => bytes[i] === byte))?.[0] ?? "none";
}

/** Reads and unpacks the head of a file. Throws only what storage throws; damage shows as few bytes. */
export async function readHead(storage: Storage, path: string): Promise<FileHead> {
  const reader = await storage.open(path);
  try {
    const first = await fill(reader, Math.min(FIRST_BYTES, reader.ref.size));
    const stored = isSelfDescribing(first) ? first : await fill(reader, Math.min(HEAD_BYTES, reader.ref.size));
    const { length } = stored;
    const compression = compressionOf(stored);
    const all = length >= reader.ref.size;
    if (compression === "none") return { compression, bytes: stored, read: length, whole: all };
    const part = stored.subarray(0, COMPRESSED_HEAD_BYTES);
    const unpacked = unpack(compression, part);
    return { compression, bytes: unpacked.subarray(0, HEAD_BYTES), read: length, whole: all && part.length === length && unpacked.length <= HEAD_BYTES };
  } finally {
    await reader.close();
  }
}

async function fill(reader: FileReader, size: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(size);
  let length = 0;
  for (let read = -1; length < size && read !== 0; length += read) read = await reader.read(buffer.subarray(length), length);
  return buffer.subarray(0, length);
}

/** Formats whose first bytes say it all: no more of them is worth reading. */
function isSelfDescribing(bytes: Uint8Array): boolean {
  const magic = Buffer.from(bytes.subarray(0, 4)).toString("latin1");
  return magic === "PAR1" || magic === "Obj\u0001" || magic.startsWith("ORC");
}

function unpack(compression: Compression, part: Uint8Array): Uint8Array {
  try {
    if (compression === "gzip") return gunzipSync(part, { finishFlush: constants.Z_SYNC_FLUSH });
    if (compression === "zstd") return unzstdPrefix(part);
  } catch {
    // damaged: the scan reports it with its place
  }
  return new Uint8Array();
}

function unzstdPrefix(part: Uint8Array): Uint8Array {
  const chunks: Uint8Array[] = [];
  const stream = new Decompress((chunk) => { chunks.push(chunk); });
  try {
    stream.push(part, false);
  } catch {
    // what came before the damage still tells the format
  }
  return Buffer.concat(chunks);
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

const decode = (encoding: string, bytes: Uint8Array): string => new TextDecoder(encoding).decode(bytes, { stream: true });
