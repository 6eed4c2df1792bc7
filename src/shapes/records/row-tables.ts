/** Rows in arms form cut into the columns of staged tables, in both layouts of docs/decisions/0003. */
import type { ArrayType, ChoiceType, DataType, SetType, StructType } from "../../types/data-type.js";
import { fieldPath } from "../../types/path.js";
import { EMPTY_STRUCT_FIELD, physicalNames } from "../../types/physical.js";
import { ArmValue, getField, type Row, type Value } from "../../types/value.js";
import { ID_COLUMN, INDEX_COLUMN, ROW_COLUMN, flatDomains } from "../domains.js";
import { leafType, type LeafType, type SchemaNode } from "../shred/parquet-schema.js";
import { checkLevel, checkLists } from "../shred/plan-nested.js";
import { LeafColumn } from "./leaf-column.js";

/** A table to be written: columns in the order of the schema's leaves. `pending`: rows in the columns. */
export type RowTable = {
  readonly domain: string;
  readonly schema: readonly SchemaNode[];
  readonly columns: readonly LeafColumn[];
  pending: number;
};
type RowTables = { readonly tables: readonly RowTable[]; readonly add: (row: Row) => void };

type Write = (value: Value, repetition: number, definition: number) => void;
/**
 * How a value of some type is written: into one column, or by the writers of its parts: fields, arms, or the elements.
 */
export type Built = {
  readonly schema: SchemaNode;
  readonly write: Write;
  readonly column?: LeafColumn;
  readonly parts?: readonly Built[];
  readonly place: Place;
};
/** Levels at a place, and its path for messages. */
type Place = { readonly repetition: number; readonly definition: number; readonly path: string };

/**
 * One table of records, nested, with the writers of its fields.
 * @throws UNSUPPORTED_TYPE for types nested deeper than Parquet readers can follow.
 */
export function nestedTable(type: StructType): {
  readonly table: RowTable;
  readonly fields: readonly Built[];
  readonly add: RowTables["add"];
} {
  const columns: LeafColumn[] = [];
  const fields = buildFields(type, { repetition: 0, definition: 0, path: "" }, columns);
  const table: RowTable = { domain: "", schema: fields.map(({ schema }) => schema), columns, pending: 0 };
  return {
    table,
    fields,
    add(row) {
      table.pending++;
      writeFields(fields, type, row, 0, 0);
    },
  };
}

function buildFields(type: StructType, place: Place, columns: LeafColumn[]): readonly Built[] {
  if (type.fields.length === 0) return [buildLeaf(EMPTY_STRUCT_FIELD, { physical: "INT32" }, place, columns)];
  const names = physicalNames(type);
  return type.fields.map((f, i) =>
    build(f.type, names[i] ?? f.name, { ...place, path: fieldPath(place.path, f.name) }, columns),
  );
}

function writeFields(
  fields: readonly Built[],
  type: StructType,
  row: Row | undefined,
  repetition: number,
  definition: number,
): void {
  for (let i = 0; i < fields.length; i++) {
    const name = type.fields[i]?.name;
    fields[i]?.write(row === undefined || name === undefined ? null : getField(row, name), repetition, definition);
  }
}

function buildLeaf(name: string, type: LeafType, place: Place, columns: LeafColumn[], required = false): Built {
  const definition = place.definition + (required ? 0 : 1);
  checkLevel(definition, place.path);
  const column = new LeafColumn(type, place.repetition, definition);
  columns.push(column);
  return {
    schema: { kind: "leaf", name, required, type },
    column,
    place,
    write: (value, repetition, level) => column.put(value, repetition, level),
  };
}

function build(type: DataType, name: string, place: Place, columns: LeafColumn[]): Built {
  const plain = leafType(type);
  if (plain !== undefined) return buildLeaf(name, plain, place, columns);
  const inside = { ...place, definition: place.definition + 1 };
  switch (type.kind) {
    case "struct": {
      const fields = buildFields(type, inside, columns);
      const write: Write = (value, r, d) =>
        isMissing(value)
          ? writeFields(fields, type, undefined, r, d)
          : writeFields(fields, type, value as Row, r, d + 1);
      return {
        schema: { kind: "group", name, children: fields.map(({ schema }) => schema) },
        parts: fields,
        place,
        write,
      };
    }
    case "choice":
      return { ...buildChoice(type, name, inside, columns), place };
    case "array":
    case "set": {
      const element = build(type.element, "element", repeated(place), columns);
      return {
        schema: { kind: "list", name, element: element.schema },
        parts: [element],
        place,
        write: writeItems(
          (item, r, d) => element.write(item, r, d),
          place,
          (value) => value as readonly Value[],
        ),
      };
    }
    case "map": {
      const below = repeated(place);
      const key = buildLeaf("key", { physical: "BYTE_ARRAY", converted: "UTF8" }, below, columns, true);
      const entry = build(type.value, "value", below, columns);
      const write: Write = (item, r, d) => {
        const [name_, value] = (item ?? [null, null]) as readonly [Value, Value];
        key.write(name_, r, d);
        entry.write(value, r, d);
      };
      return {
        schema: { kind: "map", name, value: entry.schema },
        place,
        write: writeItems(write, place, (value) => [...(value as ReadonlyMap<string, Value>)]),
      };
    }
    default:
      throw new Error(`${type.kind} is a plain type`);
  }
}

