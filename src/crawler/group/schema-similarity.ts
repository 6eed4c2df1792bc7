/** How alike two folders' schemas are, 0 to 1. The formula is ours: docs/decisions/0006. Pure. */
import type { ChoiceType, DataType, StructType } from "../../types/data-type.js";
import { sameType } from "../../types/same-type.js";

/** What a column of the same name and another type counts: names make a schema, a changed type is drift within it. */
const SAME_NAME = 0.9;
/** Made-up names (`col0`) say nothing: only the types speak. */
const SAME_POSITION = 0;

export type SimilarityOptions = { readonly generatedNames?: boolean };

/**
 * Twice the weight of the common columns over the number of columns of both (Dice). A column common to both weighs 1
 * when one type can hold the other, else from 0.9 upwards by how alike what it contains is. Names are compared in lower
 * case.
 */
export function schemaSimilarity(a: StructType, b: StructType, options: SimilarityOptions = {}): number {
  const floor = options.generatedNames === true ? SAME_POSITION : SAME_NAME;
  return dice(a, b, floor);
}

function dice(a: StructType, b: StructType, floor: number): number {
  const columns = new Map(b.fields.map((f) => [f.name.toLowerCase(), f.type]));
  const total = a.fields.length + b.fields.length;
  if (total === 0) return 1;
  let common = 0;
  for (const { name, type } of a.fields) {
    const other = columns.get(name.toLowerCase());
    if (other === undefined) continue;
    columns.delete(name.toLowerCase());
    common += floor + (1 - floor) * alike(type, other);
  }
  return (2 * common) / total;
}

const NUMBERS: readonly string[] = ["byte", "short", "int", "long", "float", "double", "decimal"];

function alike(a: DataType, b: DataType): number {
  if (a.kind === "null" || b.kind === "null" || a.kind === "unknown" || b.kind === "unknown" || sameType(a, b))
    return 1;
  if (NUMBERS.includes(a.kind) && NUMBERS.includes(b.kind)) return 1;
  if (a.kind === "choice") return bestArm(a, b);
  if (b.kind === "choice") return bestArm(b, a);
  if (a.kind === "struct" && b.kind === "struct") return dice(a, b, SAME_NAME);
  if ((a.kind === "array" || a.kind === "set") && (b.kind === "array" || b.kind === "set"))
    return alike(a.element, b.element);
  if (a.kind === "map" && b.kind === "map") return alike(a.value, b.value);
  return a.kind === b.kind ? 1 : 0;
}

/** A choice is as like another type as its likest arm: it came from the same drift. */
function bestArm(a: ChoiceType, b: DataType): number {
  return Math.max(0, ...a.choices.map((arm) => alike(arm, b)));
}
