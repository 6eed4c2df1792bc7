/** `mapPartitions`: a function over the stream of a partition's records. Embedded engines have one partition, of index 0. */
import { checkTransformOptions } from "./check-transform-options.js";
import { behind, type FrameNode } from "./frame-node.js";
import { errorLog } from "./loaded-rows.js";
import { runPartition, type IndexedPartitionFunction } from "./partition-pass.js";
import { udfOf } from "./udf/define-udf.js";
import type { TransformOptions } from "./verbs/verb.js";

type PartitionVerb = "mapPartitions" | "mapPartitionsWithIndex";

/**
 * What comes back with `isError` is an error record of this step; errors of earlier steps are not passed in and stay counted. A record that
 * came in keeps its types as with `map`. What `f` throws fails the action: no single record is at fault. Reference §4.
 */
export function partitionNode(kind: PartitionVerb, given: { readonly name: string }, input: FrameNode, f: IndexedPartitionFunction, options: TransformOptions): FrameNode {
  const { name } = given, udf = udfOf(given);
  checkTransformOptions(kind, options);
  const site = options.transformationCtx || kind;
  return {
    kind, args: { f: name || "(function)" }, inputs: [input], options,
    resolve: async ([resolved], session, run) => {
      if (!resolved) throw new Error(`${kind} has one input`);
      const engine = await session.engine(), callsite = { site, info: options.info ?? "" };
      const elsewhere = udf && engine.programs && await (await import("./udf/run-elsewhere.js")).runElsewhere(resolved.relation, engine.programs, { udf, verb: kind, ...callsite, concurrency: 1 }, run);
      const errors = elsewhere?.errors ?? errorLog();
      const relation = elsewhere?.relation ?? await runPartition(resolved.relation, engine, run, f, errors, callsite);
      return {
        ...resolved, relation, recordwise: false, behind: behind(resolved),
        errors: errors.count() > 0 ? [...resolved.errors, { step: site, count: errors.count(), records: errors.kept }] : resolved.errors,
      };
    },
  };
}

