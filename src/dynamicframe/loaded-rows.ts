/** Rows that JavaScript made, typed one by one, loaded into the engine as one relation. */
import type { EngineSession, RunOptions } from "../engine/index.js";
import { conformRelation } from "../plan/conform.js";
import { union, values } from "../plan/ir/build.js";
import type { Relation } from "../plan/ir/relation.js";
import { array, choice, field, fieldOf, struct, type DataType, type StructType } from "../types/data-type.js";
import { mergeDataTypes } from "../types/merge.js";
import type { Row } from "../types/value.js";
import type { ErrorRecord } from "./frame-node.js";
import { conformValue, type TypedValue } from "./lambda-values.js";
import { outputShape } from "./output-shape.js";

/** Rows loaded at once; also how many results are held in memory. */
const CHUNK = 20_000;
/** Error records kept with their content; more are counted. */
const KEPT_ERRORS = 10_000;

/** Takes what became of rows, one by one, and loads it into the engine. */
export type RowLoader<T> = {
  readonly add: (item: T, original: Row) => void;
  readonly full: () => boolean;
  readonly flush: () => Promise<void>;
  /** All rows added, of their merged type, fields in the order of the input; no row at all: a struct without fields. */
  readonly finish: () => Promise<Relation>;
};

/** The input's own rows, untouched. */
export function keptRows(engine: EngineSession, type: StructType, run: RunOptions): RowLoader<void> {
  let chunk: Row[] = [];
  return chunks(engine, type, run, {
    add: (_, row) => { chunk.push(row); }, size: () => chunk.length, empty: type,
    take: () => { const rows = chunk; chunk = []; return { rows, type }; },
  });
}

/** What a JavaScript function returned for rows of type `like`. @throws for what no type can carry, with the path; the row is not added then. */
export function outputRows(engine: EngineSession, like: StructType, run: RunOptions): RowLoader<unknown> {
  const shape = outputShape(like);
  let chunk: Row[] = [];
  return chunks(engine, like, run, {
    add: (output, original) => { chunk.push(shape.add(output, original)); }, size: () => chunk.length, empty: struct(),
    take: () => { const rows = shape.settle(chunk); chunk = []; return { rows, type: shape.type() }; },
  });
}

/** Rows that come with a type of their own each; most share one object. */
export function typedRows(engine: EngineSession, like: StructType, run: RunOptions): RowLoader<TypedValue> {
  let chunk: TypedValue[] = [];
  return chunks(engine, like, run, {
    add: (typed) => { chunk.push(typed); }, size: () => chunk.length, empty: struct(),
    take: () => {
      const type = mergedStruct(chunk.map((c) => c.type));
      const rows = chunk.map((c) => conformValue(c.value, c.type, type) as Row);
      chunk = [];
      return { rows, type };
    },
  });
}

type Chunk<T> = {
  readonly add: (item: T, original: Row) => void; readonly size: () => number;
  readonly take: () => { readonly rows: readonly Row[]; readonly type: StructType }; readonly empty: StructType;
};

function chunks<T>(engine: EngineSession, like: StructType, run: RunOptions, { add, size, take, empty }: Chunk<T>): RowLoader<T> {
  const loaded: Relation[] = [];
  const flush = async (): Promise<void> => {
    if (size() === 0) return;
    const { rows, type } = take();
    loaded.push(await engine.load(once(rows), type, run));
  };
  return {
    add, flush, full: () => size() >= CHUNK,
    finish: async () => {
      await flush();
      if (loaded.length === 0) return values([], empty);
      const type = orderedLike(mergedStruct(loaded.map((r) => r.type)), like) as StructType;
      return union(loaded.map((r) => conformRelation(r, type)));
    },
  };
}

/** Error records of one step: all counted, the first ones kept. */
export type ErrorLog = { readonly kept: readonly ErrorRecord[]; readonly count: () => number; readonly add: (record: () => ErrorRecord) => void };

export function errorLog(): ErrorLog {
  const kept: ErrorRecord[] = [];
  let count = 0;
  return { kept, count: () => count, add: (record) => { if (count++ < KEPT_ERRORS) kept.push(record()); } };
}

const mergedStruct = (types: readonly DataType[]): StructType =>
  types.length === 0 ? struct() : distinctTypes(types).reduce((a, b) => mergeDataTypes(a, b)) as StructType;

/** The same type with fields in the order that `like` has them, new ones last: which record came first must not show. */
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

async function* once(rows: readonly Row[]): AsyncIterable<readonly Row[]> {
  yield rows;
}
