/** What the lexer's faults mean: stable codes and sentences, in the order of `Fault` in wasm/lex.ts. */
import type { MalformedRecord } from "./ledger.js";

type Fault = { readonly code: string; readonly expected: string };
const invalid = (expected: string): Fault => ({ code: "INVALID_JSON", expected });

const FAULTS: readonly Fault[] = [
  invalid("no fault"),
  invalid("expected a value"),
  invalid("expected the closing quote of a string, without control characters before it,"),
  invalid('expected one of " \\ / b f n r t u after a backslash'),
  invalid("expected four hexadecimal digits after \\u"),
  { code: "INVALID_UTF8", expected: "expected UTF-8 in a string" },
  invalid("expected a digit of a number"),
  invalid("expected true, false or null"),
  invalid("expected a key in double quotes"),
  invalid("expected a colon after a key"),
  invalid("expected a comma or } after a value"),
  invalid("expected a comma or ] after a value"),
  { code: "TOO_DEEP", expected: "expected at most 500 levels of nesting" },
  invalid("expected the end of the line after the record"),
  { code: "NOT_AN_OBJECT", expected: "expected a record to be an object" },
  { code: "TRUNCATED", expected: "expected the rest of the record" },
  { code: "RECORD_TOO_LARGE", expected: "expected a record that fits the memory for one" },
  { code: "OUT_OF_RANGE", expected: "expected a value of the column's type" },
  { code: "CSV_TOO_MANY_CELLS", expected: "expected the end of the row" },
  { code: "CSV_UNTERMINATED_QUOTE", expected: "expected the closing quote of a cell" },
  { code: "INVALID_UTF8", expected: "expected UTF-8 in a cell" },
];

/** Numbers of the faults that the host itself reports. */
export const FAULT_TOO_LARGE = 16;

const MAX_TEXT = 1000;

/** The byte found, as a reader would write it. `undefined` is the end of what there was to read. */
function found(byte: number | undefined, lines: boolean): string {
  if (byte === undefined) return "the end of the file";
  if (byte === 10 && lines) return "the end of the line";
  if (byte > 32 && byte < 127) return `'${String.fromCharCode(byte)}'`;
  return `byte 0x${byte.toString(16).padStart(2, "0")}`;
}

export type FaultPlace = {
  readonly file: string;
  readonly offset: number;
  readonly end: number;
  readonly at: number;
  readonly fault: number;
  /** The byte at fault, if the data goes on that far. */
  readonly byte: number | undefined;
  /** True when records are lines. */
  readonly lines: boolean;
  /** First bytes of the record. */
  readonly head: Uint8Array;
};

export function malformedRecord(place: FaultPlace): MalformedRecord {
  const { file, offset, end, at, fault, byte, lines, head } = place;
  const { code, expected } = FAULTS[fault] ?? invalid("expected a valid record");
  // a pair of surrogates is not cut in two
  const text = new TextDecoder()
    .decode(head)
    .slice(0, MAX_TEXT)
    .replace(/[\ud800-\udbff]$/, "");
  const reason = `${expected}, found ${found(byte, lines)} at byte ${at} of the record`;
  return Object.freeze({ file, offset, end, code, reason, at, text });
}
