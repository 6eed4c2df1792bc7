/** Reads log files: each line that the expression matches is a record (docs/decisions/0032). */
import { isUtf8 } from "node:buffer";
import type { RecordEvent, RecordReader, SourceScalar, SourceValue } from "../../shapes/records/record-reader.js";
import { LineSplitter } from "../line-splitter.js";
import { utf8Fault } from "../utf8-fault.js";
import { grokExpression, type GrokCapture, type GrokType } from "./grok-expression.js";
import { lineMatcher, type LineMatch } from "./line-matcher.js";

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

type Line = { readonly text: string; readonly bytes: Uint8Array; readonly offset: number };

export function grokReader(options: GrokOptions): RecordReader {
  const expression = grokExpression(options.logFormat, options.customPatterns);
  const match = lineMatcher(expression);
  const maxLine = Math.min(MAX_LINE, Math.floor(LINE_WORK / expression.steps));
  return async function* ({ source, start }) {
    let events: RecordEvent[] = [];
    let block: Line[] = [];
    const malformed = (code: string, reason: string, offset: number, end: number, head: Uint8Array, at = 0): void =>
      void events.push({ kind: "malformed", offset, end, code, reason, at, text: textOf(head) });
    const readBlock = (): void => {
      const matches = match(block.map(({ text }) => text));
      block.forEach((line, i) => {
        const { bytes, offset } = line;
        const record = readLine(line, matches[i], expression.captures, options);
        if (record.kind === "record") events.push(record);
        else malformed(record.code, record.reason, offset, offset + bytes.length, bytes, record.at);
      });
      block = [];
    };
    const lines = new LineSplitter(start, maxLine, {
      line: (bytes, offset) => {
        if (bytes.length === 0) return;
        const invalid = isUtf8(bytes) ? -1 : utf8Fault(bytes);
        if (invalid < 0) {
          block.push({ text: bytes.toString("utf8"), bytes, offset });
          return;
        }
        readBlock();
        malformed(
          "INVALID_UTF8",
          `expected UTF-8, found byte 0x${(bytes[invalid] ?? 0).toString(16)} at byte ${invalid} of the line`,
          offset,
          offset + bytes.length,
          bytes,
          invalid,
        );
      },
      tooLong: (offset, end, head) => {
        readBlock();
        malformed(
          "RECORD_TOO_LARGE",
          `expected a line of at most ${maxLine} bytes, found ${end - offset}`,
          offset,
          end,
          head,
        );
      },
      pieceEnds: readBlock,
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

type LineFault = {
  readonly kind: "fault";
  readonly code: "GROK_NO_MATCH" | "OUT_OF_RANGE";
  readonly reason: string;
  readonly at: number;
};

function readLine(
  line: Line,
  match: LineMatch | undefined,
  captures: readonly GrokCapture[],
  options: GrokOptions,
): Extract<RecordEvent, { kind: "record" }> | LineFault {
  if (!match)
    return { kind: "fault", code: "GROK_NO_MATCH", reason: "expected a line that the log format matches", at: 0 };
  const {
    offset,
    bytes: { length },
  } = line;
  const { text: whole } = line;
  const placeOf = (group: number): number => {
    const character = match.start(group);
    return offset + (length === whole.length ? character : Buffer.byteLength(whole.slice(0, character)));
  };
  const fields = new Map<string, SourceValue>();
  for (const { field, group, type } of captures) {
    const text = match.text(group);
    if (text === null) {
      if (!fields.has(field)) fields.set(field, { tag: "null", value: null, at: offset });
      continue;
    }
    const value = text === options.missing ? null : typed(text, type);
    if (value === undefined && options.strict) {
      return {
        kind: "fault",
        code: "OUT_OF_RANGE",
        reason: `expected ${type} for ${field}, found ${JSON.stringify(text.slice(0, 60))}`,
        at: placeOf(group) - offset,
      };
    }
    // a text that is not of its type stays one
    const tag = value === null ? "null" : value === undefined ? "string" : type;
    addCapture(fields, field, new Captured(tag, value === undefined ? text : value, text, placeOf, group));
  }
  return { kind: "record", value: { tag: "struct", fields, at: offset }, offset, length, repeats: true, texts: true };
}

/** A value whose place is looked up when it is asked for, which is seldom. */
class Captured implements SourceScalar {
  constructor(
    readonly tag: SourceScalar["tag"],
    readonly value: SourceScalar["value"],
    readonly text: string,
    private readonly placeOf: (group: number) => number,
    private readonly group: number,
  ) {}
  get at(): number {
    return this.placeOf(this.group);
  }
}

/** A field may be named in several places: one that did not take part gives way, several that did make a list. */
function addCapture(fields: Map<string, SourceValue>, name: string, value: SourceScalar): void {
  const held = fields.get(name);
  if (held === undefined || held.tag === "null") fields.set(name, value);
  else if (held.tag === "array") fields.set(name, { ...held, elements: [...held.elements, value] });
  else if (value.tag !== "null")
    fields.set(name, { tag: "array", elements: [held, value], ...(held.at === undefined ? {} : { at: held.at }) });
}

const RANGES = { byte: 2n ** 7n, short: 2n ** 15n, int: 2n ** 31n, long: 2n ** 63n } as const;

/**
 * The text's value in that type; undefined when it has none there. Nothing is rounded but the digits of double and
 * float.
 */
function typed(text: string, type: GrokType): string | number | bigint | boolean | undefined {
  switch (type) {
    case "string":
      return text;
    case "boolean":
      return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined;
    case "double":
    case "float": {
      if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return undefined;
      const value = type === "float" ? Math.fround(Number(text)) : Number(text);
      return Number.isFinite(value) ? value : undefined;
    }
    case "byte":
    case "short":
    case "int":
    case "long": {
      if (!/^[+-]?\d{1,40}$/.test(text)) return undefined;
      const value = BigInt(text.replace("+", ""));
      if (value < -RANGES[type] || value >= RANGES[type]) return undefined;
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    }
  }
}

const textOf = (bytes: Uint8Array): string =>
  new TextDecoder()
    .decode(bytes.subarray(0, 4 * MAX_TEXT))
    .slice(0, MAX_TEXT)
    .replace(/[\ud800-\udbff]$/, "");
