/** JavaScript rows in arms form as Parquet files, of the layout "nested" that the shredder stages: the way from functions back to an engine. */
import { type ChoiceType, type DataType, type StructType } from "../../types/data-type.js";
import { EMPTY_STRUCT_FIELD, physicalNames } from "../../types/physical.js";
import { ArmValue, type Row, type Value } from "../../types/value.js";
import { valueMisfit } from "../../types/value-misfit.js";
import { leafColumn, type LeafColumn } from "./leaf-column.js";
import { leafType, type SchemaNode } from "./parquet-schema.js";
import { ParquetWriter } from "./parquet-writer.js";

/** Lists in each other, and levels, that DuckDB's Parquet reader follows in good time (see plan-nested.ts). */
const MAX_LISTS = 20;
const MAX_LEVEL = 250;
/** A row group is full at so many rows, or bytes. */
const GROUP_ROWS = 122_880;
const GROUP_BYTES = 16 << 20;

/** Whether rows of the type can be written: maps cannot, nor what nests too deep. */
export function canWriteRows(type: StructType): boolean {
  const fits = (of: DataType, level: number, lists: number): boolean => {
    if (level > MAX_LEVEL || lists > MAX_LISTS) return false;
    switch (of.kind) {
      case "map": return false;
      case "struct": return of.fields.every((f) => fits(f.type, level + 1, lists));
      case "choice": return of.choices.every((c) => fits(c, level + 1, lists));
      case "array": case "set": return fits(of.element, level + 2, lists + 1);
      default: return true;
    }
  };
  return type.fields.every((f) => fits(f.type, 1, 0));
}

export type RowWriter = {
  /** @throws VALUE_NOT_OF_TYPE with the path for a value that its place in the type cannot hold. */
  readonly write: (rows: readonly Row[]) => void;
  /** Completes the file. */
  readonly finish: () => void;
  /** Closes the file as it is, after an error. */
  readonly abandon: () => void;
};

/** Writes rows of `type` into a new local file, synchronously. */
export function rowWriter(path: string, type: StructType): RowWriter {
  const columns: LeafColumn[] = [];
  const names = physicalNames(type);
  const fields = type.fields.map((f, i) => ({ name: f.name, place: placeOf(f.type, names[i] ?? f.name, f.name, { level: 0, repetition: 0 }, columns) }));
  const empty = fields.length === 0 ? placeOf({ kind: "int" }, EMPTY_STRUCT_FIELD, "", { level: 0, repetition: 0 }, columns) : undefined;
  const file = new ParquetWriter(path, empty ? [empty.schema] : fields.map(({ place }) => place.schema));
  let rows = 0;
  const flush = (): void => {
    if (rows > 0) file.writeRowGroup(rows, columns.map((column) => column.take()));
    rows = 0;
  };
  return {
    write: (batch) => {
      for (const row of batch) {
        for (const { name, place } of fields) place.write(Object.hasOwn(row, name) ? row[name] : null, 0);
        empty?.write(null, 0);
      }
      rows += batch.length;
      if (rows >= GROUP_ROWS || columns.reduce((sum, column) => sum + column.bytes(), 0) >= GROUP_BYTES) flush();
    },
    finish: () => { flush(); file.finish(); },
    abandon: () => { file.abandon(); },
  };
}

/** A place in the records: how its values, or that there are none from definition level `level` on, go to the columns below. */
type Place = { readonly schema: SchemaNode; readonly write: (value: Value, repetition: number) => void; readonly none: (level: number, repetition: number) => void };
/** Definition and repetition level of what is around a place. */
type Around = { readonly level: number; readonly repetition: number };

function placeOf(type: DataType, name: string, path: string, around: Around, columns: LeafColumn[]): Place {
  const leaf = leafType(type);
  if (leaf !== undefined) {
    const column = leafColumn(type, path, around.level + 1, around.repetition);
    columns.push(column);
    const { level } = around;
    return {
      schema: { kind: "leaf", name, required: false, type: leaf }, none: column.none,
      write: (value, repetition) => { if (value === null || value === undefined) column.none(level, repetition); else column.write(value, repetition); },
    };
  }
  switch (type.kind) {
    case "struct": return structPlace(type, name, path, around, columns);
    case "choice": return choicePlace(type, name, path, around, columns);
    case "array": case "set": return listPlace(type.element, name, path, around, columns);
    default: throw new Error(`${type.kind} has no columns`);
  }
}

function structPlace(type: StructType, name: string, path: string, around: Around, columns: LeafColumn[]): Place {
  const inside = { ...around, level: around.level + 1 };
  const names = physicalNames(type);
  const fields = type.fields.map((f, i) => ({ name: f.name, place: placeOf(f.type, names[i] ?? f.name, `${path}.${f.name}`, inside, columns) }));
  const empty = fields.length === 0 ? placeOf({ kind: "int" }, EMPTY_STRUCT_FIELD, path, inside, columns) : undefined;
  const children = empty ? [empty] : fields.map(({ place }) => place);
  const none = (level: number, repetition: number): void => { for (const child of children) child.none(level, repetition); };
  return {
    schema: { kind: "group", name, children: children.map(({ schema }) => schema) }, none,
    write: (value, repetition) => {
      if (value === null || value === undefined) { none(around.level, repetition); return; }
      if (typeof value !== "object" || Array.isArray(value) || value instanceof ArmValue) throw valueMisfit(value, type, path);
      const row = value as Row;
      for (const field of fields) field.place.write(Object.hasOwn(row, field.name) ? row[field.name] : null, repetition);
      empty?.write(null, repetition);
    },
  };
}

function choicePlace(type: ChoiceType, name: string, path: string, around: Around, columns: LeafColumn[]): Place {
  const inside = { ...around, level: around.level + 1 };
  const arms = type.choices.map((c) => ({ arm: c.kind as string, place: placeOf(c, c.kind, path, inside, columns) }));
  const none = (level: number, repetition: number): void => { for (const { place } of arms) place.none(level, repetition); };
  return {
    schema: { kind: "group", name, children: arms.map(({ place }) => place.schema) }, none,
    write: (value, repetition) => {
      if (value === null || value === undefined) { none(around.level, repetition); return; }
      if (!(value instanceof ArmValue) || !arms.some(({ arm }) => arm === value.arm)) throw valueMisfit(value, type, path);
      if (value.value === null || value.value === undefined) { none(around.level, repetition); return; }
      for (const { arm, place } of arms) {
        if (arm === value.arm) place.write(value.value, repetition);
        else place.none(inside.level, repetition);
      }
    },
  };
}

function listPlace(element: DataType, name: string, path: string, around: Around, columns: LeafColumn[]): Place {
  const repeated = around.repetition + 1;
  const place = placeOf(element, "element", `${path}[]`, { level: around.level + 2, repetition: repeated }, columns);
  return {
    schema: { kind: "list", name, element: place.schema }, none: place.none,
    write: (value, repetition) => {
      if (value === null || value === undefined) { place.none(around.level, repetition); return; }
      if (!Array.isArray(value)) throw valueMisfit(value, { kind: "array" }, path);
      const items = value as readonly Value[];
      if (items.length === 0) { place.none(around.level + 1, repetition); return; }
      for (let i = 0; i < items.length; i++) place.write(items[i], i === 0 ? repetition : repeated);
    },
  };
}
