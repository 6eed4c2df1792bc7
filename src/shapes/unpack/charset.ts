/** Texts that are not UTF-8, as UTF-8. */
import { type ByteSource, fromChunks } from "./byte-stream.js";

/** Character sets that are read, as Java and IANA name them; case and `_` do not matter. */
const CHARSETS = {
  "UTF-8": "utf-8",
  "UTF8": "utf-8",
  "UTF-16": "utf-16",
  "UTF-16LE": "utf-16le",
  "UTF-16BE": "utf-16be",
  "ISO-8859-1": "latin1",
  "LATIN1": "latin1",
  "LATIN-1": "latin1",
  "US-ASCII": "ascii",
  "ASCII": "ascii",
  "WINDOWS-1252": "windows-1252",
  "CP1252": "windows-1252",
} as const;

export type Charset = (typeof CHARSETS)[keyof typeof CHARSETS];

export const CHARSET_NAMES: readonly string[] = [
  "UTF-8",
  "UTF-16",
  "UTF-16LE",
  "UTF-16BE",
  "ISO-8859-1",
  "US-ASCII",
  "windows-1252",
];

export function charsetOf(name: string): Charset | undefined {
  const key = name.trim().toUpperCase().replaceAll("_", "-");
  return Object.hasOwn(CHARSETS, key) ? CHARSETS[key as keyof typeof CHARSETS] : undefined;
}

const CHUNK = 256 << 10;

/**
 * The stream as UTF-8; what the character set does not have becomes U+FFFD. `from` is a `Charset` or another label of
 * WHATWG's Encoding; `utf-16` without a byte order mark is big-endian, as in Java.
 */
export function transcode(source: ByteSource, from: string): ByteSource {
  const decode = decoderOf(from);
  const encoder = new TextEncoder();
  let ended = false;
  const next = async (): Promise<Uint8Array | undefined> => {
    if (ended) return undefined;
    const chunk = new Uint8Array(CHUNK);
    const n = await source.read(chunk);
    ended = n === 0;
    return encoder.encode(decode(chunk.subarray(0, n), !ended));
  };
  return fromChunks(
    next,
    () => source.close(),
    () => source.damage(),
  );
}

/** A whole text at once; a mark at its beginning is no part of it. @throws for bytes that are no UTF-8 */
export function decodeText(bytes: Uint8Array, charset: Charset): string {
  if (charset === "utf-8") return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  const isLittle = charset === "utf-16" && bytes[0] === 0xff && bytes[1] === 0xfe;
  return decoderOf(isLittle ? "utf-16le" : charset)(bytes, false);
}

/** 0x80 to 0x9f in windows-1252 (encoding.spec.whatwg.org, index-windows-1252); the rest is as in Latin-1. */
const WINDOWS_1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

function decoderOf(from: string): (bytes: Uint8Array, more: boolean) => string {
  // TextDecoder takes "latin1" for windows-1252, and Node 20 decodes windows-1252 as Latin-1 where it streams
  const latin1 = (bytes: Uint8Array): string =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  if (from === "latin1") return latin1;
  if (from === "ascii") return (bytes) => latin1(bytes).replace(/[\u0080-\u00ff]/g, "\ufffd");
  if (from === "windows-1252")
    return (bytes) => latin1(bytes).replace(/[\u0080-\u009f]/g, (c) => WINDOWS_1252.charAt(c.charCodeAt(0) - 0x80));
  const decoder = new TextDecoder(from === "utf-16" ? "utf-16be" : from);
  return (bytes, more) => decoder.decode(bytes, { stream: more });
}
