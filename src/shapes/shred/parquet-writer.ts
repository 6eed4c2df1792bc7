/**
 * Writes Parquet files whose pages are already encoded: PLAIN values and level bytes go to the file as they lie in
 * memory. One page per column and row group, uncompressed. Source: apache/parquet-format.
 */
import { closeSync, openSync, writev } from "node:fs";
import { promisify } from "node:util";
import { fileError } from "../../storage/file-error.js";
import type { PageData, StoredChunk } from "../../types/stored-rows.js";
import { behind, filled, orFileError, writeAll } from "./parquet-bytes.js";
import { schemaLeaves, schemaList, type SchemaLeaf, type SchemaNode } from "./parquet-schema.js";
import { encodeThrift, i32, i64, list, text, thriftStruct, type ThriftStruct } from "./thrift-compact.js";

const MAGIC = Buffer.from("PAR1");
const PLAIN = i32(0);
const RLE = i32(3);
const UNCOMPRESSED = i32(0);
/** Buffers handed to one write; the system's limit is 1024. */
const MAX_VECTORS = 768;

export class ParquetWriter {
  private readonly descriptor: number;
  private closed = false;
  private readonly leaves: readonly SchemaLeaf[];
  private readonly rowGroups: ThriftStruct[] = [];
  private offset = 0;
  private total = 0;

  /** What is being written meanwhile, and its bytes; undefined where writes are synchronous. */
  private pending: Promise<void> | undefined;
  private held = 0;

  /**
   * Creates `path`, or empties it. Writes are synchronous, or with `later` go on while others work: `settled` must
   * follow then, and the pages' memory stays the writer's. Throws NO_SPACE, READ_ONLY, ACCESS_DENIED and the like.
   */
  constructor(
    readonly path: string,
    private readonly columns: readonly SchemaNode[],
    { later = false }: { readonly later?: boolean } = {},
  ) {
    if (later) this.pending = Promise.resolve();
    this.leaves = schemaLeaves(columns);
    this.descriptor = orFileError(path, () => openSync(path, "w"));
    this.write([MAGIC]);
  }

  /** Rows in the row groups so far. */
  get rows(): number {
    return this.total;
  }

  /** Bytes in the file so far. */
  get bytes(): number {
    return this.offset;
  }

  /**
   * One page per leaf, in the order of the schema. The pages' memory is free for other use afterwards. Returns where in
   * the file each column's values start.
   */
  writeRowGroup(rows: number, pages: readonly PageData[]): number[] {
    const buffers: Uint8Array[] = [];
    const chunks: ThriftStruct[] = [];
    const positions: number[] = [];
    let at = this.offset;
    this.leaves.forEach((leaf, i) => {
      const page = pages[i];
      if (page === undefined) throw new Error(`no page for column ${leaf.path.join(".")}`);
      const header = pageHeader(page);
      const size = header.length + page.levels.length + page.values.length;
      buffers.push(header, page.levels, page.values);
      chunks.push(columnChunk(leaf, page, at, size));
      at += size;
      positions.push(at - page.values.length);
    });
    const size = at - this.offset;
    this.write(buffers);
    this.rowGroups.push(thriftStruct([1, list("struct", chunks)], [2, i64(size)], [3, i64(rows)]));
    this.total += rows;
    return positions;
  }

  /** The same where columns have several pages, or are in other files: `copied` gives the bytes of one. */
  writeMixed(
    rows: number,
    columns: readonly (readonly PageData[] | StoredChunk)[],
    copied: (chunk: StoredChunk) => Uint8Array,
  ): void {
    let unpacked = 0;
    const chunks = this.leaves.map((leaf, i) => {
      const column = columns[i];
      const at = this.offset;
      if (column === undefined) throw new Error(`no page for column ${leaf.path.join(".")}`);
      if ("file" in column) {
        this.write([copied(column)]);
        unpacked += column.unpacked;
        return copiedChunk(leaf, column, at);
      }
      this.write(column.flatMap((page) => [pageHeader(page), page.levels, page.values]));
      unpacked += this.offset - at;
      return columnChunk(
        leaf,
        { entries: sumOf(column, ({ entries }) => entries), nulls: sumOf(column, ({ nulls }) => nulls) },
        at,
        this.offset - at,
      );
    });
    this.rowGroups.push(thriftStruct([1, list("struct", chunks)], [2, i64(unpacked)], [3, i64(rows)]));
    this.total += rows;
  }

