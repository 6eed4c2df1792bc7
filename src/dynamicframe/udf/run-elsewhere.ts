/** A function sent to the engine's machines: one process a partition, whose results are files that the engine reads. */
import { randomUUID } from "node:crypto";
import type { RowPrograms, RunOptions } from "../../engine/index.js";
import type { Relation } from "../../plan/ir/relation.js";
import { struct, type StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { typeFromJson, typeToJson } from "../../types/json.js";
import { errorLog, joinLoaded, type ErrorLog } from "../loaded-rows.js";
import { bundleUdf } from "./bundle-udf.js";
import type { Udf } from "./define-udf.js";
import { readReplyLine, writeUdfJob, type UdfOutcome, type UdfVerb } from "./udf-job.js";

export type UdfCall = {
  readonly udf: Udf;
  readonly verb: UdfVerb;
  readonly site: string;
  readonly info: string;
  readonly concurrency: number;
};
export type UdfPass = { readonly relation: Relation; readonly errors: ErrorLog; readonly dropped: number };

/**
 * Undefined where the machines cannot run it.
 * @throws as the function's process ends: FUNCTION_TIMED_OUT, FUNCTION_EXITED, FUNCTION_FAILED, PROGRAM_FAILED
 */
export async function runElsewhere(
  relation: Relation,
  programs: RowPrograms,
  { udf, verb, ...callsite }: UdfCall,
  run: RunOptions,
): Promise<UdfPass | undefined> {
  const token = randomUUID();
  const { name, batchTimeout } = udf;
  const { type } = relation;
  const job = writeUdfJob({
    ...callsite,
    verb,
    name,
    batchTimeout,
    token,
    code: await bundleUdf(udf),
    type: typeToJson(type),
    directory: await programs.folder(),
  });
  const { executorSource } = await import("./generated/executor-source.js"); // large, and needed on clusters only
  const outcomes: UdfOutcome[] = [];
  if (
    !(await programs.run(
      relation,
      executorSource,
      job,
      (line) => {
        outcomes.push(...outcomeOf(line, token, udf));
      },
      run,
    ))
  )
    return undefined;
  const errors = errorLog();
  for (const outcome of outcomes) {
    for (const record of outcome.errors) errors.add(() => record);
    errors.skip(outcome.errorCount - outcome.errors.length);
  }
  const files = new Map<string, { readonly type: StructType; readonly paths: string[] }>();
  for (const { path, type: written } of outcomes.flatMap(({ parts }) => parts)) {
    const key = JSON.stringify(written);
    const known = files.get(key);
    if (known === undefined) files.set(key, { type: typeFromJson(written) as StructType, paths: [path] });
    else known.paths.push(path);
  }
  const loaded: Relation[] = [];
  for (const { type: written, paths } of files.values()) loaded.push(await programs.read(paths, written, run));
  return {
    relation: joinLoaded(loaded, type, verb === "filter" ? type : struct()),
    errors,
    dropped: outcomes.reduce((sum, { dropped }) => sum + dropped, 0),
  };
}

/** None of a line that the function itself has printed. */
function outcomeOf(line: string, token: string, { module }: Udf): readonly UdfOutcome[] {
  const reply = readReplyLine(token, line);
  if (reply?.kind !== "failed") return reply === undefined ? [] : [reply.outcome];
  const { code, message, details } = reply.error;
  throw new DynaframeError(code, message, { file: module, ...details });
}
