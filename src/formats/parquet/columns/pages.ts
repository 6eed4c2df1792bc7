/** The pages of a column chunk, unpacked. Source: apache/parquet-format README.md, Data Pages. */
import { crc32, gunzipSync } from "node:zlib";
import { unsnappyBlock } from "../../../shapes/unpack/snappy-block.js";
import type { StoredChunk } from "../../../types/stored-rows.js";
import { unreadable, type FileBytes } from "../../../storage/file-bytes.js";
import { bitWidth, readHybrid } from "./levels.js";
import { intField, optionalInt, optionalStruct, readThrift, structField, type ThriftFields } from "./thrift-read.js";

/** The greatest levels of a column. */
export type Levels = { readonly definition: number; readonly repetition: number };

/** Values that are there, one behind the other, from `first` on of all in the chunk. */
export type PageValues = {
  readonly first: number;
  readonly count: number;
  readonly coding: "plain" | "dictionary" | "bits";
  readonly bytes: Uint8Array;
};

export type Pages = {
  /** A level for each entry; undefined where all have the greatest (definitions) or none (repetitions). */
  readonly definitions: Uint8Array | undefined;
  readonly repetitions: Uint8Array | undefined;
  readonly entries: number;
  readonly values: readonly PageValues[];
  readonly dictionary: { readonly count: number; readonly bytes: Uint8Array } | undefined;
};

const [UNCOMPRESSED, SNAPPY, GZIP] = [0, 1, 2];
const [PLAIN, PLAIN_DICTIONARY, RLE, RLE_DICTIONARY] = [0, 2, 3, 8];

/** Whether all of a chunk can be read here, as far as its footer tells. */
export const isReadable = ({ codec, encodings }: StoredChunk): boolean =>
  (codec === UNCOMPRESSED || codec === SNAPPY || codec === GZIP)
  && encodings.every((one) => one === PLAIN || one === PLAIN_DICTIONARY || one === RLE || one === RLE_DICTIONARY);

/** @throws READ_FAILED with the file for bytes that are not what the footer says. */
export function readPages(file: FileBytes, chunk: StoredChunk, levels: Levels): Pages {
  try {
    return pagesOf(file.read(chunk.start, chunk.bytes), chunk, levels);
  } catch (error) {
    if (error instanceof RangeError)
      throw unreadable(chunk.file, `the column ${chunk.path.join(".")} is damaged: ${error.message}`);
    throw error;
  }
}

type Draft = {
  definitions: Uint8Array;
  repetitions: Uint8Array;
  entries: number;
  present: number;
  values: PageValues[];
  dictionary: Pages["dictionary"];
};

function pagesOf(bytes: Uint8Array, chunk: StoredChunk, levels: Levels): Pages {
  const { values: entries } = chunk;
  const draft: Draft = {
    definitions: new Uint8Array(levels.definition > 0 ? entries : 0),
    repetitions: new Uint8Array(levels.repetition > 0 ? entries : 0),
    entries: 0,
    present: 0,
    values: [],
    dictionary: undefined,
  };
  for (let at = 0; draft.entries < entries;) {
    const { fields, end } = readThrift(bytes, at);
    const size = intField(fields, 3);
    const body = bytes.subarray(end, end + size);
    if (size < 0 || body.length < size) throw new RangeError("a page ends too early");
    const sum = optionalInt(fields, 4);
    if (sum !== undefined && crc32(body) !== sum >>> 0)
      throw new RangeError("a page has another check sum than its header");
    at = end + size;
    takePage(fields, body, chunk, levels, draft);
  }
  const whole = draft.present === entries;
  return {
    definitions: whole ? undefined : draft.definitions,
    repetitions: levels.repetition > 0 ? draft.repetitions : undefined,
    entries,
    values: draft.values,
    dictionary: draft.dictionary,
  };
}

