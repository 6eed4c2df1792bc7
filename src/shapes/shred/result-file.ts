/**
 * Parquet that is kept as it was shredded: each thread writes row groups with dictionaries, statistics and snappy into
 * a file of its own, and those are put together when all are done. Source: apache/parquet-format.
 */
import { closeSync, openSync, readSync, rmSync } from "node:fs";
import { orFileError, writeAll } from "./parquet-bytes.js";
import { schemaLeaves, schemaList, type SchemaLeaf } from "./parquet-schema.js";
import type { ResultPlan } from "./result-columns.js";
import {
  bytes as binary,
  encodeThrift,
  i32,
  i64,
  list,
  text,
  thriftStruct,
  type ThriftStruct,
} from "./thrift-compact.js";
import type { ColumnExports, WasmShredder } from "./wasm-shredder.js";

type Global = { readonly value: number };

/** What wasm/pack-values.ts exports. */
export type PackExports = ColumnExports & {
  packColumn(column: number, wide: number): void;
  readonly packedEntries: Global;
  readonly packedPage: Global;
  readonly packedPageLength: Global;
  readonly unpackedPageLength: Global;
  readonly packedDictionary: Global;
  readonly packedDictionaryLength: Global;
  readonly unpackedDictionaryLength: Global;
  readonly leastValue: Global;
  readonly greatestValue: Global;
};

/** Where a column lies in a part, which is put into the whole somewhere else. */
type Chunk = {
  readonly start: number;
  /** Bytes of the dictionary's page; 0: there is none. */
  readonly dictionary: number;
  readonly bytes: number;
  readonly unpacked: number;
  readonly nulls: number;
  readonly least: Uint8Array | undefined;
  readonly greatest: Uint8Array | undefined;
};
type RowGroup = { readonly rows: number; readonly chunks: readonly Chunk[] };

/** The row groups of one thread, in a file without a footer. Plain data. */
export type ResultPart = { readonly path: string; readonly bytes: number; readonly groups: readonly RowGroup[] };

const MAGIC = Buffer.from("PAR1");
const PLAIN = i32(0);
const PLAIN_DICTIONARY = i32(2);
const RLE = i32(3);
const SNAPPY = i32(1);
const DATA_PAGE = i32(0);
const DICTIONARY_PAGE = i32(2);
/** Longer texts are no use as bounds. */
const MAX_BOUND = 256;

/**
 * Writes the wanted columns of a shredder, one row group at a time, before they are emptied. Synchronous; throws
 * NO_SPACE and the like.
 */
export class ResultPartWriter {
  private readonly descriptor: number;
  private offset = 0;
  private closed = false;
  private readonly groups: RowGroup[] = [];
  private readonly leaves: readonly SchemaLeaf[];

  constructor(
    readonly path: string,
    private readonly shredder: WasmShredder<PackExports>,
    private readonly plan: ResultPlan,
  ) {
    this.leaves = schemaLeaves(plan.schema);
    this.descriptor = orFileError(path, () => openSync(path, "w"));
    this.write([MAGIC]);
  }

  /** Writes all rows that the columns hold. */
  writeGroup(rows: number): void {
    this.groups.push({
      rows,
      chunks: this.plan.columns.map(({ column, wide }, i) =>
        this.writeChunk(this.shredder.columns[column] ?? 0, wide, rows, this.leaves[i]),
      ),
    });
  }

  finish(): ResultPart {
    this.abandon();
    return { path: this.path, bytes: this.offset, groups: this.groups };
  }

  /** Closes the file as it is. */
  abandon(): void {
    if (!this.closed)
      orFileError(this.path, () => {
        closeSync(this.descriptor);
      });
    this.closed = true;
  }

  private writeChunk(column: number, wide: boolean, rows: number, leaf: SchemaLeaf | undefined): Chunk {
    const { wasm } = this.shredder;
    const start = this.offset;
    wasm.packColumn(column, wide ? 1 : 0);
    const view = (at: Global, length: Global): Uint8Array => new Uint8Array(wasm.memory.buffer, at.value, length.value);
    const entries = wasm.packedEntries.value;
    const page = view(wasm.packedPage, wasm.packedPageLength);
    const dictionary =
      entries === 0
        ? []
        : [
            pageHeader(DICTIONARY_PAGE, wasm.unpackedDictionaryLength.value, wasm.packedDictionaryLength.value, [
              7,
              thriftStruct([1, i32(entries)], [2, PLAIN_DICTIONARY]),
            ]),
            view(wasm.packedDictionary, wasm.packedDictionaryLength),
          ];
    const header = pageHeader(DATA_PAGE, wasm.unpackedPageLength.value, page.length, [
      5,
      thriftStruct([1, i32(rows)], [2, entries === 0 ? PLAIN : PLAIN_DICTIONARY], [3, RLE], [4, RLE]),
    ]);
    this.write([...dictionary, header, page]);
    return {
      start,
      bytes: this.offset - start,
      dictionary: dictionary.reduce((sum, { length }) => sum + length, 0),
      unpacked:
        (dictionary[0]?.length ?? 0)
        + wasm.unpackedDictionaryLength.value
        + header.length
        + wasm.unpackedPageLength.value,
      nulls: rows - wasm.validRows(column),
      least: this.bound(wasm.leastValue.value, leaf),
      greatest: this.bound(wasm.greatestValue.value, leaf),
    };
  }

