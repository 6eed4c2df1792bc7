/** The plan of layout "tables": a table for each domain, columns in the order of `flatDomains`. */
import type { DataType, StructType } from "../../types/data-type.js";
import { ID_COLUMN, INDEX_COLUMN, ROW_COLUMN, flatDomains } from "../domains.js";
import { leafType, type LeafType, type SchemaNode } from "./parquet-schema.js";
import { addColumn, addElement, addField, addValueColumn, newNode, unsupported, type PlanDraft } from "./plan-draft.js";
import type { PlanNode, ShredPlan } from "./plan.js";

type Table = {
  readonly domain: string;
  readonly domains: readonly number[];
  readonly schema: SchemaNode[];
  readonly columns: number[];
  named: number;
};
type Draft = PlanDraft & { readonly names: readonly string[]; readonly tables: Table[] };

/** Throws UNSUPPORTED_TYPE for a map. */
export function planTables(type: StructType): ShredPlan {
  const draft: Draft = { columns: [], domains: [], names: flatDomains(type).map(({ domain }) => domain), tables: [] };
  const root = newNode("");
  addValue(draft, type, root, addDomain(draft, undefined));
  const tables = draft.tables.map(({ domain, domains, schema, columns }) => ({ domain, domains, schema, columns }));
  return { columns: draft.columns, domains: draft.domains, root, tables };
}

function addDomain(draft: Draft, list: number | undefined): number {
  const domain = draft.domains.length;
  const name = draft.names[domain] ?? "";
  const table: Table = { domain: name, domains: [domain], schema: [], columns: [], named: 0 };
  draft.tables.push(table);
  const numbering = (column: string, kind: "int32" | "int64"): number => {
    table.schema.push({
      kind: "leaf",
      name: column,
      required: true,
      type: { physical: kind === "int32" ? "INT32" : "INT64" },
    });
    const index = addColumn(draft, kind, domain, []);
    table.columns.push(index);
    return index;
  };
  const row = numbering(ROW_COLUMN, "int64");
  const owner =
    list === undefined ? {} : { id: numbering(ID_COLUMN, "int64"), index: numbering(INDEX_COLUMN, "int32") };
  draft.domains.push({
    name,
    ...(list === undefined ? {} : { list }),
    numbering: { row, ...owner },
    level: 0,
    repetition: 0,
  });
  return domain;
}

function addValue(draft: Draft, type: DataType, node: PlanNode, domain: number): void {
  const plain = leafType(type);
  if (plain !== undefined) {
    addLeaf(draft, domain, plain, addValueColumn(draft, type, node, domain, []));
    return;
  }
  switch (type.kind) {
    case "struct":
      node.isStruct = true;
      for (const field of type.fields) addValue(draft, field.type, addField(node, field.name), domain);
      return;
    case "choice":
      for (const arm of type.choices) addValue(draft, arm, node, domain);
      return;
    case "array":
    case "set": {
      const key = addColumn(draft, "int64", domain, []);
      addLeaf(draft, domain, { physical: "INT64" }, key);
      const child = addDomain(draft, key);
      addValue(draft, type.element, addElement(node, key, child), child);
      return;
    }
    default:
      throw unsupported(node.path, type);
  }
}

function addLeaf(draft: Draft, domain: number, type: LeafType, column: number): void {
  const table = draft.tables[domain];
  table?.schema.push({ kind: "leaf", name: `c${table.named++}`, required: false, type });
  table?.columns.push(column);
}
