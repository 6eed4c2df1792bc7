/**
 * Batches of records as Parquet files, of the layout "nested" that the shredder stages: the way from functions back to
 * an engine.
 */
import { type ChoiceType, type DataType, type StructType } from "../../types/data-type.js";
import { EMPTY_STRUCT_FIELD, physicalNames } from "../../types/physical.js";
import type { RecordBatch } from "../../types/record-batch.js";
import type { PageData } from "../../types/stored-rows.js";
import { PRESENT, stateAt, type Vector } from "../../types/vector.js";
import { leafColumn, type Entries, type LeafColumn } from "./leaf-column.js";
import { leafType, type SchemaNode } from "./parquet-schema.js";
import { ParquetWriter } from "./parquet-writer.js";

/** Lists in each other, and levels, that DuckDB's Parquet reader follows in good time (see plan-nested.ts). */
const MAX_LISTS = 20;
const MAX_LEVEL = 250;
/** A row group is full at so many rows, or bytes. */
const GROUP_ROWS = 122_880;
const GROUP_BYTES = 16 << 20;
export const isFullGroup = (rows: number, bytes: number): boolean => rows >= GROUP_ROWS || bytes >= GROUP_BYTES;

/** Whether records of the type can be written: maps cannot, nor what nests too deep. */
export function canWriteBatches(type: StructType): boolean {
  const fits = (of: DataType, level: number, lists: number): boolean => {
    if (level > MAX_LEVEL || lists > MAX_LISTS) return false;
    switch (of.kind) {
      case "map":
        return false;
      case "struct":
        return of.fields.every((f) => fits(f.type, level + 1, lists));
      case "choice":
        return of.choices.every((c) => fits(c, level + 1, lists));
      case "array":
      case "set":
        return fits(of.element, level + 2, lists + 1);
      default:
        return true;
    }
  };
  return type.fields.every((f) => fits(f.type, 1, 0));
}

export type BatchWriter = {
  /** @throws VALUE_NOT_OF_TYPE with the path for a value that its place in the type cannot hold. */
  readonly write: (batch: RecordBatch) => void;
  /** Completes the file. */
  readonly finish: () => void;
  /** Closes the file as it is, after an error. */
  readonly abandon: () => void;
};

/** Writes batches of `type` into a new local file, synchronously. */
export function batchWriter(path: string, type: StructType): BatchWriter {
  const { write, full, take, schema } = recordPlaces(type);
  const file = new ParquetWriter(path, schema);
  const flush = (): void => {
    const { rows, pages } = take();
    if (rows > 0) file.writeRowGroup(rows, pages);
  };
  return {
    write: (batch) => {
      write(batch);
      if (full()) flush();
    },
    finish: () => {
      flush();
      file.finish();
    },
    abandon: () => {
      file.abandon();
    },
  };
}

/** The columns of records of a type, while they fill. */
export type RecordPlaces = {
  readonly schema: readonly SchemaNode[];
  readonly write: (batch: RecordBatch) => void;
  /** Rows of which nothing is there. */
  readonly skip: (count: number) => void;
  /** Whether what there is makes a row group. */
  readonly full: () => boolean;
  readonly take: () => { readonly rows: number; readonly pages: readonly PageData[] };
};

export function recordPlaces(type: StructType): RecordPlaces {
  const columns: LeafColumn[] = [];
  const records = fieldsPlace(type, "", { level: 0, repetition: 0 }, columns);
  let rows = 0;
  return {
    schema: records.children,
    write: ({ records: vector, rows: index }) => {
      records.write(vector, { index, repetition: undefined });
      rows += index.length;
    },
    skip: (count) => {
      records.write(undefined, { index: new Int32Array(count).fill(-1), repetition: undefined });
      rows += count;
    },
    full: () =>
      isFullGroup(
        rows,
        columns.reduce((sum, column) => sum + column.bytes(), 0),
      ),
    take: () => {
      const taken = { rows, pages: columns.map((column) => column.take()) };
      rows = 0;
      return taken;
    },
  };
}

/**
 * A place in the records: how the entries of a vector go to the columns below. Without a vector no entry has a value.
 */
type Write = (vector: Vector | undefined, entries: Entries) => void;
type Place = { readonly schema: SchemaNode; readonly write: Write };
/** Definition and repetition level of what is around a place. */
type Around = { readonly level: number; readonly repetition: number };

function placeOf(type: DataType, name: string, path: string, around: Around, columns: LeafColumn[]): Place {
  const leaf = leafType(type);
  if (leaf !== undefined) {
    const column = leafColumn(type, path, around.level + 1, around.repetition);
    columns.push(column);
    return {
      schema: { kind: "leaf", name, required: false, type: leaf },
      write: (vector, entries) => {
        if (vector === undefined) return column.write([], entries);
        if (vector.kind !== "plain") return unlike(vector);
        if (vector.packed === undefined || !column.writePacked(vector.packed, entries))
          column.write(vector.values, entries);
      },
    };
  }
  switch (type.kind) {
    case "struct":
      return structPlace(type, name, path, around, columns);
    case "choice":
      return choicePlace(type, name, path, around, columns);
    case "array":
    case "set":
      return listPlace(type.element, name, path, around, columns);
    default:
      throw new Error(`${type.kind} has no columns`);
  }
}

