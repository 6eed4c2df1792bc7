/**
 * `mapPartitions`: a function over the stream of a partition's records. On embedded engines partitions are those of the
 * plan, one after the other.
 */
import { checkTransformOptions } from "./check-transform-options.js";
import { behind, type FrameNode, type Resolved } from "./frame-node.js";
import { requireFunction, type MapOptions } from "./lambda-node.js";
import type { IndexedPartitionFunction, Shares } from "./partition-pass.js";
import { knownRows } from "./explain/known-rows.js";
import { partitionedAs, partitionsOf } from "../plan/partitions.js";
import type { EngineSession, RunOptions } from "../engine/index.js";
import { udfOf } from "./udf/define-udf.js";
import type { TransformOptions } from "./verbs/verb.js";

/** Options of `mapPartitions` and `mapPartitionsWithIndex`. */
export type PartitionOptions = TransformOptions & Pick<MapOptions, "preservesPartitioning">;
type PartitionVerb = "mapPartitions" | "mapPartitionsWithIndex";

/**
 * What comes back with `isError` is an error record of this step; errors of earlier steps are not passed in and stay
 * counted. A record that came in keeps its types as with `map`. What `f` throws fails the action: no single record is
 * at fault. Source: docs/sources.md#methods.
 */
export function partitionNode(
  kind: PartitionVerb,
  given: { readonly name: string },
  input: FrameNode,
  f: IndexedPartitionFunction,
  options: PartitionOptions,
): FrameNode {
  requireFunction(kind, given, "a function");
  const { name } = given;
  const udf = udfOf(given);
  checkTransformOptions(kind, options, ["preservesPartitioning"]);
  const site = options.transformationCtx || kind;
  return {
    kind,
    args: { f: name || "(function)" },
    inputs: [input],
    options,
    resolve: async ([resolved], session, run) => {
      if (!resolved) throw new Error(`${kind} has one input`);
      const engine = await session.engine();
      const callsite = { site, info: options.info ?? "" };
      const elsewhere =
        udf
        && engine.programs
        && (await (
          await import("./udf/run-elsewhere.js")
        ).runElsewhere(resolved.relation, engine.programs, { udf, verb: kind, ...callsite, concurrency: 1 }, run));
      const [{ errorLog }, { runPartitions }] = await Promise.all([
        import("./loaded-rows.js"),
        import("./partition-pass.js"),
      ]);
      const errors = elsewhere?.errors ?? errorLog();
      const relation =
        elsewhere?.relation
        ?? partitionedAs(
          resolved.relation,
          await runPartitions(resolved.relation, engine, run, f, errors, {
            ...callsite,
            shares: await sharesOf(resolved, engine, run),
          }),
        );
      return {
        ...resolved,
        relation,
        recordwise: false,
        behind: behind(resolved),
        errors:
          errors.count() > 0
            ? [...resolved.errors, { step: site, count: errors.count(), records: errors.kept }]
            : resolved.errors,
      };
    },
  };
}

/** The rows are counted only where there are several partitions and the plan does not tell. */
async function sharesOf({ relation, sources }: Resolved, engine: EngineSession, run: RunOptions): Promise<Shares> {
  const partitions = partitionsOf(relation);
  if (partitions === 1) return { partitions, rows: 0 };
  const records = new Map(sources.map((source) => [source.id, source.records - source.malformed]));
  return { partitions, rows: knownRows(relation, records) ?? (await engine.count(relation, run)) };
}
