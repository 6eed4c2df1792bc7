/**
 * The ledger: for each file and path, every type seen, how often, and where first. The single source of schemas,
 * choices, drift, contracts and previews. Plain frozen data; ledgers merge associatively and commutatively
 * (`mergeLedgers`).
 */

/**
 * What a scanner tells apart. `bigint`: an integer past 64 bits and up to 38 digits. In a frame it is decimal(38,0).
 */
export const TAGS = [
  "null",
  "boolean",
  "int",
  "long",
  "bigint",
  "double",
  "string",
  "struct",
  "array",
  // formats with declared types (Parquet, Avro, JDBC) also count these
  "decimal",
  "date",
  "timestamp",
  "timestampntz",
  "binary",
  "float",
  "byte",
  "short",
  "map",
] as const;
export type Tag = (typeof TAGS)[number];

/**
 * Where a thing first occurred. `record` counts from 0 within the file, malformed records not counted; `offset` in
 * bytes.
 */
export type Place = { readonly file: string; readonly record: number; readonly offset: number };

export type TagStats = { readonly count: number; readonly first: Place };

export type LedgerNode = {
  /** Counts and first places of the types seen at this path; absent tag = never. `null` is explicit null. */
  readonly tags: { readonly [T in Tag]?: TagStats };
  /**
   * For struct: fields in order of first appearance. Missing count of a field = parent's struct count − sum of its
   * tags.
   */
  readonly fields: readonly LedgerField[];
  /** For array (or map values): the element's node. */
  readonly element?: LedgerNode;
  /**
   * Where both lists and maps were: the node of the maps' values, whose types are their own; `element` is then that of
   * the lists.
   */
  readonly values?: LedgerNode;
  /** Array lengths seen; absent when no array was. */
  readonly lengths?: { readonly min: number; readonly max: number };
  /** Parameters of declared types, where one tag is not the whole type. */
  readonly decimal?: { readonly precision: number; readonly scale: number };
  /**
   * Arrays here are fields that a record names several times (XML): one value stands for a list of one, so the type is
   * a list once any record repeats the field. Counts are of what the data holds.
   */
  readonly repeated?: true;
  /** True when the counts are not known for this path (a footer without statistics): `count` is then an upper bound. */
  readonly inexact?: true;
};
export type LedgerField = { readonly name: string; readonly node: LedgerNode };

/** Hazards that scanners of text tell, numbered as in wasm/tree-hazards.ts. */
export const TEXT_HAZARDS = [
  "DUPLICATE_KEY", // one object names a key twice; the last value counts and is read
  "EMPTY_KEY", // a key of no characters
  "CASE_CLASH", // two keys of one object differ in (ASCII) case only; counted per object and extra key
  "LONE_SURROGATE", // \uD800–\uDFFF unpaired; read as U+FFFD
  "NUMBER_TOO_LONG", // integer past 38 digits; read as string
  "NUMBER_OVERFLOW", // a double past 1.8e308; read as string
  "NUMBER_UNDERFLOW", // a non-zero number that reads as 0
  "BOM", // byte order mark at the start of the file; skipped
  "TRANSCODED", // file was not UTF-8 and was converted
  "NOT_AN_OBJECT", // a record that is a scalar or an array; reported as malformed
] as const;
/** Things that are valid and yet hurt; each is counted, never silent. */
export const HAZARDS = [
  ...TEXT_HAZARDS,
  "SELF_CLOSING_ROW", // an XML row element without content, as <row a="1"/>; it is no record
  "DECIMAL_TOO_WIDE", // of a column of decimals past 38 digits; read as the nearest double
  "NANOSECONDS", // of a column of times that keeps nanoseconds; read in microseconds, what is finer is cut
] as const;
/** Valid data that hurts, by its code. */
export type Hazard = (typeof HAZARDS)[number];
export type HazardStats = { readonly count: number; readonly first: Place; readonly path?: string };

/** A record that could not be read. Bytes [offset, end) of the decompressed file. */
export type MalformedRecord = {
  readonly file: string;
  readonly offset: number;
  readonly end: number;
  /** Stable: INVALID_JSON, INVALID_UTF8, TOO_DEEP, NOT_AN_OBJECT, TRUNCATED, RECORD_TOO_LARGE, CSV_… */
  readonly code: string;
  /** A sentence: what was expected, what was found, at which byte. */
  readonly reason: string;
  /** Byte offset within the record at which it went wrong. */
  readonly at: number;
  /** The first bytes of the record as text, at most 1,000 characters. */
  readonly text: string;
};

/** One distinct shape of whole records. */
export type ShapeStats = {
  /** 64-bit hash of the set of (path, type) pairs, hex. */
  readonly hash: string;
  readonly count: number;
  readonly first: Place;
};

/** The ledger of one file. */
export type FileLedger = {
  readonly file: string;
  readonly etag: string;
  /** Bytes as stored. */
  readonly size: number;
  readonly modified: number;
  readonly format: string;
  /** Bytes after decompression. */
  readonly bytes: number;
  /** Good records. */
  readonly records: number;
  /** All of them, though `malformedRecords` keeps only the first `MAX_KEPT_MALFORMED`. */
  readonly malformed: number;
  readonly malformedRecords: readonly MalformedRecord[];
  readonly root: LedgerNode;
  /**
   * Of a scan with `textTypes`: the same tree with each text counted by what it spells, and below a text's path the
   * numbers among them by their digits (wasm/text-types.ts). Good for paths that hold texts only.
   */
  readonly texts?: LedgerNode;
  readonly hazards: { readonly [H in Hazard]?: HazardStats };
  /** At most `MAX_KEPT_SHAPES`, by count descending; the rest is in `otherShapes`. */
  readonly shapes: readonly ShapeStats[];
  /** Records whose shape is not listed. Σ shapes + otherShapes = records. */
  readonly otherShapes: number;
};

/** The merge of the ledgers of many files; `root` places name the file. */
export type Ledger = Omit<FileLedger, "file" | "etag" | "size" | "modified" | "format"> & {
  readonly files: number;
  readonly size: number;
};

export const MAX_KEPT_MALFORMED = 1000;
export const MAX_KEPT_SHAPES = 256;
