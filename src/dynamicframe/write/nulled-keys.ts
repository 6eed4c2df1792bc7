/**
 * Texts that no name of a partition's folder can tell from null: they come back as null, so they are counted like casts
 * that gave it.
 */
import type { EngineSession, RunOptions, WrittenFile } from "../../engine/index.js";
import { compare, field, filter, inputOf, literal, or } from "../../plan/ir/build.js";
import type { Relation } from "../../plan/ir/relation.js";
import { STRING, fieldOf } from "../../types/data-type.js";
import { fieldPath } from "../../types/path.js";

/** As Hive's readers have it: the empty text has no folder, and this is the name of that of null. */
const READ_AS_NULL = ["", "__HIVE_DEFAULT_PARTITION__"] as const;

/** By path, for keys of texts; the rows are asked only where a file is in the folder of null. */
export async function nulledKeys(
  relation: Relation,
  keys: readonly string[],
  written: readonly WrittenFile[],
  engine: EngineSession,
  run: RunOptions,
): Promise<Readonly<Record<string, number>>> {
  const nulled: Record<string, number> = {};
  for (const [i, key] of keys.entries()) {
    const type = relation.type.kind === "struct" ? fieldOf(relation.type, key)?.type : undefined;
    if (type?.kind !== "string" || !written.some(({ partition }) => partition[i] === null)) continue;
    const value = field(inputOf(relation), key);
    const count = await engine.count(
      filter(relation, or(READ_AS_NULL.map((text) => compare("=", value, literal(text, STRING)))), "nulled"),
      run,
    );
    if (count > 0) nulled[fieldPath("", key)] = count;
  }
  return nulled;
}