/** The fields of structs at level `around`; a struct that has none has one column, always null. */
function fieldsPlace(
  type: StructType,
  path: string,
  around: Around,
  columns: LeafColumn[],
): { readonly children: readonly SchemaNode[]; readonly write: Write } {
  const names = physicalNames(type);
  const inside = path === "" ? "" : `${path}.`;
  const fields = type.fields.map((f, i) => placeOf(f.type, names[i] ?? f.name, `${inside}${f.name}`, around, columns));
  const empty = fields.length === 0 ? placeOf({ kind: "int" }, EMPTY_STRUCT_FIELD, path, around, columns) : undefined;
  return {
    children: (empty ? [empty] : fields).map(({ schema }) => schema),
    write: (vector, entries) => {
      if (vector !== undefined && vector.kind !== "struct") return unlike(vector);
      fields.forEach((field, i) => {
        field.write(vector?.fields[i], entries);
      });
      empty?.write(undefined, entries);
    },
  };
}

function structPlace(type: StructType, name: string, path: string, around: Around, columns: LeafColumn[]): Place {
  const { children, write } = fieldsPlace(type, path, { ...around, level: around.level + 1 }, columns);
  return {
    schema: { kind: "group", name, children },
    write: (vector, entries) => {
      if (vector === undefined) return write(vector, entries);
      if (vector.kind !== "struct") return unlike(vector);
      const { states } = vector;
      write(
        vector,
        states === undefined ? entries : withNone(entries, around.level, (i) => stateAt(states, i) === PRESENT),
      );
    },
  };
}

/** The entries, those that do not hold left without a value: what is around them is there up to `level`. */
function withNone({ index, repetition }: Entries, level: number, holds: (i: number) => boolean): Entries {
  const kept = new Int32Array(index.length);
  for (let e = 0; e < index.length; e++) {
    const i = index[e] ?? 0;
    kept[e] = i < 0 || holds(i) ? i : -1 - level;
  }
  return { index: kept, repetition };
}

function choicePlace(type: ChoiceType, name: string, path: string, around: Around, columns: LeafColumn[]): Place {
  const inside = { ...around, level: around.level + 1 };
  const arms = type.choices.map((c) => placeOf(c, c.kind, path, inside, columns));
  return {
    schema: { kind: "group", name, children: arms.map(({ schema }) => schema) },
    write: (vector, entries) => {
      if (vector === undefined)
        return arms.forEach((arm) => {
          arm.write(vector, entries);
        });
      if (vector.kind !== "choice") return unlike(vector);
      const { which, arms: below } = vector;
      const held = withNone(entries, around.level, (i) => (which[i] ?? 0) >= PRESENT);
      arms.forEach((arm, k) => {
        arm.write(
          below[k],
          withNone(held, inside.level, (i) => which[i] === PRESENT + k),
        );
      });
    },
  };
}

function listPlace(element: DataType, name: string, path: string, around: Around, columns: LeafColumn[]): Place {
  const repeated = around.repetition + 1;
  const place = placeOf(element, "element", `${path}[]`, { level: around.level + 2, repetition: repeated }, columns);
  return {
    schema: { kind: "list", name, element: place.schema },
    write: (vector, entries) => {
      if (vector === undefined)
        return place.write(vector, {
          ...entries,
          repetition: entries.repetition ?? new Uint8Array(entries.index.length),
        });
      if (vector.kind !== "list") return unlike(vector);
      place.write(vector.element, elementEntries(vector, entries, around.level, repeated));
    },
  };
}

/** An entry for each element, and one for each list that has none. */
function elementEntries(
  { states, starts, lengths }: Extract<Vector, { readonly kind: "list" }>,
  { index, repetition }: Entries,
  level: number,
  repeated: number,
): Entries {
  let count = 0;
  const lengthAt = (i: number): number => (i >= 0 && stateAt(states, i) === PRESENT ? (lengths[i] ?? 0) : 0);
  for (let e = 0; e < index.length; e++) count += Math.max(1, lengthAt(index[e] ?? 0));
  const inner = new Int32Array(count);
  const repetitions = new Uint8Array(count);
  let at = 0;
  for (let e = 0; e < index.length; e++) {
    const i = index[e] ?? 0;
    const length = lengthAt(i);
    repetitions[at] = repetition?.[e] ?? 0;
    if (length === 0) inner[at++] = i < 0 ? i : stateAt(states, i) === PRESENT ? -2 - level : -1 - level;
    else
      for (let k = 0, start = starts[i] ?? 0; k < length; k++) {
        if (k > 0) repetitions[at] = repeated;
        inner[at++] = start + k;
      }
  }
  return { index: inner, repetition: repetitions };
}

function unlike(vector: Vector): never {
  throw new Error(`a ${vector.kind} vector where the type has none`);
}
