/** The whole values of a stream of JSON, cut out of it by their brackets; what is inside them is for the parser. */
import { type ByteSource, inputWindow } from "../shapes/unpack/byte-stream.js";

/** `end` reached without closing: `open`. `offset` counts from the first byte of the stream. */
export type JsonChunk = {
  readonly kind: "value" | "open" | "other";
  readonly offset: number;
  readonly bytes: Uint8Array;
};

/** As the scanner's: a larger value is given up, and the rest with it. */
const MAX_VALUE = 512 << 20;
const CHUNK = 1 << 20;

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const NEWLINE = 10;
const isSpace = (byte: number | undefined): boolean =>
  byte === 32 || byte === 9 || byte === 13 || byte === NEWLINE || byte === COMMA;

/**
 * Objects and arrays one behind the other, with white space or commas between them. Other text up to the end of its
 * line is one `other`. A value that does not close before the data ends, or grows too large, is `open`: its first line
 * only, and reading goes on behind that, so that one line cut short does not swallow the file; after a hundred of them
 * the rest is one.
 */
export async function* jsonChunks(source: Pick<ByteSource, "read">): AsyncGenerator<JsonChunk, void> {
  const input = inputWindow(source);
  let offset = 0;
  let opened = 0;
  const use = (count: number): void => {
    input.use(count);
    offset += count;
  };
  for (;;) {
    const bytes = await input.load(CHUNK);
    if (bytes.length === 0) return;
    let start = 0;
    while (start < bytes.length && isSpace(bytes[start])) start++;
    use(start);
    if (start === bytes.length) continue;
    const first = bytes[start];
    const bracket = first === 123 || first === 91;
    const { length, bytes: held } = bracket ? await valueEnd(input) : { length: 0, bytes: await input.load(CHUNK) };
    if (length > 0) {
      yield { kind: "value", offset, bytes: Uint8Array.from(held.subarray(0, length)) };
      use(length);
      continue;
    }
    const newline = held.indexOf(NEWLINE);
    const line = newline < 0 || (bracket && ++opened > 100) ? held.length : newline;
    yield { kind: bracket ? "open" : "other", offset, bytes: Uint8Array.from(held.subarray(0, line)) };
    use(line);
  }
}

/** Bytes of the value that the window begins with; 0 when it does not close. */
async function valueEnd(
  input: ReturnType<typeof inputWindow>,
): Promise<{ readonly length: number; readonly bytes: Uint8Array }> {
  let at = 0;
  let depth = 0;
  let quoted = false;
  for (let want = CHUNK; ; want = Math.min(want * 2, MAX_VALUE)) {
    const bytes = await input.load(want);
    for (; at < bytes.length; at++) {
      const byte = bytes[at];
      if (quoted) {
        if (byte === BACKSLASH) at++;
        else if (byte === QUOTE) quoted = false;
      } else if (byte === QUOTE) quoted = true;
      else if (byte === 123 || byte === 91) depth++;
      else if ((byte === 125 || byte === 93) && --depth === 0) return { length: at + 1, bytes };
    }
    if (bytes.length < want || want >= MAX_VALUE) return { length: 0, bytes };
  }
}
