import {
  arm,
  caseWhen,
  field,
  inputOf,
  isNull,
  materialize,
  not,
  nullOf,
  number,
  project,
  unnest,
} from "../../plan/ir/build.js";
import type { NamedScalar, Relation } from "../../plan/ir/relation.js";
import type { Scalar } from "../../plan/ir/scalar.js";
import { distinctNames } from "./unnest.js";

/** Working columns: a control character keeps them apart from any field of the data. */
const KEY = "\u0001key";
const INDEX = "\u0001index";
const ELEMENT = "\u0001element";
const LIST = "\u0001list";

/** A list column found while flattening: its flattened name, and the list itself. */
type Call = { readonly id: string; readonly start: number };
type ListColumn = { readonly name: string; readonly list: Scalar };

/**
 * `relationalize(root)`: the root table and one table per list, keyed by name (docs/sources.md#methods). Structs
 * flatten with dots; a list column becomes a long key, null for a null list; its child table has `id` (the key),
 * `index` (int, from 0) and the value columns `<list>.val…`. Keys are unique in their table and count from `start`. An
 * unresolved choice becomes a column per arm, `name_type` (decision 0010). All tables read one materialised parent, so
 * keys agree across separate reads.
 */
export function relationalize(input: Relation, rootName: string, id: string, start = 1): ReadonlyMap<string, Relation> {
  const tables = new Map<string, Relation>();
  const numbered = materialize(number(input, KEY, start), `${id}/${rootName}`);
  const record = inputOf(numbered);
  const lists: ListColumn[] = [];
  const fields = input.type.fields.flatMap(({ name }) => flatten(field(record, name), name, field(record, KEY), lists));
  tables.set(rootName, project(numbered, distinctNames(fields)));
  for (const column of lists) addChild(tables, numbered, column, `${rootName}_${column.name}`, { id, start });
  return tables;
}

function addChild(
  tables: Map<string, Relation>,
  parent: Relation,
  { name, list }: ListColumn,
  tableName: string,
  call: Call,
): void {
  const lean = project(parent, [
    { name: KEY, value: field(inputOf(parent), KEY) },
    { name: LIST, value: list },
  ]);
  const rows = renamedKey(unnest(lean, field(inputOf(lean), LIST), [KEY], INDEX, ELEMENT));
  const numbered = materialize(number(rows, KEY, call.start), `${call.id}/${tableName}`);
  const row = inputOf(numbered);
  const lists: ListColumn[] = [];
  const columns = flatten(field(row, ELEMENT), `${name}.val`, field(row, KEY), lists);
  tables.set(
    tableName,
    project(
      numbered,
      distinctNames([
        { name: "id", value: field(row, PARENT) },
        { name: "index", value: field(row, INDEX) },
        ...columns,
      ]),
    ),
  );
  for (const column of lists)
    addChild(tables, numbered, column, `${tableName.slice(0, tableName.length - name.length)}${column.name}`, call);
}

const PARENT = "\u0001parent";

function renamedKey(unnested: Relation): Relation {
  const row = inputOf(unnested);
  return project(unnested, [
    { name: PARENT, value: field(row, KEY) },
    { name: INDEX, value: field(row, INDEX) },
    { name: ELEMENT, value: field(row, ELEMENT) },
  ]);
}

/** Columns of a value under `name`; lists are collected with the key column that stands for them. */
function flatten(value: Scalar, name: string, key: Scalar, lists: ListColumn[]): NamedScalar[] {
  const { type } = value;
  switch (type.kind) {
    case "struct":
      return type.fields.flatMap((f) => flatten(field(value, f.name), `${name}.${f.name}`, key, lists));
    case "choice":
      return type.choices.flatMap((member) => flatten(arm(value, member.kind), `${name}_${member.kind}`, key, lists));
    case "array":
      lists.push({ name, list: value });
      return [{ name, value: caseWhen(not(isNull(value)), key, nullOf(key.type)) }];
    default:
      return [{ name, value }];
  }
}
