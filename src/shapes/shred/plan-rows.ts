/** The plan of JavaScript rows: the columns of each domain, and the tree by which they are put together again. */
import { assertNever, type DataType, type StructType } from "../../types/data-type.js";
import { leafType } from "./parquet-schema.js";
import { addColumn, addElement, addField, addValueColumn, newNode, unsupported, type PlanDraft } from "./plan-draft.js";
import type { PlanNode, ShredPlan } from "./plan.js";

/** A place in the records, with the columns that fill it. Indexes are those of the plan. */
export type RowPlace =
  | { readonly kind: "leaf"; readonly type: DataType; readonly column: number; readonly domain: number }
  | { readonly kind: "list"; readonly column: number; readonly domain: number; readonly element: RowPlace }
  | { readonly kind: "choice"; readonly domain: number; readonly arms: readonly { readonly arm: string; readonly place: RowPlace }[] }
  | RowStruct;
export type RowStruct = {
  readonly kind: "struct"; readonly domain: number;
  /** Presence; the records themselves have none. */
  readonly column?: number;
  /** `nulls`: presence of a null under the key. */
  readonly fields: readonly { readonly name: string; readonly place: RowPlace; readonly nulls: number }[];
};

/** Throws UNSUPPORTED_TYPE for a map. */
export function planRows(type: StructType): { readonly plan: ShredPlan; readonly records: RowStruct } {
  const draft: PlanDraft = { columns: [], domains: [{ name: "", level: 0, repetition: 0 }] };
  const root = newNode("");
  root.isStruct = true;
  const records: RowStruct = { kind: "struct", domain: 0, fields: fieldsOf(draft, type, root, 0) };
  return { plan: { columns: draft.columns, domains: draft.domains, root, tables: [] }, records };
}

function fieldsOf(draft: PlanDraft, type: StructType, node: PlanNode, domain: number): RowStruct["fields"] {
  return type.fields.map((field) => {
    const child = addField(node, field.name);
    const nulls = addColumn(draft, "presence", domain, []);
    child.slots.nulls = nulls;
    return { name: field.name, place: placeOf(draft, field.type, child, domain), nulls };
  });
}

function placeOf(draft: PlanDraft, type: DataType, node: PlanNode, domain: number): RowPlace {
  if (leafType(type) !== undefined) return { kind: "leaf", type, column: addValueColumn(draft, type, node, domain, []), domain };
  switch (type.kind) {
    case "struct": {
      const column = addColumn(draft, "presence", domain, []);
      node.slots.struct = column;
      node.isStruct = true;
      return { kind: "struct", domain, column, fields: fieldsOf(draft, type, node, domain) };
    }
    case "choice":
      return { kind: "choice", domain, arms: type.choices.map((arm) => ({ arm: arm.kind, place: placeOf(draft, arm, node, domain) })) };
    case "array":
    case "set": {
      const column = addColumn(draft, "list", domain, []);
      const elements = draft.domains.push({ name: `${node.path}[]`, list: column, level: 0, repetition: 0 }) - 1;
      return { kind: "list", column, domain, element: placeOf(draft, type.element, addElement(node, column, elements), elements) };
    }
    case "map":
      throw unsupported(node.path, type);
    case "binary": case "boolean": case "byte": case "date": case "double": case "float": case "int": case "long": case "null":
    case "short": case "string": case "timestamp": case "timestampntz": case "unknown": case "decimal": case "enum":
      throw new Error(`${type.kind} is a plain type`);
    default:
      return assertNever(type);
  }
}
