/** Records that JavaScript made, typed one by one, loaded into the engine as one relation. */
import type { RunOptions } from "../engine/index.js";
import { conformRelation } from "../plan/conform.js";
import { union, values } from "../plan/ir/build.js";
import type { Relation } from "../plan/ir/relation.js";
import { array, choice, field, fieldOf, struct, type DataType, type StructType } from "../types/data-type.js";
import { mergeDataTypes } from "../types/merge.js";
import { batchOfRows, type RecordBatch } from "../types/record-batch.js";
import { sameType } from "../types/same-type.js";
import { toTyped } from "../types/typed.js";
import type { Row } from "../types/value.js";
import { BatchFeed, type RowEngine } from "./batch-feed.js";
import type { BatchRecords } from "./batch-records.js";
import type { ErrorRecord } from "./frame-node.js";
import { conformValue, type TypedValue } from "./lambda-values.js";
import { outputShape } from "./output/output-shape.js";

/** Records handed on at once; so many results are held in memory. */
const CHUNK = 1024;
/** Error records kept with their content; more are counted. */
const KEPT_ERRORS = 10_000;

/** Takes what became of records, one by one, and loads it into the engine. */
export type RowLoader<T> = {
  /** `origin`: the records of which it is one, at `at`; undefined for one that came from nowhere. */
  readonly add: (item: T, origin: BatchRecords | undefined, at: number) => void;
  readonly full: () => boolean;
  readonly flush: () => Promise<void>;
  /**
   * All records added, of their merged type, fields in the order of the input; no record at all: a struct without
   * fields.
   */
  readonly finish: () => Promise<Relation>;
  /** Gives up what was loaded, after an error. */
  readonly abandon: () => Promise<void>;
};

/** The input's own records, untouched. */
export function keptRows(engine: RowEngine, type: StructType, run: RunOptions): RowLoader<void> {
  let kept: { readonly batch: RecordBatch; readonly rows: number[] }[] = [];
  let size = 0;
  return loader(engine, type, run, {
    add: (_, origin, at) => {
      if (origin === undefined) throw new Error("a kept record is one of the input's");
      const last = kept.at(-1);
      const own = last?.batch === origin.batch ? last : { batch: origin.batch, rows: [] };
      if (own !== last) kept.push(own);
      own.rows.push(origin.batch.rows[at] ?? 0);
      size++;
    },
    size: () => size,
    empty: type,
    take: () => {
      const batches = kept.map(({ batch, rows }) => ({ ...batch, rows: Int32Array.from(rows) }));
      kept = [];
      size = 0;
      return { batches, type };
    },
  });
}

/**
 * What a JavaScript function returned for records of type `like`, batch by batch: `flush` must follow where `full`
 * after each.
 * @throws for what no type can carry, with the path; the record is not added then.
 */
export const outputRows = (engine: RowEngine, like: StructType, run: RunOptions): RowLoader<unknown> =>
  outputLoader(engine, like, run, true);

/** The same of results in whatever order. */
export const looseRows = (engine: RowEngine, like: StructType, run: RunOptions): RowLoader<unknown> =>
  outputLoader(engine, like, run, false);

function outputLoader(engine: RowEngine, like: StructType, run: RunOptions, batchwise: boolean): RowLoader<unknown> {
  const shape = outputShape(like, { batchwise });
  return loader(engine, like, run, {
    batchwise,
    add: (output, origin, at) => {
      shape.add(output, origin, origin?.batch.rows[at] ?? -1);
    },
    size: shape.size,
    empty: struct(),
    take: () => {
      const { batch, type } = shape.take();
      return { batches: [batch], type };
    },
    exact: shape.type,
  });
}

/** Plain records of one type. @throws VALUE_DOES_NOT_FIT with the path, by `add` */
export function rowsOfType(engine: RowEngine, type: StructType, run: RunOptions): RowLoader<unknown> {
  let rows: Row[] = [];
  return loader(engine, type, run, {
    add: (record) => {
      rows.push(toTyped(record, type) as Row);
    },
    size: () => rows.length,
    empty: type,
    take: () => {
      const batches = [batchOfRows(rows, type)];
      rows = [];
      return { batches, type };
    },
  });
}

