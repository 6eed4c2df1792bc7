/** Records as vectors: what engines hand out and take in when rows are many. */
import type { StructType } from "./data-type.js";
import { vectorOf } from "./rows-to-vector.js";
import type { StoredRows } from "./stored-rows.js";
import type { Row, Value } from "./value.js";
import { vectorReader } from "./vector-reader.js";
import type { Vector } from "./vector.js";

/** The records of a struct vector that `rows` names by index, in that order; records themselves are never null. */
export type RecordBatch = {
  readonly records: Extract<Vector, { readonly kind: "struct" }>;
  readonly rows: Int32Array;
  /** Where the same fields lie in a file, as columns. */
  readonly stored?: StoredRows | undefined;
};

export const batchOfFields = (fields: readonly Vector[], length: number): RecordBatch => ({
  records: { kind: "struct", states: undefined, fields },
  rows: Int32Array.from({ length }, (_, i) => i),
});

/** @throws VALUE_NOT_OF_TYPE with the path for a value whose form is not that of its place in the type. */
export function batchOfRows(rows: readonly Row[], type: StructType): RecordBatch {
  const records = vectorOf(rows, type, "");
  return batchOfFields(records.kind === "struct" ? records.fields : [], rows.length);
}

/** The same records with further fields behind their own, the same values in each. */
export function withConstants(batch: RecordBatch, values: readonly Value[]): RecordBatch {
  if (values.length === 0) return batch;
  const length = batch.rows.reduce((most, row) => Math.max(most, row + 1), 0);
  const constants = values.map((value): Vector => ({ kind: "plain", values: new Array<Value>(length).fill(value) }));
  return { ...batch, records: { ...batch.records, fields: [...batch.records.fields, ...constants] } };
}

/** The same records with the fields at these positions. */
export function selectFields({ records, rows, stored }: RecordBatch, positions: readonly number[]): RecordBatch {
  return {
    records: { ...records, fields: positions.flatMap((at) => records.fields[at] ?? []) },
    rows,
    stored: stored && { ...stored, fields: positions.map((at) => stored.fields[at]) },
  };
}

/** The first `length` records of the batch. */
export const firstOf = (batch: RecordBatch, length: number): RecordBatch =>
  batch.rows.length <= length ? batch : { ...batch, rows: batch.rows.subarray(0, length) };

/** Batches of at most `length` records each. */
export function piecesOf(batch: RecordBatch, length: number): readonly RecordBatch[] {
  const { records, rows } = batch;
  const pieces: RecordBatch[] = [];
  if (rows.length <= length) return [batch];
  for (let at = 0; at < rows.length; at += length) pieces.push({ records, rows: rows.subarray(at, at + length) });
  return pieces;
}

/** Batches of `type` as rows in arms form. */
export function batchReader(type: StructType): (batch: RecordBatch) => Row[] {
  const open = vectorReader(type, "arms");
  return ({ records, rows }) => {
    const read = open(records);
    return Array.from(rows, (row) => read(row) as Row);
  };
}
