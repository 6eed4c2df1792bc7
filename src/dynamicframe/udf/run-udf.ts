/**
 * A function over the rows of a stream, in a process of its own: the passes of this package, with files for an engine.
 */
import { mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { values } from "../../plan/ir/build.js";
import { batchWriter, canWriteBatches } from "../../shapes/shred/batch-writer.js";
import type { StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { typeFromJson, typeToJson } from "../../types/json.js";
import type { RecordBatch } from "../../types/record-batch.js";
import { ArmValue, DateValue, Decimal, TimestampValue } from "../../types/value.js";
import type { RowEngine } from "../batch-feed.js";
import { filterStep, mapStep, runPass, type FilterFunction, type MapFunction } from "../lambda-pass.js";
import { errorLog, keptRows, outputRows } from "../loaded-rows.js";
import { runPartition, type IndexedPartitionFunction, type PartitionFunction } from "../partition-pass.js";
import { typeTag } from "../type-tag.js";
import type { UdfJob, UdfOutcome, UdfPart } from "./udf-job.js";

export async function runUdf(job: UdfJob, batches: AsyncIterable<RecordBatch>, partition: number): Promise<UdfOutcome> {
  const f = loadUdf(job);
  const type = typeFromJson(job.type) as StructType;
  const relation = values([], type);
  const parts: UdfPart[] = [];
  const engine: RowEngine = {
    batches: () => batches,
    loadBatches: async (results, written) => {
      parts.push(await writeResults(results, written, job.directory));
      return values([], written);
    },
  };
  const callsite = { site: job.site, info: job.info, concurrency: job.concurrency };
  switch (job.verb) {
    case "map":
      return {
        parts,
        ...accountOf(await runPass(relation, engine, {}, mapStep(f as MapFunction), outputRows, callsite)),
      };
    case "filter":
      return {
        parts,
        ...accountOf(await runPass(relation, engine, {}, filterStep(f as FilterFunction), keptRows, callsite)),
      };
    case "mapPartitions":
    case "mapPartitionsWithIndex": {
      const errors = errorLog();
      const g: IndexedPartitionFunction =
        job.verb === "mapPartitions"
          ? (_, records) => (f as PartitionFunction)(records)
          : (f as IndexedPartitionFunction);
      await runPartition(relation, engine, {}, g, errors, callsite, partition);
      return { parts, errors: errors.kept, errorCount: errors.count(), dropped: 0 };
    }
  }
}

const accountOf = ({
  errors,
  errorCount,
  dropped,
}: Awaited<ReturnType<typeof runPass>>): Omit<UdfOutcome, "parts"> => ({ errors, errorCount, dropped });

async function writeResults(
  results: AsyncIterable<RecordBatch>,
  type: StructType,
  directory: string,
): Promise<UdfPart> {
  if (!canWriteBatches(type)) {
    throw new DynaframeError(
      "UNSUPPORTED_TYPE",
      "The function gives maps, or nests too deep, for results that are made on a cluster.",
      { hint: "Give plain objects, or run the function without defineUdf, which has it in the driver." },
    );
  }
  const path = join(mkdtempSync(join(directory, "part-")), "rows.parquet");
  const writer = batchWriter(path, type);
  try {
    for await (const batch of results) writer.write(batch);
  } catch (error) {
    writer.abandon();
    throw error;
  }
  writer.finish();
  return { path, type: typeToJson(type) };
}

/** Loads the module, which names its functions as it does so. */
function loadUdf({ code, name }: UdfJob): unknown {
  const found: unknown[] = [];
  const runtime = Object.freeze({
    defineUdf: (_module: string, given: string, f: unknown) => {
      if (given === name) found.push(f);
      return f;
    },
    typeTag,
    ArmValue,
    DateValue,
    Decimal,
    TimestampValue,
    DynaframeError,
  });
  const own = createRequire(join(process.cwd(), "function.js"));
  const module = { exports: {} };
  const load = new Function("require", "module", "exports", code) as (
    require: (id: string) => unknown,
    module: object,
    exports: object,
  ) => void;
  load((id) => (id === "dynaframe" ? runtime : (own(id) as unknown)), module, module.exports);
  if (found.length === 1) return found[0];
  throw new DynaframeError(
    "FUNCTION_NOT_BUNDLED",
    `The module defines ${found.length} functions by the name ${name}.`,
    {
      expected: "one",
      found: String(found.length),
      hint: "Call defineUdf for it when the module is loaded, with a name that nothing else in it and its imports has.",
    },
  );
}
