/** Records as they lie in a file: what a batch holds untouched can be copied from there, unread. */

/** One column of a row group of a local Parquet file. */
export type StoredChunk = {
  readonly file: string;
  /** Names from the top of the schema. */
  readonly path: readonly string[];
  /** Codes of parquet.thrift. */
  readonly physical: number;
  readonly codec: number;
  readonly encodings: readonly number[];
  /** With nulls, and with one for each empty list. */
  readonly values: number;
  /** Where its pages begin in the file, dictionary and all; where those of data do. */
  readonly start: number;
  readonly page: number;
  readonly bytes: number;
  /** Bytes without compression. */
  readonly unpacked: number;
  readonly nulls: number | undefined;
};

/** A field of records: its column, or its columns where it has parts. `elements`: its part of the footer's schema, depth first. */
export type StoredField = { readonly name: string; readonly elements: readonly Uint8Array[]; readonly chunks: readonly StoredChunk[] };

/** Records `from` … of a row group. */
export type StoredRows = {
  /** One object for all that is of the same row group. */
  readonly group: { readonly rows: number };
  readonly from: number;
  /** By the position of the field in the batch; undefined for those that are elsewhere. */
  readonly fields: readonly (StoredField | undefined)[];
};
