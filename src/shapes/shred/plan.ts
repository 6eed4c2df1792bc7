/**
 * What a shredder has to build for a type and a layout: the columns it fills, the tree of positions it reads by, and
 * the schema of each staged file. Plain data, posted to workers; pure.
 */
import type { SchemaNode } from "./parquet-schema.js";

/** Numbered as in `ColumnKind` of wasm/shred-columns.ts. */
export const COLUMN_KINDS = [
  "presence",
  "boolean",
  "int32",
  "int64",
  "double",
  "float",
  "decimal",
  "string",
  "list",
] as const;
/** Numbered as in `Slot` of wasm/shred-nodes.ts. */
export const SLOTS = [
  "boolean",
  "int",
  "long",
  "decimal",
  "double",
  "float",
  "string",
  "date",
  "timestamp",
  "list",
  "choice",
  "struct",
  "nulls",
] as const;

export type ColumnKind = (typeof COLUMN_KINDS)[number];
export type Slot = (typeof SLOTS)[number];

export type PlanColumn = {
  readonly kind: ColumnKind;
  readonly domain: number;
  /**
   * Presence columns of the structs and choices around it in its domain, outermost first; empty in the layout "tables".
   */
  readonly chain: readonly number[];
  /** Range of an int32; precision and scale of a decimal. */
  readonly limits?: readonly [number, number];
};

export type PlanNode = {
  /** Path of the position in the records, for messages. */
  readonly path: string;
  readonly slots: { [S in Slot]?: number };
  isStruct: boolean;
  readonly fields: { readonly name: string; readonly node: PlanNode }[];
  list?: { readonly column: number; readonly domain: number; readonly element: PlanNode };
};

export type PlanDomain = {
  /** As in `Domain.domain`. */
  readonly name: string;
  /** The list whose elements are its rows. */
  readonly list?: number;
  readonly numbering?: { readonly row: number; readonly id?: number; readonly index?: number };
  readonly level: number;
  readonly repetition: number;
};

/** One kind of staged file. */
export type PlanTable = {
  readonly domain: string;
  /** Domains whose columns it holds, its rows' domain first and parents before children. */
  readonly domains: readonly number[];
  readonly schema: readonly SchemaNode[];
  /** A column for each leaf of the schema, in its order. */
  readonly columns: readonly number[];
};

export type ShredPlan = {
  readonly columns: readonly PlanColumn[];
  readonly domains: readonly PlanDomain[];
  readonly root: PlanNode;
  readonly tables: readonly PlanTable[];
  /** All records are valid and name no key twice: values that no column wants are passed over without a look inside. */
  readonly sound?: true;
};

/** Columns that hold row numbers, each with the domain whose rows they number; none in the layout "nested". */
export function keyDomains(plan: ShredPlan): ReadonlyMap<number, number> {
  const keys = new Map<number, number>();
  plan.domains.forEach(({ numbering, list }, domain) => {
    if (numbering === undefined) return;
    keys.set(numbering.row, domain);
    const parent = list === undefined ? undefined : plan.columns[list]?.domain;
    if (parent === undefined || list === undefined) return;
    keys.set(list, parent);
    if (numbering.id !== undefined) keys.set(numbering.id, parent);
  });
  return keys;
}