  /** Writes the footer; the file is complete afterwards. */
  finish(): void {
    const footer = encodeThrift(
      thriftStruct(
        [1, i32(1)],
        [2, schemaList(this.columns)],
        [3, i64(this.total)],
        [4, list("struct", this.rowGroups)],
        [6, text("dynaframe")],
      ),
    );
    const size = Buffer.alloc(4);
    size.writeUInt32LE(footer.length);
    this.write([footer, size, MAGIC]);
    this.close();
  }

  /** Closes the file as it is, after an error. */
  abandon(): void {
    if (!this.closed) this.close();
  }

  /** Bytes that are not written yet. */
  get waiting(): number {
    return this.held;
  }

  /** When all is written. @throws what writing threw */
  async settled(): Promise<void> {
    await this.pending;
  }

  private close(): void {
    this.closed = true;
    const close = (): void => {
      orFileError(this.path, () => closeSync(this.descriptor));
    };
    if (this.pending === undefined) close();
    else this.queue(this.pending.finally(close));
  }

  private queue(work: Promise<void>): void {
    this.pending = work;
    work.catch(() => undefined); // heard by `settled`
  }

  private write(buffers: readonly Uint8Array[]): void {
    if (this.pending === undefined) {
      orFileError(this.path, () => {
        for (let i = 0; i < buffers.length; i += MAX_VECTORS)
          this.offset += writeAll(this.descriptor, buffers.slice(i, i + MAX_VECTORS));
      });
      return;
    }
    const size = buffers.reduce((sum, { length }) => sum + length, 0);
    this.offset += size;
    this.held += size;
    this.queue(
      this.pending.then(async () => {
        try {
          for (let i = 0; i < buffers.length; i += MAX_VECTORS)
            await writeAllLater(this.descriptor, buffers.slice(i, i + MAX_VECTORS));
        } catch (error) {
          throw fileError(error, this.path);
        }
        this.held -= size;
      }),
    );
  }
}

const writevLater = promisify(writev);

async function writeAllLater(descriptor: number, buffers: readonly Uint8Array[]): Promise<void> {
  for (let rest = filled(buffers); rest.length > 0;) {
    const { bytesWritten } = await writevLater(descriptor, rest);
    rest = behind(rest, bytesWritten);
  }
}

function pageHeader(page: PageData): Buffer {
  const size = i32(page.levels.length + page.values.length);
  const data = thriftStruct([1, i32(page.entries)], [2, PLAIN], [3, RLE], [4, RLE]);
  return encodeThrift(thriftStruct([1, i32(0)], [2, size], [3, size], [5, data]));
}

/** Without its statistics and indexes: they are of use to who filters by them. */
function copiedChunk(leaf: SchemaLeaf, chunk: StoredChunk, at: number): ThriftStruct {
  const { start, page } = chunk;
  const moved = at - start;
  const metadata = thriftStruct(
    [1, i32(chunk.physical)],
    [2, list("i32", chunk.encodings.map(i32))],
    [3, list("text", leaf.path.map(text))],
    [4, i32(chunk.codec)],
    [5, i64(chunk.values)],
    [6, i64(chunk.unpacked)],
    [7, i64(chunk.bytes)],
    [9, i64(page + moved)],
    [11, start < page ? i64(at) : undefined],
    [12, chunk.nulls === undefined ? undefined : thriftStruct([3, i64(chunk.nulls)])],
  );
  return thriftStruct([2, i64(at)], [3, metadata]);
}

const sumOf = (pages: readonly PageData[], of: (page: PageData) => number): number =>
  pages.reduce((sum, page) => sum + of(page), 0);

function columnChunk(
  leaf: SchemaLeaf,
  page: Pick<PageData, "entries" | "nulls">,
  at: number,
  size: number,
): ThriftStruct {
  const metadata = thriftStruct(
    [1, i32(leaf.physical)],
    [2, list("i32", [PLAIN, RLE])],
    [3, list("text", leaf.path.map(text))],
    [4, UNCOMPRESSED],
    [5, i64(page.entries)],
    [6, i64(size)],
    [7, i64(size)],
    [9, i64(at)],
    [12, thriftStruct([3, i64(page.nulls)])],
  );
  return thriftStruct([2, i64(at)], [3, metadata]);
}
