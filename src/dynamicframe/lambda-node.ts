/** `map` and `filter` with JavaScript functions: a pass over the rows whose results are loaded back, with their errors kept. */
import type { EngineSession, RunOptions } from "../engine/index.js";
import type { Relation } from "../plan/ir/relation.js";
import type { StructType } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";
import { batchOpener, type BatchRecords, type PlainRecord } from "./batch-records.js";
import { checkConcurrency, inOrder } from "./bounded-batch.js";
import { checkTransformOptions } from "./check-transform-options.js";
import { behind, type ErrorRecord, type FrameNode, type Resolved } from "./frame-node.js";
import { errorLog, keptRows, outputRows, type RowLoader } from "./loaded-rows.js";
import { markedRecord } from "./type-tag.js";
import type { TransformOptions } from "./verbs/verb.js";

/** May be async. */
export type MapFunction = (record: PlainRecord) => unknown;
/** May be async. */
export type FilterFunction = (record: PlainRecord) => unknown;
export type LambdaOptions = TransformOptions & {
  /** Records of which an async function may be at work at once; default 16. Results keep their order whatever it is. */
  readonly concurrency?: number;
};

/** What becomes of one record. */
export type Outcome<T> = { readonly kind: "row"; readonly item: T } | { readonly kind: "error"; readonly error: unknown } | { readonly kind: "drop" };
/** Takes a record of a batch by its position. What it throws makes an error record. */
export type Step<T> = (records: BatchRecords, at: number) => Promise<Outcome<T>> | Outcome<T>;
type LoaderOf<T> = (engine: EngineSession, like: StructType, run: RunOptions) => RowLoader<T>;

const NO_RESULT = "User-specified function returned None instead of DynamicRecord";
const DROP = Object.freeze({ kind: "drop" });
const KEEP = Object.freeze({ kind: "row", item: undefined });

/** `map(f)`: an exception, and a result that is null, undefined, false or an empty object, make an error record. Reference §4 map. */
export const mapNode = (input: FrameNode, f: MapFunction, options: LambdaOptions): FrameNode =>
  passNode("map", argsOf("map", f), input, options, (records, at) => settled(f(markedRecord(records, at)), mapped), outputRows, ["concurrency"]);

/**
 * `filter(f)`: keeps records for which f is truthy. TypeError, RangeError and errors named KeyError or ValueError leave the record out,
 * counted as filtered; any other exception makes an error record. Reference §4 filter, FORMAT §2.
 */
export const filterNode = (input: FrameNode, f: FilterFunction, options: LambdaOptions): FrameNode =>
  passNode<void>("filter", argsOf("filter", f), input, options, (records, at) => {
    try {
      const kept = settled<unknown, Outcome<void>>(f(markedRecord(records, at)), (truthy) => (truthy ? KEEP : DROP) as Outcome<void>);
      return kept instanceof Promise ? kept.catch(unfiltered) : kept;
    } catch (error) {
      return unfiltered(error);
    }
  }, keptRows, ["concurrency"]);

function mapped(output: unknown): Outcome<unknown> {
  if (!output || typeof output !== "object" || Array.isArray(output) || isEmpty(output)) return { kind: "error", error: new Error(NO_RESULT) };
  return { kind: "row", item: output };
}

function isEmpty(output: object): boolean {
  for (const name in output) if (Object.hasOwn(output, name)) return false;
  return true;
}

function unfiltered(error: unknown): Outcome<void> {
  const lookup = error instanceof TypeError || error instanceof RangeError
    || (error instanceof Error && (error.name === "KeyError" || error.name === "ValueError"));
  return lookup ? { kind: "drop" } : { kind: "error", error };
}

/** The next step at once, or when a promise is kept: a function that is not async costs no turn of the event loop. */
function settled<A, B>(value: A | Promise<A>, next: (value: A) => B): B | Promise<B> {
  return isThenable(value) ? Promise.resolve(value).then(next) : next(value);
}

const isThenable = <A>(value: A | Promise<A>): value is Promise<A> => typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";

