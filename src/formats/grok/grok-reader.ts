/** Reads log files: each line that the expression matches is a record (docs/decisions/0032). */
import { isUtf8 } from "node:buffer";
import type { RecordEvent, RecordReader, SourceScalar, SourceValue } from "../../shapes/records/record-reader.js";
import { LineSplitter } from "../line-splitter.js";
import { utf8Fault } from "../utf8-fault.js";
import { grokExpression, type GrokCapture, type GrokExpression, type GrokType } from "./grok-expression.js";

export type GrokOptions = {
  readonly logFormat: string;
  readonly customPatterns: string;
  /** The text that stands for no value. */
  readonly missing: string;
  /** A value that is not of its type makes the line malformed; else it stays a string. */
  readonly strict: boolean;
};

/** Matching takes time line × program: this product bounds what one line may cost, some seconds. */
const LINE_WORK = 5e9;
const MAX_LINE = 64 << 20;
const MAX_TEXT = 1000;

export function grokReader(options: GrokOptions): RecordReader {
  const expression = grokExpression(options.logFormat, options.customPatterns);
  const maxLine = Math.min(MAX_LINE, Math.floor(LINE_WORK / expression.steps));
  return async function* ({ source, start }) {
    let events: RecordEvent[] = [];
    const malformed = (code: string, reason: string, offset: number, end: number, head: Uint8Array, at = 0): void =>
      void events.push({ kind: "malformed", offset, end, code, reason, at, text: textOf(head) });
    const lines = new LineSplitter(start, maxLine, {
      line: (bytes, offset) => {
        if (bytes.length === 0) return;
        const end = offset + bytes.length;
        const invalid = isUtf8(bytes) ? -1 : utf8Fault(bytes);
        if (invalid >= 0) return malformed("INVALID_UTF8", `expected UTF-8, found byte 0x${(bytes[invalid] ?? 0).toString(16)} at byte ${invalid} of the line`, offset, end, bytes, invalid);
        const record = readLine(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8"), bytes.length, offset, expression, options);
        if (record.kind === "record") events.push(record);
        else malformed(record.code, record.reason, offset, end, bytes, record.at);
      },
      tooLong: (offset, end, head) => malformed("RECORD_TOO_LARGE", `expected a line of at most ${maxLine} bytes, found ${end - offset}`, offset, end, head),
    });
    for (;;) {
      const count = await source.read(lines.room());
      if (count === 0) break;
      lines.took(count);
      yield events;
      events = [];
    }
    lines.end();
    yield events;
  };
}

type LineFault = { readonly kind: "fault"; readonly code: "GROK_NO_MATCH" | "OUT_OF_RANGE"; readonly reason: string; readonly at: number };

function readLine(line: string, length: number, offset: number, { match, captures }: GrokExpression, options: GrokOptions): Extract<RecordEvent, { kind: "record" }> | LineFault {
  const matcher = match(line);
  if (!matcher) return { kind: "fault", code: "GROK_NO_MATCH", reason: "expected a line that the log format matches", at: 0 };
  const byteAt = (character: number): number => (length === line.length ? character : Buffer.byteLength(line.slice(0, character)));
  const fields = new Map<string, SourceValue>();
  for (const capture of captures) {
    const text = matcher.group(capture.group);
    if (text === null) {
      if (!fields.has(capture.field)) fields.set(capture.field, { tag: "null", value: null, at: offset });
      continue;
    }
    const at = offset + byteAt(matcher.start(capture.group));
    const value = valueOf(text, capture, at, options);
    if (value === undefined) return { kind: "fault", code: "OUT_OF_RANGE", reason: `expected ${capture.type} for ${capture.field}, found ${JSON.stringify(text.slice(0, 60))}`, at: at - offset };
    addCapture(fields, capture.field, value);
  }
  return { kind: "record", value: { tag: "struct", fields, at: offset }, offset, length, repeats: true, texts: true };
}

/** A field may be named in several places: one that did not take part gives way, several that did make a list. */
function addCapture(fields: Map<string, SourceValue>, name: string, value: SourceScalar): void {
  const held = fields.get(name);
  if (held === undefined || held.tag === "null") fields.set(name, value);
  else if (held.tag === "array") fields.set(name, { ...held, elements: [...held.elements, value] });
  else if (value.tag !== "null") fields.set(name, { tag: "array", elements: [held, value], ...(held.at === undefined ? {} : { at: held.at }) });
}

/** undefined: not of its type, where this matters. */
function valueOf(text: string, { type }: GrokCapture, at: number, { missing, strict }: GrokOptions): SourceScalar | undefined {
  if (text === missing) return { tag: "null", value: null, at };
  const value = typed(text, type);
  if (value !== undefined) return { tag: type, value, text, at };
  return strict ? undefined : { tag: "string", value: text, at };
}

const RANGES = { byte: 2n ** 7n, short: 2n ** 15n, int: 2n ** 31n, long: 2n ** 63n } as const;

/** The text's value in that type; undefined when it has none there. Nothing is rounded but the digits of double and float. */
function typed(text: string, type: GrokType): string | number | bigint | boolean | undefined {
  switch (type) {
    case "string": return text;
    case "boolean": return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined;
    case "double": case "float": {
      if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return undefined;
      const value = type === "float" ? Math.fround(Number(text)) : Number(text);
      return Number.isFinite(value) ? value : undefined;
    }
    case "byte": case "short": case "int": case "long": {
      if (!/^[+-]?\d{1,40}$/.test(text)) return undefined;
      const value = BigInt(text.replace("+", ""));
      if (value < -RANGES[type] || value >= RANGES[type]) return undefined;
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    }
  }
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes.subarray(0, 4 * MAX_TEXT)).slice(0, MAX_TEXT).replace(/[\ud800-\udbff]$/, "");
