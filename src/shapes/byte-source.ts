/** The bytes of a stored file as the scanner wants them: decompressed by content, in UTF-8, read straight into its memory. */
import fs from "node:fs";
import zlib from "node:zlib";
import { Decompress as ZstdDecompress } from "fzstd";
import type { FileReader, Storage } from "../storage/index.js";
import { DynaframeError } from "../types/error.js";
import { gunzipWhole } from "./gunzip-whole.js";

/** Bytes at any place of a stored file. */
export type RawFile = {
  /** Bytes, where they can be read at once. */
  readonly size?: number;
  readAt(into: Uint8Array, position: number): number | Promise<number>;
  close(): void | Promise<void>;
};

/** A stream of bytes. */
export type ByteSource = {
  /** Fills `into` from its front; 0 only at the end. A number at once where the file is local and plain. */
  read(into: Uint8Array): number | Promise<number>;
  /** Frees what unpacking holds; the raw file stays open. */
  close(): void | Promise<void>;
  /** What the stream proved to be when it ended too early. */
  damage(): { readonly code: "TRUNCATED" | "CORRUPT"; readonly reason: string } | undefined;
};

export type Encoding = { readonly compression: "none" | "gzip" | "zstd"; readonly bom: "none" | "utf-8" | "utf-16le" | "utf-16be" };

const CHUNK = 256 << 10;
/**
 * What zlib unpacks in one job of its thread. The thread stands still until this one hears of the result, so a job must last about as long as
 * the scan of the result before it: with 256 KB the two took turns (0.45 of a bare gunzip's speed), with 2 MB they overlap.
 */
const GUNZIP_CHUNK = 2 << 20;

/** Opens a local file; SOURCE_VANISHED when it is no longer there. */
export function openLocal(local: string, file: string): RawFile {
  try {
    const fd = fs.openSync(local, "r");
    return { size: fs.fstatSync(fd).size, readAt: (into, position) => fs.readSync(fd, into, 0, into.length, position), close: () => fs.closeSync(fd) };
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
    return new DynaframeError("ACCESS_DENIED", `${file} may not be read`, { file, cause, hint: "check the permissions of the file" });
  }
  if (cause instanceof DynaframeError) return cause;
  return new DynaframeError("READ_FAILED", `${file} cannot be opened`, { file, cause, hint: "check that the address names a readable file" });
}

