/**
 * Writes records that lie in flat rows into the columns of a nested table, as `placeRecord` and the table's own writers
 * would, without values of most.
 */
import { TAGS } from "../ledger.js";
import type { DataType, StructType } from "../../types/data-type.js";
import type { FlatRecord, FlatRows } from "./flat-rows.js";
import { placeValue, type OnMisfit, type Path, type Placing } from "./place-value.js";
import type { Built } from "./row-tables.js";

const NULL = TAGS.indexOf("null");
const STRUCT = TAGS.indexOf("struct");
const STRING = TAGS.indexOf("string");
const INT = TAGS.indexOf("int");
const LONG = TAGS.indexOf("long");
const DOUBLE = TAGS.indexOf("double");
const BOOLEAN = TAGS.indexOf("boolean");
const TAG_COUNT = TAGS.length;

/** `entry`: 0 for a missing value. `alone`: it is an element, so that those it is linked to do not count. */
type WriteFlat = (rows: FlatRows, entry: number, repetition: number, definition: number, alone: boolean) => void;
type Target = { readonly type: DataType; readonly built: Built; readonly path: Path; readonly placing: Placing };

/** `fields`: the writers of the table's fields, in the order of `type`. */
export function flatWriter(
  type: StructType,
  fields: readonly Built[],
  onMisfit: OnMisfit,
): (record: FlatRecord) => void {
  const write = fieldsWriter(type, fields, undefined, { onMisfit, repeats: true, texts: true });
  return ({ rows, entry }) => {
    write(rows, entry, 0, 0);
  };
}

function writerOf(target: Target): WriteFlat {
  const { type, built } = target;
  const general = byValue(target);
  switch (type.kind) {
    case "struct":
      return structWriter(target, type, general);
    case "array":
    case "set":
      return listWriter(target, type.element);
    case "choice":
      return choiceWriter(target, general);
    default:
      return built.column === undefined ? general : leafWriter(target, general);
  }
}

/** For every type and value. */
function byValue({ type, built, path, placing }: Target): WriteFlat {
  return (rows, entry, r, d, alone) => {
    built.write(
      entry === 0 ? null : placeValue(alone ? rows.value(entry) : rows.held(entry), type, path, placing),
      r,
      d,
    );
  };
}

const isOne = (rows: FlatRows, entry: number, alone: boolean): boolean =>
  entry !== 0 && (alone || rows.count(entry) === 1);

/** The tags whose values' numbers stand in a column of the type as they are. */
const NUMBERS: { readonly [K in DataType["kind"]]?: readonly number[] } = {
  int: [INT],
  long: [INT, LONG],
  double: [INT, LONG, DOUBLE],
};

function leafWriter({ type, built: { column, write } }: Target, general: WriteFlat): WriteFlat {
  const numbers = NUMBERS[type.kind] ?? [];
  const [first = -1, second = -1, third = -1] = numbers;
  const ofText = type.kind === "string";
  const ofTruth = type.kind === "boolean";
  return (rows, entry, r, d, alone) => {
    if (entry === 0) return write(null, r, d);
    if (!isOne(rows, entry, alone)) return general(rows, entry, r, d, alone);
    const tag = rows.tag(entry);
    if (tag === NULL) return write(null, r, d);
    // a text is what is there, whatever it spells
    if (ofText && tag !== STRUCT) return column?.putSpan(rows.bytes, rows.start(entry), rows.end(entry), r);
    const number = rows.number(entry);
    // what no number of JavaScript's holds has none
    if ((tag === first || tag === second || tag === third) && !Number.isNaN(number)) return write(number, r, d);
    if (ofTruth && tag === BOOLEAN) return write(number === 1, r, d);
    general(rows, entry, r, d, alone);
  };
}

function structWriter({ built, path, placing }: Target, type: StructType, general: WriteFlat): WriteFlat {
  const write = fieldsWriter(type, built.parts ?? [], path, placing);
  return (rows, entry, r, d, alone) => {
    if (isOne(rows, entry, alone) && rows.tag(entry) === STRUCT) write(rows, entry, r, d + 1);
    else general(rows, entry, r, d, alone);
  };
}

function fieldsWriter(
  type: StructType,
  fields: readonly Built[],
  path: Path,
  placing: Placing,
): (rows: FlatRows, entry: number, repetition: number, definition: number) => void {
  // a struct without fields has a column that stands for it
  if (type.fields.length === 0)
    return (_rows, _entry, r, d) => {
      for (const { write } of fields) write(null, r, d);
    };
  const writers = type.fields.map((field, i) => {
    const built = fields[i];
    if (built === undefined) throw new Error(`${field.name} has no columns`);
    return writerOf({ type: field.type, built, path: { above: path, name: field.name }, placing });
  });
  const byName = new Map(type.fields.map(({ name }, i) => [name, i]));
  /**
   * Of the fields of flat rows, by their index, which are of the reader that `known` is of: the number of the field
   * here, -1 for none.
   */
  let places: (number | undefined)[] = [];
  let known: FlatRows | undefined;
  const values = new Int32Array(writers.length);
  return (rows, entry, r, d) => {
    if (rows !== known) {
      places = [];
      known = rows;
    }
    values.fill(0);
    for (let first = rows.child(entry); first !== 0; first = rows.sibling(first)) {
      const field = rows.field(first);
      if (field === undefined) continue;
      const place = (places[field.index] ??= byName.get(field.name) ?? -1);
      if (place >= 0) values[place] = first;
    }
    for (let i = 0; i < writers.length; i++) writers[i]?.(rows, values[i] ?? 0, r, d, false);
  };
}

/** Null as a whole stays so; every other single value is a list of one. */
function listWriter({ built: { write, parts, place }, path, placing }: Target, type: DataType): WriteFlat {
  const [built] = parts ?? [];
  if (built === undefined) throw new Error("a list has no columns");
  const element = writerOf({ type, built, path: { above: path }, placing });
  return (rows, entry, r, d, alone) => {
    if (entry === 0 || (isOne(rows, entry, alone) && rows.tag(entry) === NULL)) return write(null, r, d);
    if (alone) return element(rows, entry, r, d + 2, true);
    element(rows, entry, r, d + 2, true);
    for (let next = rows.next(entry); next !== 0; next = rows.next(next))
      element(rows, next, place.repetition + 1, d + 2, true);
  };
}

/** A value whose own type is an arm goes there. */
function choiceWriter({ type, built, path, placing }: Target, general: WriteFlat): WriteFlat {
  if (type.kind !== "choice") return general;
  const parts = built.parts ?? [];
  const arms = new Int8Array(TAG_COUNT).fill(-1);
  const writers = type.choices.map((arm, i) => {
    const own = parts[i];
    for (const tag of [STRING, INT, LONG, DOUBLE, BOOLEAN, STRUCT]) if (TAGS[tag] === arm.kind) arms[tag] = i;
    return own === undefined ? general : writerOf({ type: arm, built: own, path, placing });
  });
  return (rows, entry, r, d, alone) => {
    const arm = isOne(rows, entry, alone) ? (arms[rows.tag(entry)] ?? -1) : -1;
    if (arm < 0) return general(rows, entry, r, d, alone);
    for (let i = 0; i < writers.length; i++) writers[i]?.(rows, i === arm ? entry : 0, r, d + 1, alone);
  };
}
