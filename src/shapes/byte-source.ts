/**
 * The bytes of a stored file as the scanner wants them: decompressed by content, in UTF-8, read straight into its
 * memory.
 */
import fs from "node:fs";
import type { FileReader, Storage } from "../storage/index.js";
import { DynaframeError } from "../types/error.js";
import { gunzipWhole } from "./gunzip-whole.js";
import { type ByteSource, fill } from "./unpack/byte-stream.js";
import { type Charset, transcode } from "./unpack/charset.js";
import { gunzip } from "./unpack/gunzip.js";
import { looksLikeHadoopSnappy, SNAPPY_MAGIC, unsnappyFrames, unsnappyHadoop } from "./unpack/unsnappy.js";

export type { ByteSource };

/** Bytes at any place of a stored file. */
export type RawFile = {
  /** Bytes, where they can be read at once. */
  readonly size?: number;
  readAt(into: Uint8Array, position: number): number | Promise<number>;
  close(): void | Promise<void>;
};

export type Compression = "none" | "gzip" | "zstd" | "bzip2" | "snappy" | "lz4" | "zip" | Unread;
/** Compressions that are known and not read. */
type Unread = "xz";
export type Encoding = { readonly compression: Compression; readonly bom: "none" | "utf-8" | "utf-16le" | "utf-16be" };

/** Opens a local file; SOURCE_VANISHED when it is no longer there. */
export function openLocal(local: string, file: string): RawFile {
  try {
    const fd = fs.openSync(local, "r");
    return {
      size: fs.fstatSync(fd).size,
      readAt: (into, position) => fs.readSync(fd, into, 0, into.length, position),
      close: () => fs.closeSync(fd),
    };
  } catch (cause) {
    throw openError(cause, file);
  }
}

export async function openStored(storage: Storage, path: string): Promise<RawFile> {
  try {
    const reader: FileReader = await storage.open(path);
    return { readAt: (into, position) => reader.read(into, position), close: () => reader.close() };
  } catch (cause) {
    throw openError(cause, path);
  }
}

function openError(cause: unknown, file: string): DynaframeError {
  const code = (cause as { code?: unknown }).code;
  if (code === "ENOENT" || code === "PATH_NOT_FOUND") return vanished(file, cause);
  if (code === "EACCES" || code === "EPERM" || code === "ACCESS_DENIED") {
    if (cause instanceof DynaframeError) return cause;
    return new DynaframeError("ACCESS_DENIED", `${file} may not be read`, {
      file,
      cause,
      hint: "check the permissions of the file",
    });
  }
  if (cause instanceof DynaframeError) return cause;
  return new DynaframeError("READ_FAILED", `${file} cannot be opened`, {
    file,
    cause,
    hint: "check that the address names a readable file",
  });
}

/** The error for a file that was listed and is gone. */
export function vanished(file: string, cause?: unknown): DynaframeError {
  return new DynaframeError("SOURCE_VANISHED", `${file} was listed but is no longer there`, {
    file,
    cause,
    hint: "run again; if files are deleted while they are read, allow vanished files or read a copy",
  });
}

