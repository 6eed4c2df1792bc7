/** Runs of a job with one source, whose files come, change and go between the runs. */
import { rm, utimes } from "node:fs/promises";
import { Job } from "../api.js";
import { asList, asObject, asText, asTexts, member, type Json, type JsonObject } from "../case.js";
import { unknownKeys } from "../compare/frame.js";
import { compareSets, firstOf, within } from "../compare/values.js";
import type { CaseEnvironment } from "../environment.js";
import { operation, type OperationTable } from "./operation.js";

const JOB = "conformance";

export const bookmarkOperations: OperationTable = {
  bookmark: operation(
    async ({ input, args }, environment) => {
      const there = new Map<string, number>();
      const processed: (readonly string[])[] = [];
      for (const run of asList(member(asObject(input), "runs")).map(asObject)) {
        await layOut(asObject(member(run, "files")), there, environment);
        processed.push(await runJob(run, args, there, environment));
      }
      return processed;
    },
    (expected, found) => {
      const wanted = asList(member(expected, "processed")).map(asTexts);
      return firstOf(
        () => unknownKeys(expected, ["processed"]),
        () => (wanted.length === found.length ? undefined : `expected ${wanted.length} runs, found ${found.length}`),
        ...wanted.map((names, i) => () => within(`run ${i}`, compareSets(found[i] as Json[], names as Json[]))),
      );
    },
  ),
};

/** Files of a run by name and modification time; one that did not change is not touched. */
async function layOut(files: JsonObject, there: Map<string, number>, environment: CaseEnvironment): Promise<void> {
  for (const name of there.keys()) {
    if (name in files) continue;
    await rm(`${environment.directory}/source/${name}`);
    there.delete(name);
  }
  for (const [name, at] of Object.entries(files)) {
    const seconds = Number(at);
    if (there.get(name) === seconds) continue;
    await utimes(await environment.write(`source/${name}`, `${JSON.stringify({ file: name })}\n`), seconds, seconds);
    there.set(name, seconds);
  }
}

async function runJob(
  run: JsonObject,
  args: JsonObject,
  there: ReadonlyMap<string, number>,
  { glue, directory }: CaseEnvironment,
): Promise<readonly string[]> {
  if (member(run, "reset") === true && (await glue.catalog.jobState?.getBookmark(JOB)))
    await glue.catalog.jobState?.resetBookmark(JOB);
  const job = await Job.init(glue, JOB, {
    job_bookmark_option: asText(member(run, "option") ?? member(args, "option") ?? "job-bookmark-disable"),
  });
  const source = {
    connectionType: "file" as const,
    connectionOptions: { path: `${directory}/source` },
    format: "json" as const,
  };
  const records =
    there.size === 0
      ? []
      : await glue.createDynamicFrame
          .fromOptions({ ...source, transformationCtx: asText(member(args, "transformationCtx") ?? "") })
          .records();
  if (member(run, "commit") === true) await job.commit();
  else await job.abandon();
  return records.map((record) => String(record["file"]));
}
