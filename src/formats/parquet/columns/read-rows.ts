/**
 * Records of local Parquet files as batches, without an engine: of their columns only what is looked at is read, and
 * each batch tells where it lies.
 */
import type { DataType, StructType } from "../../../types/data-type.js";
import type { RecordBatch } from "../../../types/record-batch.js";
import { batchOfFields } from "../../../types/record-batch.js";
import type { StoredField, StoredRows } from "../../../types/stored-rows.js";
import { recordShapes, type Shape } from "./column-shape.js";
import { openGroup } from "./column-vectors.js";
import { fileLayout, type FileLayout, type RowGroup } from "./file-layout.js";
import { isReadable } from "./pages.js";

/** Rows of a batch: most of its values are never made. */
const ROWS = 8192;
/**
 * A row group is kept as long as its rows are at work: larger ones are left to an engine, which reads them page by
 * page.
 */
const LARGEST_GROUP = 256 << 20;

/** A file that can be read so. */
export type ReadableFile = {
  readonly layout: FileLayout;
  readonly shapes: readonly Shape[];
  readonly type: StructType;
};

/**
 * Undefined for a file whose columns are not as `type` has them, or hold what is not read here (maps, other codecs and
 * encodings, huge row groups).
 */
export function readableFile(path: string, type: StructType): ReadableFile | undefined {
  const layout = fileLayout(path);
  const shapes = layout && recordShapes(type, layout.columns);
  return layout !== undefined && shapes !== undefined && layout.groups.every((group) => isWithin(group, layout))
    ? { layout, shapes, type }
    : undefined;
}

/** Every row has an entry in every column, so what a footer says of rows is bounded too. */
const isWithin = ({ rows, chunks }: RowGroup, { columns }: FileLayout): boolean =>
  chunks.length > 0
  && chunks.length === columns.reduce((sum, { leaves }) => sum + leaves, 0)
  && chunks.every(isReadable)
  && chunks.every(({ values, unpacked }) => rows >= 0 && values >= rows && unpacked >= 0)
  && chunks.reduce((sum, { unpacked, values }) => sum + unpacked + 2 * values, 0) <= LARGEST_GROUP;

/** Its records in their order. */
export function* fileBatches({ layout, shapes, type }: ReadableFile): Generator<RecordBatch, void, undefined> {
  const { bytes, columns, groups } = layout;
  try {
    for (const { rows, chunks } of groups) {
      const read = openGroup(bytes, shapes, chunks, rows);
      const group = { rows };
      const fields = columns.map(({ name, elements, firstLeaf, leaves }, i): StoredField | undefined =>
        hasValues(type.fields[i]?.type)
          ? { kind: "file", name, elements, chunks: chunks.slice(firstLeaf, firstLeaf + leaves) }
          : undefined,
      );
      for (let from = 0; from < rows; from += ROWS) {
        const count = Math.min(ROWS, rows - from);
        const stored: StoredRows = { group, from, fields };
        yield { ...batchOfFields(read(from, count), count), stored };
      }
    }
  } finally {
    bytes.close();
  }
}

const hasValues = (type: DataType | undefined): boolean =>
  type !== undefined && type.kind !== "null" && type.kind !== "unknown";
