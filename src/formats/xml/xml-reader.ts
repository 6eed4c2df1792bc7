/** Reads XML files: rows found by `RowSplitter`, each read by `PlainRows` if it is a plain one, else by `RowParser`. */
import { isUtf8 } from "node:buffer";
import { fill, type ByteSource } from "../../shapes/unpack/byte-stream.js";
import { transcode } from "../../shapes/unpack/charset.js";
import type { RecordEvent, RecordReader } from "../../shapes/records/record-reader.js";
import { decoderLabel } from "../decoder-label.js";
import { utf8Fault } from "../utf8-fault.js";
import { FlatRecord, FlatRows } from "../../shapes/records/flat-rows.js";
import { typedText } from "../text-type.js";
import { PlainRows } from "./plain-rows.js";
import { RowParser, type RowOptions } from "./row-parser.js";
import { RowSplitter } from "./row-splitter.js";

export type XmlOptions = RowOptions & {
  readonly rowTag: string;
  /** A label of WHATWG's Encoding; undefined: a byte order mark, else the XML declaration, else UTF-8. */
  readonly encoding: string | undefined;
};

/**
 * Bytes of the largest row held. A text cannot be longer than 512 MB, and a row takes some times its bytes while it is
 * read.
 */
const MAX_ROW = 256 << 20;
/** The XML declaration is at the very beginning. */
const HEAD_BYTES = 1024;
const MAX_TEXT = 1000;

export function xmlReader(options: XmlOptions, maxRow = MAX_ROW): RecordReader {
  return async function* (input) {
    const head = new Uint8Array(HEAD_BYTES);
    const length = await fill(input.source, head);
    const whole = withHead(head.subarray(0, length), input.source);
    const encoding = encodingOf(head.subarray(0, length), options.encoding, input.encoding.bom !== "none");
    let events: RecordEvent[] =
      encoding.problem === undefined
        ? []
        : [{ kind: "malformed", offset: 0, end: 0, code: "INVALID_XML", reason: encoding.problem, at: 0, text: "" }];
    if (encoding.label !== "utf-8") events.push({ kind: "hazard", hazard: "TRANSCODED", offset: 0 });
    const source = encoding.label === "utf-8" ? whole : transcode(whole, encoding.label);
    const parser = new RowParser(options);
    const flat = new FlatRows((text, at) => typedText(text, at).value);
    const plain = new PlainRows(options.rowTag, options, flat);
    const attempt = (block: Buffer, start: number, limit: number, offset: number): number => {
      flat.bytes = block;
      flat.base = offset - start;
      const end = plain.read(block, start, limit);
      if (end >= 0) events.push(new FlatRecord(flat, plain.entry, offset, end - start));
      return end;
    };
    const splitter = new RowSplitter(options.rowTag, input.start, maxRow, {
      attempt,
      row: (block, start, end, offset) => {
        if (attempt(block, start, end, offset) < 0) readRow(parser, block.subarray(start, end), offset, events);
      },
      selfClosing: (offset) => void events.push({ kind: "hazard", hazard: "SELF_CLOSING_ROW", offset }),
      fault: (fault, bytes) =>
        void events.push({
          kind: "malformed",
          ...fault,
          reason: `${fault.reason}, at byte ${fault.offset}`,
          at: 0,
          text: textOf(bytes),
        }),
    });
    for (;;) {
      const count = await source.read(splitter.room());
      if (count === 0) break;
      splitter.took(count);
      yield events;
      events = [];
      flat.clear();
    }
    splitter.end();
    yield events;
  };
}

function readRow(rows: RowParser, bytes: Uint8Array, offset: number, events: RecordEvent[]): void {
  const malformed = (code: string, reason: string, at: number): void =>
    void events.push({
      kind: "malformed",
      offset,
      end: offset + bytes.length,
      code,
      reason: `${reason}, at byte ${at} of the row`,
      at,
      text: textOf(bytes),
    });
  const invalid = isUtf8(bytes) ? -1 : utf8Fault(bytes);
  if (invalid >= 0) return malformed("INVALID_UTF8", "expected UTF-8", invalid);
  const row = rows.parse(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8"),
    bytes.length,
    offset,
  );
  if (row.kind === "fault") return malformed(row.code, row.reason, row.at);
  for (const hazard of row.hazards) events.push({ kind: "hazard", ...hazard });
  events.push({ kind: "record", value: row.value, offset, length: bytes.length, repeats: true, texts: true });
}

/** The first characters; a pair of surrogates is not cut in two. */
const textOf = (bytes: Uint8Array): string =>
  new TextDecoder()
    .decode(bytes.subarray(0, 4 * MAX_TEXT))
    .slice(0, MAX_TEXT)
    .replace(/[\ud800-\udbff]$/, "");

type XmlEncoding = { readonly label: string; readonly problem?: string };

/** A mark at the file's start decides (such text is UTF-8 already), then the option, then the declaration. */
function encodingOf(head: Uint8Array, option: string | undefined, marked: boolean): XmlEncoding {
  if (marked) return { label: "utf-8" };
  if (option !== undefined) return { label: decoderLabel(option) ?? "utf-8" };
  // UTF-16 without a mark shows by the zero beside the first <
  if (head[0] === 0x3c && head[1] === 0) return { label: "utf-16le" };
  if (head[0] === 0 && head[1] === 0x3c) return { label: "utf-16be" };
  const [, declared] =
    /^\s*<\?xml[^>]*?encoding\s*=\s*["']([^"'<>]*)["']/.exec(Buffer.from(head).toString("latin1")) ?? [];
  if (declared === undefined) return { label: "utf-8" };
  const label = decoderLabel(declared);
  if (label === undefined)
    return { label: "utf-8", problem: `the declared encoding ${declared} is not known; the document is read as UTF-8` };
  // a declaration that could be read byte by byte is not of UTF-16, whatever it says
  return { label: label.startsWith("utf-16") ? "utf-8" : label };
}

/** The stream with the bytes already read before it. */
function withHead(head: Uint8Array, source: ByteSource): ByteSource {
  let used = 0;
  return {
    ...source,
    read(into) {
      if (used === head.length) return source.read(into);
      const count = Math.min(into.length, head.length - used);
      into.set(head.subarray(used, used + count));
      used += count;
      return count;
    },
  };
}
