/**
 * The port of formats whose reader yields records as JavaScript values (XML, logs, Avro). From one reader come the
 * exact ledger (`scan-records.ts`), rows (`read-records.ts`) and staged Parquet (`stage-records.ts`).
 */
import type { Decimal, Value } from "../../types/value.js";
import type { ByteSource, Encoding } from "../byte-source.js";
import type { Hazard, MalformedRecord, Tag } from "../ledger.js";

/** A value with the type its source says: what a ledger counts. */
export type SourceValue = SourceScalar | SourceStruct | SourceArray | SourceMap;

/**
 * `value` is as `types/value.ts` says for the type of that name: int → number, long → number when safe, else bigint,
 * `bigint` → Decimal of scale 0, null → null. One object may stand for many values, if it has no `at`.
 */
export type SourceScalar = {
  readonly tag: Exclude<Tag, "struct" | "array" | "map">;
  readonly value: Value;
  /** Digits as written, where a number was text: what a string arm gets. */
  readonly text?: string;
  /** Of a declared decimal; else the digits of the value. */
  readonly precision?: number;
  readonly at?: number;
};
/** `at`: byte offset in the decompressed file. Values without one count as lying in the record, in their order. */
export type SourceStruct = {
  readonly tag: "struct";
  readonly fields: ReadonlyMap<string, SourceValue>;
  readonly at?: number;
};
export type SourceArray = { readonly tag: "array"; readonly elements: readonly SourceValue[]; readonly at?: number };
export type SourceMap = {
  readonly tag: "map";
  readonly entries: ReadonlyMap<string, SourceValue>;
  readonly at?: number;
};

/**
 * A record at bytes [offset, offset + length) of the decompressed file. `repeats`: its lists are fields that it names
 * several times, so a single value stands for a list of one (`LedgerNode.repeated`).
 */
export type SourceRecord = {
  readonly kind: "record";
  readonly value: SourceStruct;
  readonly offset: number;
  readonly length: number;
  readonly repeats?: true;
  /** Its values are texts: where the type that is wanted is not theirs, they are cast from text. */
  readonly texts?: true;
};
/** What a reader finds, in the order of the file. */
export type RecordEvent =
  | SourceRecord
  /** `reason`, `text` and codes as in the ledger; new codes belong into docs/errors.md. */
  | ({ readonly kind: "malformed" } & Omit<MalformedRecord, "file">)
  /** Belongs to the record that comes next. */
  | { readonly kind: "hazard"; readonly hazard: Hazard; readonly offset: number; readonly path?: string };

export type RecordInput = {
  /** The file's name, for errors. */
  readonly file: string;
  /** Decompressed; UTF-8 if it was UTF-16 with a mark, which is left out as a UTF-8 mark is. Closed by the caller. */
  readonly source: ByteSource;
  readonly encoding: Encoding;
  /** Offset of the source's first byte in the file: 3 behind a UTF-8 mark. */
  readonly start: number;
};

/**
 * Reads one file to its end, a batch of events at a time, holding no more than a batch and the record in hand. Bad data
 * is an event, never an exception. A stream that ends early is told by the caller; the reader tells only of the record
 * that was cut by it.
 */
export type RecordReader = (input: RecordInput) => AsyncIterable<readonly RecordEvent[]>;

/** Whole digits and scale of a decimal value. */
export function decimalDigits({ unscaled, scale }: Decimal): { readonly precision: number; readonly scale: number } {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().length;
  return { precision: Math.max(digits, scale, 1), scale };
}
