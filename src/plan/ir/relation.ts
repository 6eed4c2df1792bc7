/**
 * Relations of the IR: frozen, serialisable plan nodes, each with the struct type of its rows.
 * Rows have no order unless a Sort is directly above; an engine may return them in any.
 */
import type { FormatName, FormatOptions, StageResult, WrittenResult } from "../../formats/index.js";
import type { FileRef } from "../../storage/index.js";
import type { StructType } from "../../types/data-type.js";
import type { Row } from "../../types/value.js";
import type { Scalar } from "./scalar.js";

export type Relation =
  | ScanRelation
  | ValuesRelation
  | ProjectRelation
  | FilterRelation
  | UnnestRelation
  | JoinRelation
  | AggregateRelation
  | SortRelation
  | LimitRelation
  | UnionRelation
  | DistinctRelation
  | NumberRelation
  | MapBatchesRelation
  | MaterializeRelation
  | RepartitionRelation
  | SinkRelation;

/**
 * Records of files, of exactly `type`: the merge of the files' ledgers, or a projection of it. Malformed records are
 * not rows. With `partition`, the file's partition values are fields of the record (last ones, typed by `type`).
 */
export type ScanRelation = {
  readonly kind: "scan";
  /** Equal ids = the same source read once per session. */
  readonly id: string;
  readonly format: FormatName;
  readonly options: FormatOptions;
  readonly files: readonly ScanFile[];
  readonly partitionKeys: readonly string[];
  readonly type: StructType;
  /**
   * Partitions of its rows, where the reader was told how its files are grouped: stretches in the order of the files.
   */
  readonly groups?: number;
  /**
   * The type holds all that the ledgers of the files found: no value misses an arm. Without it such values are null,
   * and counted wherever they are.
   */
  readonly exact?: true;
  /** The ledgers of the files tell of no malformed record and no duplicate key. */
  readonly sound?: true;
  /**
   * Staged already, by the scan that found the type: records of `type`, which has some of the fields of the scan's own;
   * and what may be the result of a write.
   */
  readonly staged?: { readonly type: StructType; readonly result: StageResult; readonly written?: WrittenResult };
  /**
   * Instead of records: the rows of one flat domain of records of `recordType` (`flatDomains` of shapes/domains.ts).
   * Then `type` has its columns: `#row`, for children `#id` and `#index`, and `c0`, `c1`, …. Made by the rewrite
   * shred-tables; partition keys are empty.
   */
  readonly domain?: { readonly name: string; readonly recordType: StructType };
};
export type ScanFile = FileRef & { readonly partition?: readonly (string | null)[] };

/** Constant rows in arms form. */
export type ValuesRelation = { readonly kind: "values"; readonly rows: readonly Row[]; readonly type: StructType };

/** One field per entry, in that order. */
export type ProjectRelation = {
  readonly kind: "project";
  readonly input: Relation;
  readonly fields: readonly NamedScalar[];
  readonly type: StructType;
};
export type NamedScalar = { readonly name: string; readonly value: Scalar };

/**
 * Keeps rows whose predicate is true. `reason` names the drop in the report ("filter", "limit", "pushDownPredicate").
 */
export type FilterRelation = {
  readonly kind: "filter";
  readonly input: Relation;
  readonly predicate: Scalar;
  readonly reason: string;
  readonly type: StructType;
};

/**
 * One row per element of `list` (evaluated over the input): the input's fields `keep`, then `index` (int, from 0), then
 * `element`. Null and empty lists give no row; null elements do.
 */
export type UnnestRelation = {
  readonly kind: "unnest";
  readonly input: Relation;
  readonly list: Scalar;
  readonly keep: readonly string[];
  readonly index: string;
  readonly element: string;
  readonly type: StructType;
};

/** Rows { left: struct, right: struct }: the two records side by side. Keys compare as in SQL: null equals nothing. */
export type JoinRelation = {
  readonly kind: "join";
  readonly how: "inner" | "left" | "anti" | "semi";
  readonly left: Relation;
  readonly right: Relation;
  readonly leftKeys: readonly Scalar[];
  readonly rightKeys: readonly Scalar[];
  readonly type: StructType;
};

/** Groups by `keys`; without keys one row over all. */
export type AggregateRelation = {
  readonly kind: "aggregate";
  readonly input: Relation;
  readonly keys: readonly NamedScalar[];
  readonly aggregates: readonly {
    readonly name: string;
    readonly fn: "count" | "count-true" | "min" | "max" | "sum";
    readonly of?: Scalar;
  }[];
  readonly type: StructType;
};
export type SortRelation = {
  readonly kind: "sort";
  readonly input: Relation;
  readonly by: readonly { readonly value: Scalar; readonly descending: boolean }[];
  readonly type: StructType;
};
export type LimitRelation = {
  readonly kind: "limit";
  readonly input: Relation;
  readonly count: number;
  readonly type: StructType;
};
/** Union all; the inputs have exactly `type` (conform them first). */
export type UnionRelation = { readonly kind: "union"; readonly inputs: readonly Relation[]; readonly type: StructType };
export type DistinctRelation = { readonly kind: "distinct"; readonly input: Relation; readonly type: StructType };
/**
 * Appends a long `as`: `start`, `start`+1, … in any order, unique. Only below a Materialize may two readers see the
 * same numbers.
 */
export type NumberRelation = {
  readonly kind: "number";
  readonly input: Relation;
  readonly as: string;
  readonly start: number;
  readonly type: StructType;
};
/** Rows through a JavaScript function registered in the session as `fn`; `type` is what came out, known once it ran. */
export type MapBatchesRelation = {
  readonly kind: "map-batches";
  readonly input: Relation;
  readonly fn: string;
  readonly type: StructType;
};
/** Computed once per session under `id`, then read as often as needed. */
export type MaterializeRelation = {
  readonly kind: "materialize";
  readonly input: Relation;
  readonly id: string;
  readonly type: StructType;
};
export type RepartitionRelation = {
  readonly kind: "repartition";
  readonly input: Relation;
  readonly partitions: number;
  readonly shuffle: boolean;
  readonly type: StructType;
};
/** Writes the rows; see `SinkTarget`. Only at the top of a plan. */
export type SinkRelation = {
  readonly kind: "sink";
  readonly input: Relation;
  readonly target: SinkTarget;
  readonly type: StructType;
};

export type SinkTarget = {
  readonly format: "parquet" | "json" | "csv" | "avro" | "orc";
  readonly options: FormatOptions;
  /** Local folder into which the engine writes part files under unique names; the caller publishes them. */
  readonly directory: string;
  readonly partitionKeys: readonly string[];
  /**
   * gzip, snappy, zstd or none, for text and avro also bzip2, for avro deflate, for orc zlib; default snappy for
   * parquet and orc, else none.
   */
  readonly compression?: string;
};

export type RelationKind = Relation["kind"];
export type RelationOf<K extends RelationKind> = Extract<Relation, { readonly kind: K }>;