function buildChoice(type: ChoiceType, name: string, inside: Place, columns: LeafColumn[]): Omit<Built, "place"> {
  const arms = type.choices.map((arm) => ({ kind: arm.kind, ...build(arm, arm.kind, inside, columns) }));
  return {
    schema: { kind: "group", name, children: arms.map(({ schema }) => schema) },
    parts: arms,
    write(value, r, d) {
      const held = value instanceof ArmValue ? value : undefined;
      for (const { kind, write } of arms) write(held?.arm === kind ? held.value : null, r, held ? d + 1 : d);
    },
  };
}

function repeated(place: Place): Place {
  const below = { repetition: place.repetition + 1, definition: place.definition + 2, path: `${place.path}[]` };
  checkLists(below.repetition, place.path);
  checkLevel(below.definition, place.path);
  return below;
}

/** An optional list of items: null, empty, or one by one, all but the first at the list's own repetition level. */
function writeItems(write: Write, place: Place, itemsOf: (value: Value) => readonly Value[]): Write {
  return (value, r, d) => {
    if (isMissing(value)) return write(null, r, d);
    const items = itemsOf(value);
    if (items.length === 0) return write(null, r, d + 1);
    items.forEach((item, i) => write(item, i === 0 ? r : place.repetition + 1, d + 2));
  };
}

const isMissing = (value: Value): value is null | undefined => value === null || value === undefined;

/** A flat table per domain; rows count from 1. @throws UNSUPPORTED_TYPE for a map. */
export function domainTables(type: StructType): RowTables {
  const names = flatDomains(type).map(({ domain }) => domain);
  const tables: RowTable[] = [];
  const writeRow = buildDomain(type, names, tables, true);
  return { tables, add: (row) => writeRow(row, 0, 0) };
}

type WriteRow = (value: Value, owner: number, index: number) => void;

function buildDomain(type: DataType, names: readonly string[], tables: RowTable[], root: boolean): WriteRow {
  const schema: SchemaNode[] = [];
  const columns: LeafColumn[] = [];
  const table: RowTable = { domain: names[tables.length] ?? "", schema, columns, pending: 0 };
  tables.push(table);
  const addColumn = (name: string, leaf: LeafType, required: boolean): LeafColumn => {
    const column = new LeafColumn(leaf, 0, required ? 0 : 1);
    schema.push({ kind: "leaf", name, required, type: leaf });
    columns.push(column);
    return column;
  };
  const numbers = {
    row: addColumn(ROW_COLUMN, { physical: "INT64" }, true),
    ...(root
      ? {}
      : {
          id: addColumn(ID_COLUMN, { physical: "INT64" }, true),
          index: addColumn(INDEX_COLUMN, { physical: "INT32" }, true),
        }),
  };
  let named = 0;
  const writeValue = buildFlat(type, {
    add: (leaf) => addColumn(`c${named++}`, leaf, false),
    child: (element) => buildDomain(element, names, tables, false),
  });
  let rows = 0;
  return (value, owner, index) => {
    const row = ++rows;
    table.pending++;
    numbers.row.put(row);
    numbers.id?.put(owner);
    numbers.index?.put(index);
    writeValue(value, row);
  };
}

type Domain = { readonly add: (leaf: LeafType) => LeafColumn; readonly child: (element: DataType) => WriteRow };
type WriteFlat = (value: Value, row: number) => void;

function buildFlat(type: DataType, domain: Domain): WriteFlat {
  const plain = leafType(type);
  if (plain !== undefined) {
    const column = domain.add(plain);
    return (value) => column.put(value);
  }
  switch (type.kind) {
    case "struct": {
      const fields = type.fields.map((f) => ({ name: f.name, write: buildFlat(f.type, domain) }));
      return (value, row) => {
        for (const { name, write } of fields) write(isMissing(value) ? null : getField(value as Row, name), row);
      };
    }
    case "choice": {
      const arms = type.choices.map((arm) => ({ kind: arm.kind, write: buildFlat(arm, domain) }));
      return (value, row) => {
        for (const { kind, write } of arms)
          write(value instanceof ArmValue && value.arm === kind ? value.value : null, row);
      };
    }
    case "array":
    case "set":
      return buildFlatList(type, domain);
    default:
      throw new Error(`${type.kind} has no flat form`);
  }
}

function buildFlatList({ element }: ArrayType | SetType, domain: Domain): WriteFlat {
  const key = domain.add({ physical: "INT64" });
  const writeRow = domain.child(element);
  return (value, row) => {
    key.put(isMissing(value) ? null : row);
    if (!isMissing(value)) (value as readonly Value[]).forEach((item, i) => writeRow(item, row, i));
  };
}