function takePage(
  header: ThriftFields,
  body: Uint8Array,
  { codec, unpacked: largest, values }: StoredChunk,
  levels: Levels,
  draft: Draft,
): void {
  const size = intField(header, 2);
  if (size < 0 || size > largest) throw new RangeError("a page larger than its column");
  switch (intField(header, 1)) {
    case 0: {
      const data = structField(header, 5);
      const count = intField(data, 1);
      const all = unpacked(body, codec, size);
      const repetitions = lengthened(all, 0, levels.repetition);
      const definitions = lengthened(all, repetitions.end, levels.definition);
      return takeData(
        draft,
        levels,
        { count, of: values, encoding: intField(data, 2) },
        repetitions.bytes,
        definitions.bytes,
        all.subarray(definitions.end),
      );
    }
    case 2: {
      const { dictionary } = draft;
      const data = structField(header, 7);
      const count = intField(data, 1);
      if (dictionary !== undefined) throw new RangeError("a second dictionary");
      const bytes = unpacked(body, codec, size);
      if (count < 0 || count > Math.max(bytes.length, 1))
        throw new RangeError("a dictionary of more values than bytes");
      draft.dictionary = { count, bytes };
      return;
    }
    case 3: {
      const data = optionalStruct(header, 8);
      if (data === undefined) throw new RangeError("a page without its header");
      const repeated = optionalInt(data, 6) ?? 0;
      const defined = optionalInt(data, 5) ?? 0;
      const start = repeated + defined;
      if (repeated < 0 || defined < 0 || start > body.length || start > size)
        throw new RangeError("levels end too early");
      const packed = body.subarray(start);
      const plain = data.get(7) === false ? packed : unpacked(packed, codec, size - start);
      return takeData(
        draft,
        levels,
        { count: intField(data, 1), of: values, encoding: intField(data, 4) },
        body.subarray(0, repeated),
        body.subarray(repeated, start),
        plain,
      );
    }
    default: // indexes, and what is newer
  }
}

/** `of`: entries of the whole column. */
type Announced = { readonly count: number; readonly of: number; readonly encoding: number };

function takeData(
  draft: Draft,
  levels: Levels,
  { count, of, encoding }: Announced,
  repetitions: Uint8Array,
  definitions: Uint8Array,
  bytes: Uint8Array,
): void {
  const from = draft.entries;
  if (count < 0 || from + count > of) throw new RangeError("other numbers of values than its footer tells");
  let present = count;
  if (levels.repetition > 0) readHybrid(repetitions, bitWidth(levels.repetition), draft.repetitions, from, count);
  if (levels.definition > 0) {
    readHybrid(definitions, bitWidth(levels.definition), draft.definitions, from, count);
    present = countOf(draft.definitions, levels.definition, from, from + count);
  }
  const coding =
    encoding === PLAIN
      ? "plain"
      : encoding === PLAIN_DICTIONARY || encoding === RLE_DICTIONARY
        ? "dictionary"
        : encoding === RLE
          ? "bits"
          : undefined;
  if (coding === undefined) throw new RangeError(`the encoding ${encoding}`);
  draft.values.push({ first: draft.present, count: present, coding, bytes });
  draft.entries += count;
  draft.present += present;
}

function countOf(levels: Uint8Array, level: number, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) if (levels[i] === level) count++;
  return count;
}

/** Levels behind their length, where there are any. */
function lengthened(
  bytes: Uint8Array,
  at: number,
  greatest: number,
): { readonly bytes: Uint8Array; readonly end: number } {
  if (greatest === 0) return { bytes: bytes.subarray(at, at), end: at };
  const length =
    (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 2 ** 8 + (bytes[at + 2] ?? 0) * 2 ** 16 + (bytes[at + 3] ?? 0) * 2 ** 24;
  const end = at + 4 + length;
  if (end > bytes.length) throw new RangeError("levels end too early");
  return { bytes: bytes.subarray(at + 4, end), end };
}

function unpacked(packed: Uint8Array, codec: number, size: number): Uint8Array {
  const bytes = codec === SNAPPY ? unsnappyBlock(packed, size) : codec === GZIP ? inflated(packed, size) : packed;
  if (bytes?.length !== size) throw new RangeError("a page cannot be unpacked");
  return bytes;
}

function inflated(packed: Uint8Array, size: number): Uint8Array | undefined {
  try {
    return gunzipSync(packed, { maxOutputLength: Math.max(1, size) });
  } catch {
    return undefined;
  }
}
