/**
 * Records through a function, one by one: what becomes of each, results loaded, errors kept. In this process, or in one
 * on another machine.
 */
import type { RunOptions } from "../engine/index.js";
import type { Relation } from "../plan/ir/relation.js";
import type { StructType } from "../types/data-type.js";
import type { RowEngine } from "./batch-feed.js";
import { batchOpener, type BatchRecords, type PlainRecord } from "./batch-records.js";
import { inOrder } from "./bounded-batch.js";
import type { ErrorRecord } from "./frame-node.js";
import { ignoreRejections } from "./inner-promises.js";
import { errorLog, type RowLoader } from "./loaded-rows.js";
import { thrownError, thrownName } from "./thrown-error.js";
import { markedRecord, originOf } from "./type-tag.js";

/** May be async. */
export type MapFunction = (record: PlainRecord) => unknown;
/** May be async. */
export type FilterFunction = (record: PlainRecord) => unknown;

/** What becomes of one record. */
export type Outcome<T> =
  | { readonly kind: "row"; readonly item: T }
  | { readonly kind: "error"; readonly error: unknown }
  | { readonly kind: "drop" };
/**
 * Takes a record of a batch by its position, `lazy`: its structs and lists are made when they are looked at. What it
 * throws makes an error record.
 */
export type Step<T> = (records: BatchRecords, at: number, lazy: boolean) => Promise<Outcome<T>> | Outcome<T>;
export type LoaderOf<T> = (engine: RowEngine, like: StructType, run: RunOptions) => RowLoader<T>;

const NO_RESULT = "User-specified function returned None instead of DynamicRecord";
const DROP = Object.freeze({ kind: "drop" });
const KEEP = Object.freeze({ kind: "row", item: undefined });

/** What `map` makes of a record. */
export const mapStep =
  (f: MapFunction): Step<unknown> =>
  (records, at, lazy) =>
    settled(f(markedRecord(records, at, lazy)), mapped);

/** What `filter` makes of a record. */
export const filterStep =
  (f: FilterFunction): Step<void> =>
  (records, at, lazy) => {
    try {
      const kept = settled<unknown, Outcome<void>>(
        f(markedRecord(records, at, lazy)),
        (truthy) => (truthy ? KEEP : DROP) as Outcome<void>,
      );
      return kept instanceof Promise ? kept.catch(unfiltered) : kept;
    } catch (error) {
      return unfiltered(error);
    }
  };

function mapped(output: unknown): Outcome<unknown> {
  if (!output || typeof output !== "object" || Array.isArray(output) || isEmpty(output))
    return { kind: "error", error: new Error(NO_RESULT) };
  return { kind: "row", item: output };
}

function isEmpty(output: object): boolean {
  for (const name in output) if (Object.hasOwn(output, name)) return false;
  return true;
}

function unfiltered(error: unknown): Outcome<void> {
  const lookup =
    error instanceof TypeError
    || error instanceof RangeError
    || (error instanceof Error && (error.name === "KeyError" || error.name === "ValueError"));
  return lookup ? { kind: "drop" } : { kind: "error", error };
}

/** The next step at once, or when a promise is kept: a function that is not async costs no turn of the event loop. */
function settled<A, B>(value: A | Promise<A>, next: (value: A) => B): B | Promise<B> {
  return isThenable(value)
    ? Promise.resolve(value).then((result) => {
        inTime(result);
        return next(result);
      })
    : next(value);
}

/**
 * Results of async functions wait for those before them, longer than a rejection may stay unhandled. Records as they
 * came hold no promises.
 */
function inTime(result: unknown): void {
  if (typeof result === "object" && result !== null && originOf(result) === undefined) ignoreRejections(result);
}

const isThenable = <A>(value: A | Promise<A>): value is Promise<A> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";

type Pass = {
  readonly relation: Relation;
  readonly errors: readonly ErrorRecord[];
  readonly errorCount: number;
  readonly dropped: number;
};
type CallSite = { readonly site: string; readonly info: string; readonly concurrency: number };

/** The rows of a relation through a step, its results loaded into the engine. */
export async function runPass<T>(
  relation: Relation,
  engine: RowEngine,
  run: RunOptions,
  step: Step<T>,
  loaderOf: LoaderOf<T>,
  callsite: CallSite,
): Promise<Pass> {
  const { type } = relation;
  const loader = loaderOf(engine, type, run);
  const open = batchOpener(type);
  const errors = errorLog();
  let dropped = 0;
  let lazy = true;
  const work = (records: BatchRecords, at: number): Outcome<T> | Promise<Outcome<T>> => {
    const outcome = attempt(step, records, at, lazy);
    if (!lazy) return outcome;
    const again = (first: Outcome<T>): Outcome<T> | Promise<Outcome<T>> => {
      if (!isUncloneable(first)) return first;
      lazy = false;
      return attempt(step, records, at, lazy);
    };
    return outcome instanceof Promise ? outcome.then(again) : again(outcome);
  };
  const take = (outcome: Outcome<T>, records: BatchRecords, at: number): void => {
    if (outcome.kind === "drop") dropped++;
    else if (outcome.kind === "error") errors.add(() => failedRecord(outcome.error, records, at, callsite));
    else {
      try {
        loader.add(outcome.item, records, at);
      } catch (error) {
        ignoreRejections(outcome.item);
        errors.add(() => failedRecord(error, records, at, callsite));
      }
    }
  };
  try {
    for await (const batch of engine.batches(relation, run)) {
      const records = open(batch);
      const waiting = inOrder(
        batch.rows.length,
        (at) => work(records, at),
        (outcome, at) => {
          take(outcome, records, at);
        },
        callsite.concurrency,
      );
      if (waiting) await waiting;
      if (loader.full()) await loader.flush();
    }
    return { relation: await loader.finish(), errors: errors.kept, errorCount: errors.count(), dropped };
  } catch (error) {
    await loader.abandon();
    throw error;
  }
}

/**
 * What `structuredClone` and `postMessage` say of records that are made when they are looked at: such a function gets
 * them whole, from then on and once more.
 */
const isUncloneable = (outcome: Outcome<unknown>): boolean =>
  outcome.kind === "error" && thrownName(outcome.error) === "DataCloneError";

function attempt<T>(step: Step<T>, records: BatchRecords, at: number, lazy: boolean): Outcome<T> | Promise<Outcome<T>> {
  try {
    const outcome = step(records, at, lazy);
    return outcome instanceof Promise
      ? outcome.catch((error: unknown) => ({ kind: "error" as const, error }))
      : outcome;
  } catch (error) {
    return { kind: "error", error };
  }
}

/** The error record of a record for which a function failed. */
function failedRecord(error: unknown, records: BatchRecords, at: number, { site, info }: CallSite): ErrorRecord {
  return {
    site,
    info,
    ...thrownError(error),
    input: null,
    bytesread: null,
    source: null,
    record: records.record(at) as ErrorRecord["record"],
  };
}
