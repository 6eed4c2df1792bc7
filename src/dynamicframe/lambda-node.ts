/**
 * `map` and `filter` with JavaScript functions: a pass over the rows whose results are loaded back, with their errors
 * kept.
 */
import { DynaframeError } from "../types/error.js";
import { checkConcurrency } from "./bounded-batch.js";
import { checkTransformOptions } from "./check-transform-options.js";
import { behind, type FrameNode } from "./frame-node.js";
import type { FilterFunction, LoaderOf, MapFunction, Step } from "./lambda-pass.js";
import { udfOf } from "./udf/define-udf.js";
import type { UdfCall } from "./udf/run-elsewhere.js";
import { partitionedAs } from "../plan/partitions.js";
import type { TransformOptions } from "./verbs/verb.js";

/** Options of `map` and `filter`. */
export type LambdaOptions = TransformOptions & {
  /** Records of which an async function may be at work at once; default 16. Results keep their order whatever it is. */
  readonly concurrency?: number;
};

/** Options of `map`. */
export type MapOptions = LambdaOptions & {
  /** Accepted, no effect: records stay in their partition always. */
  readonly preservesPartitioning?: boolean;
};

/**
 * `map(f)`: an exception, and a result that is null, undefined, false or an empty object, make an error record. Source:
 * docs/sources.md#methods.
 */
export const mapNode = (input: FrameNode, f: MapFunction, options: MapOptions): FrameNode =>
  passNode(
    "map",
    argsOf("map", f),
    input,
    options,
    async () => {
      const [{ mapStep }, { outputRows }] = await passModules();
      return { step: mapStep(f), loaderOf: outputRows };
    },
    { own: ["concurrency", "preservesPartitioning"], sent: sentAs("map", f) },
  );

/**
 * `filter(f)`: keeps records for which f is truthy. TypeError, RangeError and errors named KeyError or ValueError leave
 * the record out, counted as filtered; any other exception makes an error record. Source: docs/sources.md#methods.
 */
export const filterNode = (input: FrameNode, f: FilterFunction, options: LambdaOptions): FrameNode =>
  passNode<void>(
    "filter",
    argsOf("filter", f),
    input,
    options,
    async () => {
      const [{ filterStep }, { keptRows }] = await passModules();
      return { step: filterStep(f), loaderOf: keptRows };
    },
    { own: ["concurrency"], sent: sentAs("filter", f) },
  );

/** How a function goes to the engine's machines, if it can. */
type Sent = Pick<UdfCall, "udf" | "verb">;

function sentAs(verb: Sent["verb"], f: unknown): Sent | undefined {
  const udf = udfOf(f);
  return udf && { udf, verb };
}

/**
 * A caller without types may give anything: called for each record, it would drop or fail them all.
 * @throws BAD_ARGUMENT for what is no function.
 */
export function requireFunction(verb: string, f: unknown, expected: string): void {
  if (typeof f !== "function")
    throw new DynaframeError("BAD_ARGUMENT", `${verb} takes a function.`, {
      path: verb,
      expected,
      found: f === null ? "null" : typeof f,
    });
}

function argsOf(verb: string, f: { readonly name: string }): { readonly f: string } {
  requireFunction(verb, f, verb === "filter" ? "a function, or a condition as text" : "a function");
  return { f: f.name || "(function)" };
}

const passModules = async () => Promise.all([import("./lambda-pass.js"), import("./loaded-rows.js")]);

/** What a pass does with a record, and how its results are loaded. */
export type PassOf<T> = { readonly step: Step<T>; readonly loaderOf: LoaderOf<T> };

/**
 * A node that sends every row through a step, which is loaded when it runs; results are loaded back, errors kept as
 * records.
 */
export function passNode<T>(
  kind: string,
  args: unknown,
  input: FrameNode,
  options: LambdaOptions,
  passOf: () => Promise<PassOf<T>>,
  { own = [], sent }: { readonly own?: readonly string[]; readonly sent?: Sent | undefined } = {},
): FrameNode {
  checkTransformOptions(kind, options, own);
  const concurrency = checkConcurrency(kind, options.concurrency);
  const site = options.transformationCtx || kind;
  return {
    kind,
    args,
    inputs: [input],
    options,
    resolve: async ([resolved], session, run) => {
      if (!resolved) throw new Error("a function step has one input");
      const engine = await session.engine();
      const callsite = { site, info: options.info ?? "", concurrency };
      const elsewhere =
        sent
        && engine.programs
        && (await (
          await import("./udf/run-elsewhere.js")
        ).runElsewhere(resolved.relation, engine.programs, { ...sent, ...callsite }, run));
      const [{ runPass }, { step, loaderOf }] = await Promise.all([import("./lambda-pass.js"), passOf()]);
      const pass =
        elsewhere === undefined
          ? await runPass(resolved.relation, engine, run, step, loaderOf, callsite)
          : {
              relation: elsewhere.relation,
              errors: elsewhere.errors.kept,
              errorCount: elsewhere.errors.count(),
              dropped: elsewhere.dropped,
            };
      return {
        relation: elsewhere === undefined ? partitionedAs(resolved.relation, pass.relation) : pass.relation,
        sources: resolved.sources,
        recordwise: resolved.recordwise,
        behind: behind(resolved),
        errors:
          pass.errorCount > 0
            ? [...resolved.errors, { step: site, count: pass.errorCount, records: pass.errors }]
            : resolved.errors,
        dropped: pass.dropped > 0 ? [...resolved.dropped, { reason: kind, count: pass.dropped }] : resolved.dropped,
      };
    },
  };
}
