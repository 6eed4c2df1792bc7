import { DynaframeError } from "../../types/error.js";
import type { FileReader, FileRef, Storage } from "../../storage/index.js";
import type { FileMetaData, SchemaElement as ThriftSchemaElement } from "parquetjs-lite/gen-nodejs/parquet_types.js";

/** One leaf column, over all row groups. */
export type FooterColumn = {
  /** Names from the top to the leaf, with the groups of lists and maps. */
  readonly path: readonly string[];
  /** Values with nulls; for a column below a list also one for each empty or null list. */
  readonly values: number;
  /** Undefined when a row group has no statistics. */
  readonly nulls: number | undefined;
  /** Byte of the file at which its first data page begins. */
  readonly offset: number;
};

export type SchemaElement = Omit<ThriftSchemaElement, "name"> & { readonly name: string };

/** What the crawler needs of a footer. */
export type Footer = {
  readonly rows: number;
  /** Depth first; the first is the root. */
  readonly elements: readonly SchemaElement[];
  readonly columns: readonly FooterColumn[];
  readonly metadata: ReadonlyMap<string, string>;
  /** Bytes read from storage. */
  readonly bytesRead: number;
};

/** Most footers fit in this much of the tail, so that one read is enough. */
const TAIL_BYTES = 65_536;
/** A larger footer is taken for a damaged length. */
const MAX_FOOTER_BYTES = 256 * 1024 * 1024;
const MAGIC = "PAR1";

/**
 * Reads the footer. A file that is not the one listed is SOURCE_CHANGED. Damage is TRUNCATED_PARQUET or INVALID_PARQUET
 * with the file and the byte offset.
 */
export async function readFooter(storage: Storage, ref: FileRef): Promise<Footer> {
  const reader = await storage.open(ref.path);
  try {
    if (reader.ref.etag !== ref.etag)
      throw new DynaframeError("SOURCE_CHANGED", `${ref.path} changed since it was listed`, {
        file: ref.path,
        hint: "List it again.",
      });
    return await footerOf(reader, reader.ref.size);
  } finally {
    await reader.close();
  }
}

async function footerOf(reader: FileReader, size: number): Promise<Footer> {
  const file = reader.ref.path;
  const head = Buffer.from(await readExactly(reader, 0, Math.min(4, size)));
  if (head.toString("latin1") === "PARE")
    throw damaged("INVALID_PARQUET", file, 0, "its footer is encrypted", "Decrypt the file first.");
  if (head.toString("latin1") !== MAGIC) throw damaged("INVALID_PARQUET", file, 0, `it does not begin with ${MAGIC}`);
  if (size < 12) throw damaged("TRUNCATED_PARQUET", file, size, "it ends before a footer could begin");
  const tailAt = Math.max(0, size - TAIL_BYTES);
  const tail = await readExactly(reader, tailAt, size - tailAt);
  const length = footerLength(Buffer.from(tail.subarray(tail.length - 8)), file, size);
  const offset = size - 8 - length;
  const inTail = offset >= tailAt;
  const bytes = inTail
    ? tail.subarray(offset - tailAt, offset - tailAt + length)
    : await readExactly(reader, offset, length);
  const metadata = await parse(Buffer.from(bytes.buffer, bytes.byteOffset, length), file, size);
  return { ...plain(metadata, file, size), bytesRead: head.length + tail.length + (inTail ? 0 : length) };
}

function footerLength(trailer: Buffer, file: string, size: number): number {
  const magic = trailer.toString("latin1", 4);
  if (magic !== MAGIC)
    throw damaged(
      "TRUNCATED_PARQUET",
      file,
      size - 4,
      `it does not end with ${MAGIC}, so its footer is missing`,
      "Write or copy the file again; without a footer nothing in it can be read.",
    );
  const length = trailer.readUInt32LE(0);
  if (length > size - 12)
    throw damaged(
      "INVALID_PARQUET",
      file,
      size - 8,
      `it says its footer has ${length} bytes, more than the file has room for`,
    );
  if (length > MAX_FOOTER_BYTES)
    throw damaged("INVALID_PARQUET", file, size - 8, `it says its footer has ${length} bytes, more than is believable`);
  return length;
}

async function parse(bytes: Buffer, file: string, size: number): Promise<FileMetaData> {
  const { decodeFooter, EncryptedColumns } = await import("./decode-footer.js");
  try {
    return decodeFooter(bytes);
  } catch (cause) {
    if (cause instanceof EncryptedColumns)
      throw damaged("INVALID_PARQUET", file, 0, "its columns are encrypted", "Decrypt the file first.");
    throw damaged(
      "INVALID_PARQUET",
      file,
      size - 8,
      `its footer cannot be decoded: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
}

// Everything below comes from the file: nothing about its form is taken for granted.
function plain(metadata: FileMetaData, file: string, size: number): Omit<Footer, "bytesRead"> {
  try {
    const rows = count(metadata.num_rows);
    const groups = metadata.row_groups;
    if (groups.reduce((sum, group) => sum + count(group.num_rows), 0) !== rows)
      throw new RangeError("its row groups do not add up to its rows");
    const pairs = metadata.key_value_metadata ?? [];
    return {
      rows,
      elements: metadata.schema.map((element) => ({ ...element, name: text(element.name) })),
      columns: columnsOf(metadata, size),
      metadata: new Map(pairs.map(({ key, value }) => [text(key), value === null ? "" : text(value)])),
    };
  } catch (cause) {
    throw damaged(
      "INVALID_PARQUET",
      file,
      size - 8,
      cause instanceof RangeError ? cause.message : "its footer lacks a required part",
    );
  }
}

function columnsOf(metadata: FileMetaData, size: number): readonly FooterColumn[] {
  const columns = new Map<string, FooterColumn>();
  for (const group of metadata.row_groups) {
    for (const { meta_data: chunk } of group.columns) {
      if (chunk === null) throw new RangeError("a column chunk has no metadata");
      if (count(chunk.data_page_offset) >= size) throw new RangeError("a column chunk lies past the end of the file");
      const path = chunk.path_in_schema.map(text);
      const key = JSON.stringify(path);
      const before = columns.get(key) ?? { path, values: 0, nulls: 0, offset: count(chunk.data_page_offset) };
      const nulls = chunk.statistics?.null_count;
      const known = before.nulls !== undefined && nulls !== undefined && nulls !== null;
      columns.set(key, {
        ...before,
        values: before.values + count(chunk.num_values),
        nulls: known ? before.nulls + count(nulls) : undefined,
      });
    }
  }
  return [...columns.values()];
}

/** A name or value of the footer; bytes that are not UTF-8 are replaced. */
function text(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  throw new RangeError("a name in its footer is missing");
}

function count(number: number): number {
  if (!Number.isSafeInteger(number) || number < 0) throw new RangeError("a count in its footer is not possible");
  return number;
}

async function readExactly(reader: FileReader, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const read = await reader.read(bytes.subarray(done), position + done);
    if (read === 0)
      throw damaged("TRUNCATED_PARQUET", reader.ref.path, position + done, "it became shorter while it was read");
    done += read;
  }
  return bytes;
}

const damaged = (
  code: string,
  file: string,
  offset: number,
  what: string,
  hint = "Write or copy the file again.",
): DynaframeError =>
  new DynaframeError(code, `${file} is not a readable Parquet file: ${what}`, { file, offset, hint });
