/** A plan in the making: what the planners of both layouts share. */
import { assertNever, type DataType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { fieldPath } from "../../types/path.js";
import type { ColumnKind, PlanColumn, PlanDomain, PlanNode, Slot } from "./plan.js";

export type PlanDraft = { readonly columns: PlanColumn[]; readonly domains: PlanDomain[] };

type Limits = readonly [number, number];

export const newNode = (path: string): PlanNode => ({ path, slots: {}, isStruct: false, fields: [] });

/** Adds a column; its index. */
export function addColumn(
  draft: PlanDraft,
  kind: ColumnKind,
  domain: number,
  chain: readonly number[],
  limits?: Limits,
): number {
  return draft.columns.push({ kind, domain, chain, ...(limits === undefined ? {} : { limits }) }) - 1;
}

/** Adds the column of a plain type; of two arms for one slot (byte and int), the wider one gets the values. */
export function addValueColumn(
  draft: PlanDraft,
  type: DataType,
  node: PlanNode,
  domain: number,
  chain: readonly number[],
): number {
  const slot = slotOf(type);
  if (slot === undefined) return addColumn(draft, "presence", domain, chain);
  const column = addColumn(draft, slot.kind, domain, chain, slot.limits);
  const rival = node.slots[slot.slot];
  if (rival === undefined || (draft.columns[rival]?.limits?.[1] ?? Infinity) < (slot.limits?.[1] ?? Infinity))
    node.slots[slot.slot] = column;
  return column;
}

/** Adds the field of that name to a struct. */
export function addField(node: PlanNode, name: string): PlanNode {
  const child = newNode(fieldPath(node.path, name));
  node.fields.push({ name, node: child });
  return child;
}

/**
 * Makes `node` a list, unless the choice has a list arm already (array and set), which then gets the values; the
 * element.
 */
export function addElement(node: PlanNode, column: number, domain: number): PlanNode {
  const element = newNode(`${node.path}[]`);
  node.list ??= { column, domain, element };
  return element;
}

export function unsupported(path: string, type: DataType): DynaframeError {
  return new DynaframeError("UNSUPPORTED_TYPE", `text cannot be staged as ${type.kind}: ${path}`, {
    path,
    found: type.kind,
    hint: "read it as a struct",
  });
}

function slotOf(
  type: DataType,
): { readonly slot: Slot; readonly kind: ColumnKind; readonly limits?: Limits } | undefined {
  switch (type.kind) {
    case "boolean":
      return { slot: "boolean", kind: "boolean" };
    case "byte":
      return { slot: "int", kind: "int32", limits: [-128, 127] };
    case "short":
      return { slot: "int", kind: "int32", limits: [-32768, 32767] };
    case "int":
      return { slot: "int", kind: "int32" };
    case "long":
      return { slot: "long", kind: "int64" };
    case "double":
      return { slot: "double", kind: "double" };
    case "float":
      return { slot: "float", kind: "float" };
    case "decimal":
      return { slot: "decimal", kind: "decimal", limits: [type.precision, type.scale] };
    case "string":
    case "enum":
      return { slot: "string", kind: "string" };
    case "date":
      return { slot: "date", kind: "int32" };
    case "timestamp":
    case "timestampntz":
      return { slot: "timestamp", kind: "int64" };
    // no text has these types
    case "binary":
    case "null":
    case "unknown":
    case "array":
    case "set":
    case "map":
    case "struct":
    case "choice":
      return undefined;
    default:
      return assertNever(type);
  }
}