/** Rows that come with a type of their own each; most share one object. */
export function typedRows(engine: RowEngine, like: StructType, run: RunOptions): RowLoader<TypedValue> {
  let chunk: TypedValue[] = [];
  return loader(engine, like, run, {
    add: (typed) => {
      chunk.push(typed);
    },
    size: () => chunk.length,
    empty: struct(),
    take: () => {
      const type = mergedStruct(chunk.map((c) => c.type));
      const rows = chunk.map((c) => conformValue(c.value, c.type, type) as Row);
      chunk = [];
      return { batches: [batchOfRows(rows, type)], type };
    },
  });
}

type Chunk<T> = {
  /** Taken with the end of each batch. */
  readonly batchwise?: boolean;
  readonly add: RowLoader<T>["add"];
  readonly size: () => number;
  readonly take: () => { readonly batches: readonly RecordBatch[]; readonly type: StructType };
  readonly empty: StructType;
  /** The type of all that was taken, where chunks may have wider ones. */
  readonly exact?: () => StructType;
};

/** Chunks of one type go into one load; the first of another type begins the next. */
function loader<T>(
  engine: RowEngine,
  like: StructType,
  run: RunOptions,
  { add, size, take, empty, exact, batchwise = false }: Chunk<T>,
): RowLoader<T> {
  const loaded: Relation[] = [];
  let feed: BatchFeed | undefined;
  const endFeed = async (): Promise<void> => {
    if (feed !== undefined) loaded.push(await feed.finish());
    feed = undefined;
  };
  const flush = async (): Promise<void> => {
    if (size() === 0) return;
    const { batches, type } = take();
    if (feed !== undefined && !sameType(feed.type, type)) await endFeed();
    feed ??= new BatchFeed(engine, type, run);
    for (const batch of batches) await feed.push(batch);
  };
  return {
    add,
    flush,
    full: () => size() >= (batchwise ? 1 : CHUNK),
    finish: async () => {
      await flush();
      await endFeed();
      return joinLoaded(loaded, like, empty, exact?.());
    },
    abandon: async () => {
      await feed?.abandon();
    },
  };
}

/**
 * What was loaded as one relation of the merged type (or of the one that is `exact`), fields in the order of `like`;
 * `empty` types no records at all.
 */
export function joinLoaded(
  loaded: readonly Relation[],
  like: StructType,
  empty: StructType,
  exact?: StructType,
): Relation {
  if (loaded.length === 0) return values([], empty);
  const type = orderedLike(exact ?? mergedStruct(loaded.map((r) => r.type)), like) as StructType;
  return union(loaded.map((r) => conformRelation(r, type)));
}

/** Error records of one step: all counted, the first ones kept. */
export type ErrorLog = {
  readonly kept: readonly ErrorRecord[];
  readonly count: () => number;
  readonly add: (record: () => ErrorRecord) => void;
  /** Counts errors whose records nobody kept. */
  readonly skip: (errors: number) => void;
};

export function errorLog(): ErrorLog {
  const kept: ErrorRecord[] = [];
  let count = 0;
  return {
    kept,
    count: () => count,
    add: (record) => {
      if (count++ < KEPT_ERRORS) kept.push(record());
    },
    skip: (errors) => {
      count += errors;
    },
  };
}

const mergedStruct = (types: readonly DataType[]): StructType =>
  types.length === 0 ? struct() : (distinctTypes(types).reduce((a, b) => mergeDataTypes(a, b)) as StructType);

/**
 * The same type with fields in the order that `like` has them, new ones last: which record came first must not show.
 */
function orderedLike(type: DataType, like: DataType | undefined): DataType {
  if (!like) return type;
  if (type.kind === "choice") return choice(type.choices.map((c) => orderedLike(c, armLike(like, c.kind))));
  const same = armLike(like, type.kind);
  if (type.kind === "array" && same?.kind === "array") return array(orderedLike(type.element, same.element));
  if (type.kind !== "struct" || same?.kind !== "struct") return type;
  const known = same.fields.flatMap((f) => type.fields.filter((own) => own.name === f.name));
  const fresh = type.fields.filter((own) => !fieldOf(same, own.name));
  return struct([...known, ...fresh].map((f) => field(f.name, orderedLike(f.type, fieldOf(same, f.name)?.type))));
}

const armLike = (like: DataType, kind: DataType["kind"]): DataType | undefined =>
  like.kind === "choice" ? like.choices.find((c) => c.kind === kind) : like.kind === kind ? like : undefined;

/** Most rows share one type object; merging each object once is enough. */
const distinctTypes = (types: readonly DataType[]): DataType[] => [...new Set(types)];
