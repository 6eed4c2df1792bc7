/** The plan of JavaScript rows: the columns of each domain, and the tree by which they are put together again. */
import { assertNever, type DataType, type Field, type StructType } from "../../types/data-type.js";
import { recordPlaces } from "./batch-writer.js";
import { leafType } from "./parquet-schema.js";
import { addColumn, addElement, addField, addValueColumn, newNode, unsupported, type PlanDraft } from "./plan-draft.js";
import type { PlanNode, ShredPlan } from "./plan.js";

/** A place in the records, with the columns that fill it. Indexes are those of the plan. */
export type RowPlace =
  | { readonly kind: "leaf"; readonly type: DataType; readonly column: number; readonly domain: number }
  | { readonly kind: "list"; readonly column: number; readonly domain: number; readonly element: RowPlace }
  | {
      readonly kind: "choice";
      readonly domain: number;
      readonly arms: readonly { readonly arm: string; readonly place: RowPlace }[];
    }
  | RowStruct;
export type RowStruct = {
  readonly kind: "struct";
  readonly domain: number;
  /** Presence; the records themselves have none. */
  readonly column?: number;
  /** `nulls`: presence of a null under the key. */
  readonly fields: readonly { readonly name: string; readonly place: RowPlace; readonly nulls: number }[];
};

/**
 * `leaves`: by field, its columns in the order of the schema; where there are pages, which the plan's table has in the
 * same order.
 */
export type RowsPlan = {
  readonly plan: ShredPlan;
  readonly records: RowStruct;
  readonly leaves: readonly (readonly number[])[];
};

type Draft = PlanDraft & { readonly leaves: number[]; readonly withPages: boolean };
/** Rows of which domain, and the presence columns around the place there. */
type Around = { readonly domain: number; readonly chain: readonly number[] };

/** With pages, columns can be written as they are: see `planNested`. Throws UNSUPPORTED_TYPE for a map. */
export function planRows(type: StructType, { withPages = false }: { readonly withPages?: boolean } = {}): RowsPlan {
  const draft: Draft = { columns: [], domains: [{ name: "", level: 0, repetition: 0 }], leaves: [], withPages };
  const root = newNode("");
  const leaves: (readonly number[])[] = [];
  root.isStruct = true;
  const fields = type.fields.map((f) => {
    const before = draft.leaves.length;
    const made = fieldOf(draft, f, root, { domain: 0, chain: [] });
    leaves.push(draft.leaves.slice(before));
    return made;
  });
  const tables = withPages
    ? [
        {
          domain: "",
          domains: draft.domains.map((_, i) => i),
          schema: recordPlaces(type).schema,
          columns: draft.leaves,
        },
      ]
    : [];
  return {
    plan: { columns: draft.columns, domains: draft.domains, root, tables },
    records: { kind: "struct", domain: 0, fields },
    leaves,
  };
}

function fieldOf(draft: Draft, { name, type }: Field, node: PlanNode, around: Around): RowStruct["fields"][number] {
  const child = addField(node, name);
  const nulls = addColumn(draft, "presence", around.domain, []);
  child.slots.nulls = nulls;
  return { name, place: placeOf(draft, type, child, around), nulls };
}

function placeOf(draft: Draft, type: DataType, node: PlanNode, around: Around): RowPlace {
  const { domain, chain } = around;
  if (leafType(type) !== undefined) {
    const column = addValueColumn(draft, type, node, domain, chain);
    draft.leaves.push(column);
    return { kind: "leaf", type, column, domain };
  }
  switch (type.kind) {
    case "struct": {
      const column = addColumn(draft, "presence", domain, chain);
      const inside = { domain, chain: [...chain, column] };
      node.slots.struct = column;
      node.isStruct = true;
      // a struct without fields has one column, always null
      if (type.fields.length === 0 && draft.withPages)
        draft.leaves.push(addColumn(draft, "presence", domain, inside.chain));
      return { kind: "struct", domain, column, fields: type.fields.map((f) => fieldOf(draft, f, node, inside)) };
    }
    case "choice": {
      const presence = draft.withPages ? [addColumn(draft, "presence", domain, chain)] : [];
      const inside = { domain, chain: [...chain, ...presence] };
      if (presence[0] !== undefined) node.slots.choice = presence[0];
      return {
        kind: "choice",
        domain,
        arms: type.choices.map((arm) => ({ arm: arm.kind, place: placeOf(draft, arm, node, inside) })),
      };
    }
    case "array":
    case "set": {
      const column = addColumn(draft, "list", domain, chain);
      const { level = 0, repetition = 0 } = draft.domains[domain] ?? {};
      const elements =
        draft.domains.push({
          name: `${node.path}[]`,
          list: column,
          level: level + chain.length + 2,
          repetition: repetition + 1,
        }) - 1;
      return {
        kind: "list",
        column,
        domain,
        element: placeOf(draft, type.element, addElement(node, column, elements), { domain: elements, chain: [] }),
      };
    }
    case "map":
      throw unsupported(node.path, type);
    case "binary":
    case "boolean":
    case "byte":
    case "date":
    case "double":
    case "float":
    case "int":
    case "long":
    case "null":
    case "short":
    case "string":
    case "timestamp":
    case "timestampntz":
    case "unknown":
    case "decimal":
    case "enum":
      throw new Error(`${type.kind} is a plain type`);
    default:
      return assertNever(type);
  }
}
