/** Runs a verb's lowering on plain records through the reference interpreter. */
import { referenceEngine } from "../../../src/engine/reference/index.js";
import { values } from "../../../src/plan/ir/build.js";
import type { Relation } from "../../../src/plan/ir/relation.js";
import { fileStorage } from "../../../src/storage/file.js";
import { struct, type DataType, type StructType } from "../../../src/types/data-type.js";
import { inferType } from "../../../src/types/infer.js";
import { mergeDataTypes } from "../../../src/types/merge.js";
import { schemaTree } from "../../../src/types/print.js";
import { toPlain, toTyped } from "../../../src/types/typed.js";
import type { Row } from "../../../src/types/value.js";

/** Records as a relation of their merged type. */
export function relationOf(records: readonly object[]): Relation {
  const type = records
    .map((r) => inferType(r))
    .reduce<DataType>((a, b) => mergeDataTypes(a, b), struct()) as StructType;
  return values(
    records.map((r) => toTyped(r, type) as Row),
    type,
  );
}

export type Outcome = { readonly tree: string; readonly records: readonly unknown[] };

/**
 * The rows of a relation as plain records, nulls left out (absent ≡ null), and its schema text without the final
 * newline.
 */
export async function outcome(relation: Relation): Promise<Outcome> {
  const session = await referenceEngine.open({ storage: fileStorage(), stagingDirectory: "unused" });
  const records: unknown[] = [];
  for await (const batch of session.rows(relation))
    for (const row of batch) records.push(withoutNulls(toPlain(row, relation.type)));
  await session.close();
  return { tree: schemaTree(relation.type).trimEnd(), records };
}

/** Casts that nulled a value, by path. */
export async function nulled(relation: Relation): Promise<Record<string, number>> {
  const session = await referenceEngine.open({ storage: fileStorage(), stagingDirectory: "unused" });
  const counts = Object.fromEntries(await session.nulledCasts(relation));
  await session.close();
  return counts;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((v) => withoutNulls(v) ?? null);
  if (value === null || typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype)
    return value ?? undefined;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, v]) => v !== null && v !== undefined)
      .map(([k, v]) => [k, withoutNulls(v)]),
  );
}
