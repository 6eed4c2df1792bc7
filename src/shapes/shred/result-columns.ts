/**
 * What a write wants of records as they come: fields of theirs, or fields of structs in them, as the columns of one
 * Parquet file.
 */
import type { StructType } from "../../types/data-type.js";
import { physicalNames } from "../../types/physical.js";
import { leafType, type SchemaNode } from "./parquet-schema.js";
import type { PlanNode, ShredPlan } from "./plan.js";

export type ResultColumn = {
  /** Names from the record down. */
  readonly path: readonly string[];
  /** Widened from int, or as the record has it. */
  readonly kind: ResultKind;
};
export const RESULT_KINDS = ["boolean", "int", "long", "double", "string"] as const;
export type ResultKind = (typeof RESULT_KINDS)[number];

/** The columns of `type`, in the order of its fields. Plain data. */
export type WantedResult = { readonly columns: readonly ResultColumn[]; readonly type: StructType };

/** For the shredder: the plan's columns that have the values. Plain data, so that it can be sent to a worker. */
export type ResultPlan = {
  readonly schema: readonly SchemaNode[];
  readonly columns: readonly { readonly column: number; readonly wide: boolean }[];
};

/** Undefined where a column of the plan does not hold just what is wanted. */
export function planResult({ columns, type }: WantedResult, plan: ShredPlan): ResultPlan | undefined {
  const names = physicalNames(type);
  const found = columns.flatMap(({ path, kind }) => {
    const node = nodeAt(plan.root, path);
    const slots = node === undefined || node.isStruct || node.list !== undefined ? [] : Object.entries(node.slots);
    const [slot, column] = slots[0] ?? [];
    if (slots.length !== 1 || column === undefined || (slot !== kind && !(slot === "int" && kind === "long")))
      return [];
    return [{ column, wide: slot !== kind }];
  });
  const schema = type.fields.flatMap((field, i): SchemaNode[] => {
    const leaf = leafType(field.type);
    return leaf === undefined ? [] : [{ kind: "leaf", name: names[i] ?? field.name, required: false, type: leaf }];
  });
  return found.length === columns.length && schema.length === columns.length && columns.length > 0
    ? { schema, columns: found }
    : undefined;
}

const nodeAt = (root: PlanNode, path: readonly string[]): PlanNode | undefined =>
  path.reduce<PlanNode | undefined>((node, name) => node?.fields.find((field) => field.name === name)?.node, root);
