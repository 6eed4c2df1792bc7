/** Records as they lie in a file, or will: what a batch holds untouched can be copied from there, unread. */

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

/** A page of a column of Parquet in memory, PLAIN and not packed. */
export type PageData = {
  /** Repetition and definition levels, each with its length, as far as the column has them. */
  readonly levels: Uint8Array;
  readonly values: Uint8Array;
  /** Rows, and places where an outer list is null or empty. */
  readonly entries: number;
  readonly nulls: number;
};

/** A field of records: its column, or its columns where it has parts. */
export type StoredField =
  /** `elements`: its part of the footer's schema, depth first. */
  | {
      readonly kind: "file";
      readonly name: string;
      readonly elements: readonly Uint8Array[];
      readonly chunks: readonly StoredChunk[];
    }
  /** Of the layout "nested", as records are written. */
  | { readonly kind: "pages"; readonly name: string; readonly pages: readonly PageData[] };

/** Records `from` … of a row group, or of what may become a part of one. */
export type StoredRows = {
  /** One object for all that is of the same row group. */
  readonly group: { readonly rows: number };
  readonly from: number;
  /** By the position of the field in the batch; undefined for those that are elsewhere. */
  readonly fields: readonly (StoredField | undefined)[];
};
