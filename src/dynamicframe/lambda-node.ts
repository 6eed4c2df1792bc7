/** `map` and `filter` with JavaScript functions: a pass over the rows whose results are loaded back, with their errors kept. */
import type { Relation } from "../plan/ir/relation.js";
import { struct, type StructType } from "../types/data-type.js";
import { toPlain } from "../types/typed.js";
import type { Row } from "../types/value.js";
import { checkTransformOptions } from "./check-transform-options.js";
import type { ErrorRecord, FrameNode, FrameSession, Resolved } from "./frame-node.js";
import { errorLog, rowLoader } from "./loaded-rows.js";
import { typedOutput, type TypedValue } from "./lambda-values.js";
import type { TransformOptions } from "./verbs/verb.js";
import type { RunOptions } from "../engine/index.js";

/** A record as a function sees it: plain values, arms unwrapped, missing fields absent. */
export type PlainRecord = { [field: string]: unknown };
export type MapFunction = (record: PlainRecord) => unknown;
export type FilterFunction = (record: PlainRecord) => unknown;

/** What becomes of one record. */
export type Outcome = { readonly kind: "row"; readonly typed: TypedValue } | { readonly kind: "error"; readonly error: unknown } | { readonly kind: "drop" };
/** A row in arms form and its type; what it throws makes an error record. */
export type Step = (row: Row, type: StructType) => Promise<Outcome> | Outcome;

const NO_RESULT = "User-specified function returned None instead of DynamicRecord";

/** `map(f)`: an exception, and a result that is null, undefined, false or an empty object, make an error record. Reference §4 map. */
export const mapNode = (input: FrameNode, f: MapFunction, options: TransformOptions): FrameNode =>
  passNode("map", argsOf(f), input, options, async (row, type) => {
    const output = await f(toPlain(row, type) as PlainRecord);
    if (!output || typeof output !== "object" || Array.isArray(output) || Object.keys(output).length === 0) return { kind: "error", error: new Error(NO_RESULT) };
    return { kind: "row", typed: typedOutput(output, row, type) };
  });

/**
 * `filter(f)`: keeps records for which f is truthy. TypeError, RangeError and errors named KeyError or ValueError leave the record out,
 * counted as filtered; any other exception makes an error record. Reference §4 filter, FORMAT §2.
 */
export const filterNode = (input: FrameNode, f: FilterFunction, options: TransformOptions): FrameNode =>
  passNode("filter", argsOf(f), input, options, async (row, type) => {
    try {
      return (await f(toPlain(row, type) as PlainRecord)) ? { kind: "row", typed: { value: row, type } } : { kind: "drop" };
    } catch (error) {
      return isLookupError(error) ? { kind: "drop" } : { kind: "error", error };
    }
  });

function isLookupError(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError
    || (error instanceof Error && (error.name === "KeyError" || error.name === "ValueError"));
}

const argsOf = (f: { readonly name: string }): { readonly f: string } => ({ f: f.name || "(function)" });

/** A node that sends every row through a step; results are loaded back, errors kept as records. */
export function passNode(kind: string, args: unknown, input: FrameNode, options: TransformOptions, step: Step): FrameNode {
  checkTransformOptions(kind, options);
  const node: FrameNode = {
    kind, args, inputs: [input], options,
    resolve: async ([resolved], session, run) => {
      if (!resolved) throw new Error("a function step has one input");
      const pass = await runPass(resolved, session, run, step, kind === "filter", options.transformationCtx || kind, options.info ?? "");
      return {
        relation: pass.relation, sources: resolved.sources, recordwise: resolved.recordwise,
        errors: pass.errorCount > 0 ? [...resolved.errors, { step: options.transformationCtx || kind, count: pass.errorCount, records: pass.errors }] : resolved.errors,
        dropped: pass.dropped > 0 ? [...resolved.dropped, { reason: kind, count: pass.dropped }] : resolved.dropped,
      };
    },
  };
  return node;
}

type Pass = { readonly relation: Relation; readonly errors: readonly ErrorRecord[]; readonly errorCount: number; readonly dropped: number };

async function runPass(input: Resolved, session: FrameSession, run: RunOptions, step: Step, keepsType: boolean, site: string, info: string): Promise<Pass> {
  const engine = await session.engine();
  const { relation } = input;
  const loader = rowLoader(engine, relation.type, run);
  const errors = errorLog();
  let dropped = 0;
  for await (const batch of engine.rows(relation, run)) {
    for (const row of batch) {
      const outcome = await attempt(step, row, relation.type);
      if (outcome.kind === "row") loader.add(outcome.typed);
      else if (outcome.kind === "drop") dropped++;
      else errors.add(() => failedRecord(outcome.error, row, relation.type, site, info));
    }
    if (loader.full()) await loader.flush();
  }
  return { relation: await loader.finish(keepsType ? relation.type : struct()), errors: errors.kept, errorCount: errors.count(), dropped };
}

async function attempt(step: Step, row: Row, type: StructType): Promise<Outcome> {
  try {
    return await step(row, type);
  } catch (error) {
    return { kind: "error", error };
  }
}

/** The error record of a row for which a function failed. */
function failedRecord(error: unknown, row: Row, type: StructType, site: string, info: string): ErrorRecord {
  const failure = error instanceof Error ? error : new Error(String(error));
  return {
    site, info, message: `${failure.name === "Error" ? "" : `${failure.name}: `}${failure.message}`, stackTrace: failure.stack ?? "",
    input: null, bytesread: null, source: null, record: toPlain(row, type) as ErrorRecord["record"],
  };
}