/** The error for a file that was listed and is gone. */
export function vanished(file: string, cause?: unknown): DynaframeError {
  return new DynaframeError("SOURCE_VANISHED", `${file} was listed but is no longer there`, {
    file, cause, hint: "run again; if files are deleted while they are read, allow vanished files or read a copy",
  });
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

/** What a file's first four bytes say. */
function encodingOf(head: Uint8Array): Encoding {
  const [a, b, c, d] = head;
  if (a === 0x1f && b === 0x8b) return { compression: "gzip", bom: "none" };
  if (b === 0xb5 && a === 0x28 && c === 0x2f && d === 0xfd) return { compression: "zstd", bom: "none" };
  if (a === 0xef && b === 0xbb && c === 0xbf) return { compression: "none", bom: "utf-8" };
  if (a === 0xff && b === 0xfe) return { compression: "none", bom: "utf-16le" };
  if (a === 0xfe && b === 0xff) return { compression: "none", bom: "utf-16be" };
  return { compression: "none", bom: "none" };
}

/**
 * "stream": zlib's own thread unpacks while this one works on what came before. "whole": a small file is unpacked at once on this thread,
 * which is better where every core has a thread at work already: a stream costs a third more there, in turns between threads.
 */
export type Unpacking = "stream" | "whole";

export type OpenedSource = { readonly source: ByteSource; readonly encoding: Encoding };

/**
 * A stream of the file's text from its start (a byte order mark left out). `onRead` hears of stored bytes as they are read.
 * Compression and encoding are told by content, never by name.
 */
export async function openSource(raw: RawFile, onRead: (bytes: number) => void, unpack: Unpacking = "stream"): Promise<OpenedSource> {
  const head = new Uint8Array(4);
  const outer = encodingOf(head.subarray(0, await fill(fromRaw(raw, 0, () => undefined), head)));
  const plain = fromRaw(raw, 0, onRead);
  if (outer.compression === "none") return decoded(plain, outer, fromRaw(raw, bomLength(outer), onRead));
  const whole = unpack === "whole" && outer.compression === "gzip" ? gunzipWhole(raw, onRead) : undefined;
  const unpacked = peekable(whole ? fromBytes(whole) : outer.compression === "gzip" ? gunzip(plain) : unzstd(plain));
  const inner = encodingOf(await unpacked.peek(4));
  const bom = inner.compression === "none" ? inner.bom : "none";
  await fill(unpacked, new Uint8Array(bomLength({ compression: "none", bom })));
  return decoded(unpacked, { compression: outer.compression, bom }, unpacked);
}

function decoded(whole: ByteSource, encoding: Encoding, afterMark: ByteSource): OpenedSource {
  const { bom } = encoding;
  return { source: bom === "utf-16le" || bom === "utf-16be" ? transcode(afterMark, bom) : bom === "none" ? whole : afterMark, encoding };
}
const bomLength = ({ bom }: Encoding): number => (bom === "none" ? 0 : bom === "utf-8" ? 3 : 2);

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

type Damage = ReturnType<ByteSource["damage"]>;

/** Hands out chunks of any size piece by piece. `next` gives undefined at the end. */
function fromChunks(next: () => Promise<Uint8Array | undefined>, close: ByteSource["close"], damage: () => Damage): ByteSource {
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

const cut = (reason: string): Damage => ({ code: "TRUNCATED", reason });
const corrupt = (reason: string): Damage => ({ code: "CORRUPT", reason });

/**
 * Unpacks gzip (any number of members) on zlib's own thread while the caller scans. Output is taken in flowing mode and held back at
 * the input, one chunk at a time: a paused zlib stream throws away what it holds when the data ends too early.
 */
function gunzip(source: ByteSource): ByteSource {
  const stream = zlib.createGunzip({ chunkSize: GUNZIP_CHUNK });
  const queue: Uint8Array[] = [];
  let damage: Damage;
  let ended = false;
  let failure: { readonly cause: unknown } | undefined;
  let wake = (): void => undefined;
  const settle = (): void => {
    ended = true;
    wake();
  };
  stream.on("data", (chunk: Uint8Array) => {
    queue.push(chunk);
    wake();
  });
  stream.on("end", settle);
  stream.on("error", (error: NodeJS.ErrnoException) => {
    damage = error.code === "Z_BUF_ERROR" ? cut("the gzip stream ends too early") : corrupt(`the gzip stream is damaged: ${error.message}`);
    settle();
  });
  let feeding = false;
  const feed = async (): Promise<void> => {
    feeding = true;
    try {
      const chunk = new Uint8Array(GUNZIP_CHUNK / 4);
      const n = await source.read(chunk);
      if (n === 0) stream.end();
      else await new Promise<void>((resolve) => stream.write(chunk.subarray(0, n), () => resolve()));
      if (n === 0) return;
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
  return fromChunks(next, () => void stream.destroy(), () => damage);
}

/** Unpacks zstd frames in the process. */
function unzstd(source: ByteSource): ByteSource {
  const queue: Uint8Array[] = [];
  const stream = new ZstdDecompress((chunk) => void queue.push(chunk));
  let damage: Damage;
  let ended = false;
  const next = async (): Promise<Uint8Array | undefined> => {
    while (queue.length === 0 && !ended) {
      const chunk = new Uint8Array(CHUNK / 2);
      const n = await source.read(chunk);
      ended = n === 0;
      try {
        stream.push(chunk.subarray(0, n), ended);
      } catch (error) {
        damage = ended ? cut("the zstd stream ends too early") : corrupt(`the zstd stream is damaged: ${(error as Error).message}`);
        ended = true;
      }
    }
    return queue.shift();
  };
  return fromChunks(next, () => undefined, () => damage);
}

/** Text of another encoding (a label of WHATWG's Encoding) to UTF-8; what is not of that encoding becomes U+FFFD. */
export function transcode(source: ByteSource, from: string): ByteSource {
  const decoder = new TextDecoder(from);
  const encoder = new TextEncoder();
  let ended = false;
  const next = async (): Promise<Uint8Array | undefined> => {
    if (ended) return undefined;
    const chunk = new Uint8Array(CHUNK);
    const n = await source.read(chunk);
    ended = n === 0;
    return encoder.encode(decoder.decode(chunk.subarray(0, n), { stream: !ended }));
  };
  return fromChunks(next, () => source.close(), () => source.damage());
}
