/** Results that are files already: those that the scan of a plan wrote beside what it staged (docs/decisions/0193). */
import { randomUUID } from "node:crypto";
import { copyFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { neededFields } from "../../plan/needed-fields.js";
import type { Relation, SinkTarget } from "../../plan/ir/relation.js";
import { plainColumns } from "../../plan/plain-columns.js";
import type { WantedResult } from "../../shapes/shred/result-columns.js";
import { typeToJson } from "../../types/json.js";
import type { FileStaging } from "../file-staging.js";
import type { RunOptions, WrittenFile } from "../index.js";
import { writtenFile } from "../sink-layout.js";

/**
 * Puts the file into the target's folder, once: another write of the plan makes its own. Undefined where there is none
 * that is just what is asked.
 */
export async function takeWritten(
  relation: Relation,
  target: SinkTarget,
  staging: FileStaging,
  options: RunOptions,
): Promise<readonly WrittenFile[] | undefined> {
  const asked = plainColumns(Object.freeze({ kind: "sink", input: relation, target, type: relation.type }));
  const made = asked && staging.takeWritten(asked.scan, (written) => sameResult(written.asked, asked.wanted));
  if (asked === undefined || made === undefined) return undefined;
  options.signal?.throwIfAborted();
  // counted like any reading of the scan; what was staged besides is there for plans that follow
  await staging.staged(asked.scan, options, staging.stagingOf(asked.scan, neededFields(relation).get(asked.scan)));
  const localFile = join(target.directory, `part-${randomUUID()}.parquet`);
  await rename(made.path, localFile).catch(async () => {
    await copyFile(made.path, localFile);
    await rm(made.path, { force: true });
  });
  return [{ ...writtenFile(localFile, made.rows, target.directory, []), given: made.rows }];
}

const sameResult = (a: WantedResult, b: WantedResult): boolean => textOf(a) === textOf(b);
const textOf = ({ columns, type }: WantedResult): string => JSON.stringify([columns, typeToJson(type)]);
