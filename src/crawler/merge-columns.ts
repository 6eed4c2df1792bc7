/** MergeNewColumns: what a table has stays, name and type; what is new comes after it, within structs too. */
import type { Column } from "../catalog/index.js";
import type { DataType } from "../types/data-type.js";
import { hiveType, parseHiveType } from "../types/hive.js";

export function mergeColumns(current: readonly Column[], found: readonly Column[]): readonly Column[] {
  const byName = new Map(found.map((column) => [column.Name, column]));
  const names = new Set(current.map(({ Name }) => Name));
  return [
    ...current.map((column) => grown(column, byName.get(column.Name))),
    ...found.filter(({ Name }) => !names.has(Name)),
  ];
}

function grown(column: Column, found: Column | undefined): Column {
  if (column.Type === undefined || found?.Type === undefined || column.Type === found.Type) return column;
  const [old, now] = [parsed(column.Type), parsed(found.Type)];
  if (old === undefined || now === undefined) return column;
  const merged = grow(old, now);
  return merged === old ? column : { ...column, Type: hiveType(merged) };
}

/** The old type itself when nothing was added. */
function grow(old: DataType, now: DataType): DataType {
  if (old.kind === "struct" && now.kind === "struct") {
    const fields = new Map(now.fields.map((field) => [field.name, field]));
    const names = new Set(old.fields.map(({ name }) => name));
    const kept = old.fields.map((field) => {
      const other = fields.get(field.name);
      const type = other === undefined ? field.type : grow(field.type, other.type);
      return type === field.type ? field : { ...field, type };
    });
    const added = now.fields.filter(({ name }) => !names.has(name));
    return added.length === 0 && kept.every((field, i) => field === old.fields[i])
      ? old
      : { ...old, fields: [...kept, ...added] };
  }
  if (old.kind === "array" && now.kind === "array") {
    const element = grow(old.element, now.element);
    return element === old.element ? old : { ...old, element };
  }
  if (old.kind === "map" && now.kind === "map") {
    const value = grow(old.value, now.value);
    return value === old.value ? old : { ...old, value };
  }
  return old;
}

/** A type that another tool wrote and that cannot be read stays as it is. */
function parsed(text: string): DataType | undefined {
  try {
    return parseHiveType(text);
  } catch {
    return undefined;
  }
}