/** First bytes that tell: at most so many are looked at. */
const HEAD_BYTES = 16;
const MAGIC: readonly (readonly [Compression, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["zip", [0x50, 0x4b, 0x03, 0x04]],
  ["lz4", [0x04, 0x22, 0x4d, 0x18]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["snappy", SNAPPY_MAGIC],
];
/** Behind the level: a block, or the end of an empty stream. A text may well begin with BZh9. */
const BZIP2 = /^BZh[1-9](1AY&SY|\x17rE8P\x90)/;

/** The compression that a file's first bytes show. */
export function compressionOf(head: Uint8Array): Compression {
  const magic = MAGIC.find(([, bytes]) => bytes.every((byte, i) => head[i] === byte));
  if (magic !== undefined) return magic[0];
  if (BZIP2.test(String.fromCharCode(...head.subarray(0, 10)))) return "bzip2";
  return looksLikeHadoopSnappy(head) ? "snappy" : "none";
}

function bomOf([a, b, c]: Uint8Array): Encoding["bom"] {
  if (a === 0xef && b === 0xbb && c === 0xbf) return "utf-8";
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  return "none";
}

/**
 * "stream": zlib's own thread unpacks while this one works on what came before. "whole": a small file is unpacked at
 * once on this thread, which is better where every core has a thread at work already: a stream costs a third more
 * there, in turns between threads.
 */
export type Unpacking = "stream" | "whole";

export type OpenOptions = {
  /** Of files without a byte order mark; default UTF-8. */
  readonly charset?: Charset | undefined;
  /** Default "stream". */
  readonly unpacking?: Unpacking | undefined;
};
export type OpenedSource = { readonly source: ByteSource; readonly encoding: Encoding };

/**
 * A stream of the file's text in UTF-8 from its start (a byte order mark left out). `onRead` hears of stored bytes as
 * they are read. Compression and encoding are told by content, never by name.
 */
export async function openSource(
  raw: RawFile,
  onRead: (bytes: number) => void,
  options: OpenOptions = {},
): Promise<OpenedSource> {
  const { charset = "utf-8", unpacking = "stream" } = options;
  const head = new Uint8Array(HEAD_BYTES);
  const start = head.subarray(
    0,
    await fill(
      fromRaw(raw, 0, () => undefined),
      head,
    ),
  );
  const compression = compressionOf(start);
  if (compression === "none") {
    const bom = bomOf(start);
    return decoded(fromRaw(raw, bomLength(bom), onRead), { compression, bom }, charset);
  }
  const whole = unpacking === "whole" && compression === "gzip" ? gunzipWhole(raw, onRead) : undefined;
  const unpacked = peekable(whole ? fromBytes(whole) : await unpack(compression, start, fromRaw(raw, 0, onRead)));
  const inner = await unpacked.peek(4);
  const bom = compressionOf(inner) === "none" ? bomOf(inner) : "none";
  await fill(unpacked, new Uint8Array(bomLength(bom)));
  return decoded(unpacked, { compression, bom }, charset);
}

async function unpack(
  compression: Exclude<Compression, "none">,
  head: Uint8Array,
  packed: ByteSource,
): Promise<ByteSource> {
  switch (compression) {
    case "gzip":
      return gunzip(packed);
    case "zstd":
      return (await import("./unpack/unzstd.js")).unzstd(packed);
    case "bzip2":
      return (await import("./unpack/unbzip2.js")).unbzip2(packed);
    case "snappy":
      return head[0] === SNAPPY_MAGIC[0] ? unsnappyFrames(packed) : unsnappyHadoop(packed);
    case "lz4":
      return (await import("./unpack/unlz4.js")).unlz4(packed);
    case "zip":
      return (await import("./unpack/unzip.js")).unzip(packed);
    case "xz":
      return unread(compression);
  }
}

const unread = (compression: Unread): ByteSource => ({
  read: () => 0,
  close: () => undefined,
  damage: () => ({
    code: "UNSUPPORTED_COMPRESSION",
    reason: `the file is packed with ${compression}; gzip, zstd, bzip2, snappy, lz4 and zip are read`,
  }),
});

function decoded(afterMark: ByteSource, encoding: Encoding, charset: Charset): OpenedSource {
  const { bom } = encoding;
  const from = bom === "none" ? charset : bom;
  return { source: from === "utf-8" ? afterMark : transcode(afterMark, from), encoding };
}
const bomLength = (bom: Encoding["bom"]): number => (bom === "none" ? 0 : bom === "utf-8" ? 3 : 2);

/** The plain bytes of a file from a position on. Closing it leaves the file open. */
export function fromRaw(raw: RawFile, start: number, onRead: (bytes: number) => void): ByteSource {
  let position = start;
  const took = (n: number): number => {
    position += n;
    onRead(n);
    return n;
  };
  return {
    read(into) {
      const n = raw.readAt(into, position);
      return typeof n === "number" ? took(n) : n.then(took);
    },
    close: () => undefined,
    damage: () => undefined,
  };
}

const fromBytes = (bytes: Uint8Array): ByteSource => {
  let used = 0;
  return {
    read(into) {
      const n = Math.min(into.length, bytes.length - used);
      into.set(bytes.subarray(used, used + n));
      used += n;
      return n;
    },
    close: () => undefined,
    damage: () => undefined,
  };
};

function peekable(source: ByteSource): ByteSource & { peek(bytes: number): Promise<Uint8Array> } {
  let head = new Uint8Array(0);
  return {
    ...source,
    async peek(bytes) {
      const into = new Uint8Array(bytes);
      head = into.subarray(0, await fill(source, into));
      return head;
    },
    read(into) {
      if (head.length === 0) return source.read(into);
      const n = Math.min(into.length, head.length);
      into.set(head.subarray(0, n));
      head = head.subarray(n);
      return n;
    },
  };
}
