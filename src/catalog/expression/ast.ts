/** What a GetPartitions expression says, before and after its keys and literals are checked against a table. */
import type { CompareOp } from "../compare-op.js";
import type { KeyFamily, KeyValue } from "./key-type.js";

/** As parsed. Literals are the texts as written, whether quoted or not: the key's type decides what they are. */
export type PartitionExpression =
  | { readonly kind: "compare"; readonly key: string; readonly op: CompareOp; readonly literal: string }
  | { readonly kind: "in"; readonly key: string; readonly literals: readonly string[] }
  | { readonly kind: "between"; readonly key: string; readonly low: string; readonly high: string }
  | { readonly kind: "like"; readonly key: string; readonly pattern: string }
  | { readonly kind: "isNull"; readonly key: string }
  | { readonly kind: "not"; readonly term: PartitionExpression }
  | { readonly kind: "and" | "or"; readonly terms: readonly PartitionExpression[] };

/** A key by its position, and how its values compare. */
export type BoundKey = { readonly index: number; readonly family: KeyFamily };

/** Bound to the keys of a table: every literal has the key's type. */
export type BoundExpression =
  | { readonly kind: "compare"; readonly key: BoundKey; readonly op: CompareOp; readonly value: KeyValue }
  | { readonly kind: "in"; readonly key: BoundKey; readonly values: readonly KeyValue[] }
  | { readonly kind: "between"; readonly key: BoundKey; readonly low: KeyValue; readonly high: KeyValue }
  | { readonly kind: "like"; readonly key: BoundKey; readonly pattern: string }
  | { readonly kind: "isNull"; readonly key: BoundKey }
  | { readonly kind: "not"; readonly term: BoundExpression }
  | { readonly kind: "and" | "or"; readonly terms: readonly BoundExpression[] };