/** A caller without types may give anything: called for each record, it would drop or fail them all. @throws BAD_ARGUMENT for what is no function. */
function argsOf(verb: string, f: unknown): { readonly f: string } {
  if (typeof f !== "function") throw new DynaframeError("BAD_ARGUMENT", `${verb} takes a function of a record.`, { path: verb, expected: verb === "filter" ? "a function, or a condition as text" : "a function", found: f === null ? "null" : typeof f });
  return { f: f.name || "(function)" };
}

/** A node that sends every row through a step; results are loaded back, errors kept as records. */
export function passNode<T>(
  kind: string, args: unknown, input: FrameNode, options: LambdaOptions, step: Step<T>, loaderOf: LoaderOf<T>, own: readonly string[] = [],
): FrameNode {
  checkTransformOptions(kind, options, own);
  const concurrency = checkConcurrency(kind, options.concurrency);
  const site = options.transformationCtx || kind;
  return {
    kind, args, inputs: [input], options,
    resolve: async ([resolved], session, run) => {
      if (!resolved) throw new Error("a function step has one input");
      const pass = await runPass(resolved, await session.engine(), run, step, loaderOf, { site, info: options.info ?? "", concurrency });
      return {
        relation: pass.relation, sources: resolved.sources, recordwise: resolved.recordwise, behind: behind(resolved),
        errors: pass.errorCount > 0 ? [...resolved.errors, { step: site, count: pass.errorCount, records: pass.errors }] : resolved.errors,
        dropped: pass.dropped > 0 ? [...resolved.dropped, { reason: kind, count: pass.dropped }] : resolved.dropped,
      };
    },
  };
}

type Pass = { readonly relation: Relation; readonly errors: readonly ErrorRecord[]; readonly errorCount: number; readonly dropped: number };
type CallSite = { readonly site: string; readonly info: string; readonly concurrency: number };

async function runPass<T>({ relation }: Resolved, engine: EngineSession, run: RunOptions, step: Step<T>, loaderOf: LoaderOf<T>, callsite: CallSite): Promise<Pass> {
  const { type } = relation;
  const loader = loaderOf(engine, type, run), open = batchOpener(type);
  const errors = errorLog();
  let dropped = 0;
  const take = (outcome: Outcome<T>, records: BatchRecords, at: number): void => {
    if (outcome.kind === "drop") dropped++;
    else if (outcome.kind === "error") errors.add(() => failedRecord(outcome.error, records, at, callsite));
    else {
      try { loader.add(outcome.item, records, at); } catch (error) { errors.add(() => failedRecord(error, records, at, callsite)); }
    }
  };
  try {
    for await (const batch of engine.batches(relation, run)) {
      const records = open(batch);
      const waiting = inOrder(batch.rows.length, (at) => attempt(step, records, at), (outcome, at) => { take(outcome, records, at); }, callsite.concurrency);
      if (waiting) await waiting;
      if (loader.full()) await loader.flush();
    }
    return { relation: await loader.finish(), errors: errors.kept, errorCount: errors.count(), dropped };
  } catch (error) {
    await loader.abandon();
    throw error;
  }
}

function attempt<T>(step: Step<T>, records: BatchRecords, at: number): Outcome<T> | Promise<Outcome<T>> {
  try {
    const outcome = step(records, at);
    return outcome instanceof Promise ? outcome.catch((error: unknown) => ({ kind: "error" as const, error })) : outcome;
  } catch (error) {
    return { kind: "error", error };
  }
}

/** The error record of a record for which a function failed. */
function failedRecord(error: unknown, records: BatchRecords, at: number, { site, info }: CallSite): ErrorRecord {
  const failure = error instanceof Error ? error : new Error(String(error));
  return {
    site, info, message: `${failure.name === "Error" ? "" : `${failure.name}: `}${failure.message}`, stackTrace: failure.stack ?? "",
    input: null, bytesread: null, source: null, record: records.record(at) as ErrorRecord["record"],
  };
}
