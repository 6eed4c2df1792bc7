/** The exact frame type that a ledger proves. */
import { ATOMIC_TYPES } from "../types/atomic-type.js";
import {
  NULL,
  STRING,
  UNKNOWN,
  array,
  choice,
  decimal,
  field,
  map,
  struct,
  type DataType,
  type StructType,
} from "../types/data-type.js";
import { TAGS } from "./ledger.js";
import type { Ledger, LedgerNode, Tag } from "./ledger.js";
import { listNode } from "./list-node.js";

/** Digits a decimal can hold. */
const MAX_PRECISION = 38;

/** The type of the records; a struct without fields when there are none. */
export function ledgerType(ledger: Pick<Ledger, "root">): StructType {
  return structOfNode(ledger.root);
}

/**
 * The type of a path: one type, or a choice of all types seen. Null gives way to any other; alone it is `null`. A path
 * that was never seen, such as the element of arrays that were all empty, is `unknown`.
 */
export function typeOfNode(node: LedgerNode | undefined): DataType {
  if (node === undefined) return UNKNOWN;
  if (node.repeated && node.tags.array) return typeOfNode(listNode(node));
  const types = new Map<string, DataType>();
  for (const tag of TAGS) {
    if (tag === "null" || !node.tags[tag]) continue;
    const type = typeOfTag(tag, node);
    types.set(type.kind, type);
  }
  const [only, ...others] = types.values();
  if (only === undefined) return node.tags.null ? NULL : UNKNOWN;
  return others.length === 0 ? only : choice([only, ...others]);
}

function typeOfTag(tag: Exclude<Tag, "null">, node: LedgerNode): DataType {
  switch (tag) {
    case "bigint":
    case "decimal":
      return decimalOf(node);
    case "struct":
      return structOfNode(node);
    case "array":
      return array(typeOfNode(node.element));
    case "map":
      return map(typeOfNode(node.values ?? node.element));
    default:
      return ATOMIC_TYPES[tag];
  }
}

/**
 * Integers past 64 bits and declared decimals share the decimal arm. Where 38 digits do not hold them all they are
 * texts, as an integer past 38 digits is.
 */
function decimalOf(node: LedgerNode): DataType {
  const declared = node.tags.decimal && node.decimal;
  if (!declared) return decimal(MAX_PRECISION, 0);
  const whole = node.tags.bigint ? MAX_PRECISION : Math.min(MAX_PRECISION, declared.precision - declared.scale);
  return whole + declared.scale > MAX_PRECISION ? STRING : decimal(Math.max(1, whole + declared.scale), declared.scale);
}

function structOfNode(node: LedgerNode): StructType {
  return struct(node.fields.map(({ name, node: child }) => field(name, typeOfNode(child))));
}
