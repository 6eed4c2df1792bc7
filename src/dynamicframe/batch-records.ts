/** The records of a batch as functions see them, and what they were made from. */
import type { StructType } from "../types/data-type.js";
import type { RecordBatch } from "../types/record-batch.js";
import { lazyRecords, type LazyRecords, type LazySource } from "../types/lazy-value.js";
import type { Read } from "../types/struct-maker.js";
import type { Row } from "../types/value.js";
import { vectorReader } from "../types/vector-reader.js";

/**
 * A record as a function sees it: plain values, arms unwrapped, missing fields absent. `typeTag` tells the exact types.
 */
export type PlainRecord = { [field: string]: unknown };

/** By position in the batch. */
export type BatchRecords = {
  readonly batch: RecordBatch;
  readonly type: StructType;
  /** A fresh plain record, the caller's own. */
  readonly record: (at: number) => PlainRecord;
  /** The same, whose structs and lists are made when they are first looked at. */
  readonly lazyRecord: (at: number) => PlainRecord;
  /** Where the values of these lie, by the position of the field; undefined for such as are there at once. */
  readonly lazySource: (position: number) => LazySource | undefined;
  /** In arms form. */
  readonly row: (at: number) => Row;
};

/** Opens batches of `type`; rows are read only when they are asked for. */
export function batchOpener(type: StructType): (batch: RecordBatch) => BatchRecords {
  const plain = vectorReader(type, "plain");
  const lazy = lazyRecords(type);
  const arms = vectorReader(type, "arms");
  return (batch) => {
    const { records, rows } = batch;
    let record: Read | undefined;
    let later: LazyRecords | undefined;
    let row: Read | undefined;
    return {
      batch,
      type,
      record: (at) => (record ??= plain(records))(rows[at] ?? 0) as PlainRecord,
      lazyRecord: (at) => (later ??= lazy(records)).read(rows[at] ?? 0) as PlainRecord,
      lazySource: (position) => later?.sources[position],
      row: (at) => (row ??= arms(records))(rows[at] ?? 0) as Row,
    };
  };
}
