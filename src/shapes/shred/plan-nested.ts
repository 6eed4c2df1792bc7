/** The plan of layout "nested": one table of records; presence columns say which structs and choices are there. */
import type { DataType, StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { EMPTY_STRUCT_FIELD, physicalNames } from "../../types/physical.js";
import { leafType, type LeafType, type SchemaNode } from "./parquet-schema.js";
import { addColumn, addElement, addField, addValueColumn, newNode, unsupported, type PlanDraft } from "./plan-draft.js";
import type { PlanNode, ShredPlan } from "./plan.js";

type Draft = PlanDraft & { readonly leaves: number[] };
/** A place in the records: rows of which domain, and the presence columns around it there. */
type Place = { readonly domain: number; readonly chain: readonly number[] };

/** DuckDB keeps levels in a byte. */
const MAX_LEVEL = 250;
/** DuckDB's Parquet reader takes twice the time for each list in a list: 20 levels take a second, 30 many minutes. */
const MAX_LISTS = 20;

/** Throws UNSUPPORTED_TYPE for a map, and for types nested deeper than Parquet readers can follow. */
export function planNested(type: StructType): ShredPlan {
  const draft: Draft = { columns: [], domains: [{ name: "", level: 0, repetition: 0 }], leaves: [] };
  const root = newNode("");
  const schema = fieldsOf(draft, type, root, { domain: 0, chain: [] });
  const table = { domain: "", domains: draft.domains.map((_, i) => i), schema, columns: draft.leaves };
  return { columns: draft.columns, domains: draft.domains, root, tables: [table] };
}

function fieldsOf(draft: Draft, type: StructType, node: PlanNode, place: Place): readonly SchemaNode[] {
  node.isStruct = true;
  if (type.fields.length === 0)
    return [
      leaf(
        draft,
        EMPTY_STRUCT_FIELD,
        { physical: "INT32" },
        addColumn(draft, "presence", place.domain, place.chain),
        node.path,
      ),
    ];
  const names = physicalNames(type);
  return type.fields.map((field, i) =>
    schemaOf(draft, field.type, addField(node, field.name), place, names[i] ?? field.name),
  );
}

function schemaOf(draft: Draft, type: DataType, node: PlanNode, place: Place, name: string): SchemaNode {
  const plain = leafType(type);
  if (plain !== undefined)
    return leaf(draft, name, plain, addValueColumn(draft, type, node, place.domain, place.chain), node.path);
  switch (type.kind) {
    case "struct":
      return { kind: "group", name, children: fieldsOf(draft, type, node, within(draft, node, "struct", place)) };
    case "choice": {
      const inside = within(draft, node, "choice", place);
      return { kind: "group", name, children: type.choices.map((arm) => schemaOf(draft, arm, node, inside, arm.kind)) };
    }
    case "array":
    case "set": {
      const list = addColumn(draft, "list", place.domain, place.chain);
      const domain = addDomain(draft, list, place, node.path);
      return {
        kind: "list",
        name,
        element: schemaOf(draft, type.element, addElement(node, list, domain), { domain, chain: [] }, "element"),
      };
    }
    default:
      throw unsupported(node.path, type);
  }
}

/** Adds the presence column of a struct or choice; the place inside. */
function within(draft: Draft, node: PlanNode, slot: "struct" | "choice", { domain, chain }: Place): Place {
  const presence = addColumn(draft, "presence", domain, chain);
  node.slots[slot] = presence;
  return { domain, chain: [...chain, presence] };
}

function addDomain(draft: Draft, list: number, { domain, chain }: Place, path: string): number {
  const { level = 0, repetition = 0 } = draft.domains[domain] ?? {};
  const child = { name: `${path}[]`, list, level: level + chain.length + 2, repetition: repetition + 1 };
  checkLists(child.repetition, path);
  checkLevel(child.level, path);
  return draft.domains.push(child) - 1;
}

function leaf(draft: Draft, name: string, type: LeafType, column: number, path: string): SchemaNode {
  const { domain = 0, chain = [] } = draft.columns[column] ?? {};
  checkLevel((draft.domains[domain]?.level ?? 0) + chain.length + 1, path);
  draft.leaves.push(column);
  return { kind: "leaf", name, required: false, type };
}

/** Throws UNSUPPORTED_TYPE for more lists in each other than Parquet readers follow in good time. */
export function checkLists(lists: number, path: string): void {
  if (lists > MAX_LISTS) throw tooDeep(path, `at most ${MAX_LISTS} lists in each other`);
}

/** Throws UNSUPPORTED_TYPE for a definition level that Parquet readers cannot hold. */
export function checkLevel(level: number, path: string): void {
  if (level > MAX_LEVEL) throw tooDeep(path, `at most ${MAX_LEVEL} levels`);
}

const tooDeep = (path: string, expected: string): DynaframeError =>
  new DynaframeError("UNSUPPORTED_TYPE", `values nest too deep to be staged: ${path.slice(0, 200)}…`, {
    path,
    expected,
    hint: "Use relationalize, whose tables are flat.",
  });