  /** As statistics have it: texts without their lengths. */
  private bound(at: number, leaf: SchemaLeaf | undefined): Uint8Array | undefined {
    if (at === 0) return undefined;
    const { buffer } = this.shredder.wasm.memory;
    const { physical } = leaf ?? {};
    if (physical !== TEXT) return new Uint8Array(buffer, at, physical === INT32 ? 4 : 8).slice();
    const length = new DataView(buffer).getUint32(at, true);
    return length > MAX_BOUND ? undefined : new Uint8Array(buffer, at + 4, length).slice();
  }

  private write(buffers: readonly Uint8Array[]): void {
    orFileError(this.path, () => {
      this.offset += writeAll(this.descriptor, buffers);
    });
  }
}

/** Codes of types in parquet.thrift. */
const INT32 = 1;
const TEXT = 6;

function pageHeader(
  type: typeof DATA_PAGE,
  unpacked: number,
  packed: number,
  own: readonly [number, ThriftStruct],
): Buffer {
  return encodeThrift(thriftStruct([1, type], [2, i32(unpacked)], [3, i32(packed)], own));
}

export type ResultFile = { readonly path: string; readonly rows: number };

/** Makes one whole file of the parts, in place of the first; the others are removed. Undefined where there are none. */
export function joinParts(
  parts: readonly ResultPart[],
  { schema }: ResultPlan,
  metadata: Readonly<Record<string, string>>,
): ResultFile | undefined {
  const filled = parts.filter(({ groups }) => groups.length > 0);
  const first = filled[0] ?? parts[0];
  if (first === undefined) return undefined;
  const leaves = schemaLeaves(schema);
  const groups: ThriftStruct[] = [];
  let rows = 0;
  let at = first.bytes;
  orFileError(first.path, () => {
    const descriptor = openSync(first.path, "r+");
    try {
      for (const part of filled) {
        const moved = part === first ? 0 : at - MAGIC.length;
        if (part !== first) at += append(part, descriptor, at);
        for (const group of part.groups) {
          groups.push(rowGroup(group, leaves, moved));
          rows += group.rows;
        }
      }
      const footer = encodeThrift(
        thriftStruct(
          [1, i32(1)],
          [2, schemaList(schema)],
          [3, i64(rows)],
          [4, list("struct", groups)],
          [
            5,
            list(
              "struct",
              Object.entries(metadata).map(([key, value]) => thriftStruct([1, text(key)], [2, text(value)])),
            ),
          ],
          // bounds are those of the types' own order
          [6, text("dynaframe")],
          [
            7,
            list(
              "struct",
              leaves.map(() => thriftStruct([1, thriftStruct()])),
            ),
          ],
        ),
      );
      const size = Buffer.alloc(4);
      size.writeUInt32LE(footer.length);
      writeAll(descriptor, [footer, size, MAGIC], at);
    } finally {
      closeSync(descriptor);
    }
  });
  for (const { path } of parts) if (path !== first.path) rmSync(path, { force: true });
  return { path: first.path, rows };
}

const COPIED_AT_ONCE = 4 << 20;

/** Copies what is behind the part's first mark to the end of the whole; its bytes. */
function append({ path, bytes }: ResultPart, into: number, at: number): number {
  const from = openSync(path, "r");
  const buffer = Buffer.allocUnsafe(Math.min(COPIED_AT_ONCE, bytes));
  try {
    for (let done = MAGIC.length; done < bytes;) {
      const read = readSync(from, buffer, 0, Math.min(buffer.length, bytes - done), done);
      if (read === 0) throw new Error(`${path} has fewer than its ${bytes} bytes`);
      writeAll(into, [buffer.subarray(0, read)], at + done - MAGIC.length);
      done += read;
    }
    return bytes - MAGIC.length;
  } finally {
    closeSync(from);
  }
}

function rowGroup({ rows, chunks }: RowGroup, leaves: readonly SchemaLeaf[], moved: number): ThriftStruct {
  const columns = leaves.flatMap((leaf, i) => {
    const chunk = chunks[i];
    return chunk === undefined ? [] : [columnChunk(leaf, chunk, rows, chunk.start + moved)];
  });
  return thriftStruct(
    [1, list("struct", columns)],
    [2, i64(chunks.reduce((sum, { unpacked }) => sum + unpacked, 0))],
    [3, i64(rows)],
  );
}

function columnChunk(
  leaf: SchemaLeaf,
  { dictionary, bytes, unpacked, nulls, least, greatest }: Chunk,
  rows: number,
  start: number,
): ThriftStruct {
  const statistics = thriftStruct([3, i64(nulls)], [5, greatest && binary(greatest)], [6, least && binary(least)]);
  const metadata = thriftStruct(
    [1, i32(leaf.physical)],
    [2, list("i32", [dictionary === 0 ? PLAIN : PLAIN_DICTIONARY, RLE])],
    [3, list("text", leaf.path.map(text))],
    [4, SNAPPY],
    [5, i64(rows)],
    [6, i64(unpacked)],
    [7, i64(bytes)],
    [9, i64(start + dictionary)],
    [11, dictionary === 0 ? undefined : i64(start)],
    [12, statistics],
  );
  return thriftStruct([2, i64(start)], [3, metadata]);
}
