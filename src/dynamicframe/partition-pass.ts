/** The stream of a partition's records through a function. In this process, or in one on another machine. */
import type { RunOptions } from "../engine/index.js";
import type { Relation } from "../plan/ir/relation.js";
import { DynaframeError } from "../types/error.js";
import type { RowEngine } from "./batch-feed.js";
import { batchOpener, type PlainRecord } from "./batch-records.js";
import type { ErrorRecord } from "./frame-node.js";
import { looseRows, type ErrorLog } from "./loaded-rows.js";
import { thrownError } from "./thrown-error.js";
import { markedRecord, originOf } from "./type-tag.js";

/** How records come and go: Glue's `{"record", "isError", "errorMessage"}`. */
export type Envelope = { readonly record: PlainRecord; readonly isError?: boolean; readonly errorMessage?: string };
/**
 * Takes the records one by one (`for await`) and gives any number of them back, as an array, a generator or an async
 * generator.
 */
export type PartitionFunction = (records: AsyncIterable<Required<Envelope>>) => Envelopes | Promise<Envelopes>;
/** A `PartitionFunction` that is told the number of its partition, from 0, first. */
export type IndexedPartitionFunction = (
  index: number,
  records: AsyncIterable<Required<Envelope>>,
) => Envelopes | Promise<Envelopes>;
type Envelopes = Iterable<Envelope> | AsyncIterable<Envelope>;

type CallSite = { readonly site: string; readonly info: string };

/** The rows of one partition through a function, its results loaded into the engine. */
export const runPartition = (
  relation: Relation,
  engine: RowEngine,
  run: RunOptions,
  f: IndexedPartitionFunction,
  errors: ErrorLog,
  callsite: CallSite,
  index: number,
): Promise<Relation> => runEach(relation, engine, run, (records) => [() => f(index, records)], errors, callsite);

/** Into how many partitions how many rows are cut, each a stretch of them. */
export type Shares = { readonly partitions: number; readonly rows: number };

/**
 * The rows of all partitions, one after the other: no more than one is at work, so that none has to be kept for a later
 * one.
 */
export const runPartitions = (
  relation: Relation,
  engine: RowEngine,
  run: RunOptions,
  f: IndexedPartitionFunction,
  errors: ErrorLog,
  { shares: { partitions, rows }, ...callsite }: CallSite & { readonly shares: Shares },
): Promise<Relation> =>
  runEach(
    relation,
    engine,
    run,
    (records) => stretches(records, partitions, rows).map((share, index) => () => f(index, share)),
    errors,
    callsite,
  );

/** `calls` makes of the records the calls whose results are taken in turn. */
async function runEach(
  relation: Relation,
  engine: RowEngine,
  run: RunOptions,
  calls: (records: Records) => readonly (() => Envelopes | Promise<Envelopes>)[],
  errors: ErrorLog,
  callsite: CallSite,
): Promise<Relation> {
  const loader = looseRows(engine, relation.type, run);
  const take = (envelope: unknown): void => {
    const { record, isError = false, errorMessage = "" } = checked(envelope);
    if (isError) {
      errors.add(() => errorRecord(record, errorMessage, callsite));
      return;
    }
    const origin = originOf(record);
    try {
      loader.add(record, origin?.records, origin?.at ?? 0);
    } catch (error) {
      errors.add(() => errorRecord(record, thrownError(error).message, callsite));
    }
  };
  const records = envelopes(relation, engine, run);
  try {
    for (const call of calls(records)) {
      for await (const envelope of givenBy(await call())) {
        take(envelope);
        if (loader.full()) await loader.flush();
      }
    }
    return await loader.finish();
  } catch (error) {
    await loader.abandon();
    throw error;
  } finally {
    await records.return(undefined);
  }
}

/** A function without types may give anything. */
type Records = AsyncGenerator<Required<Envelope>, void>;

/**
 * The records in stretches of nearly one size, to be read in this order: what a reader leaves of its own is passed over
 * by the next. The last takes what is left.
 */
function stretches(records: Records, partitions: number, rows: number): readonly AsyncIterable<Required<Envelope>>[] {
  if (partitions === 1) return [records];
  let at = 0;
  const next = async (): Promise<Required<Envelope> | undefined> => {
    const result = await records.next();
    at++;
    return result.done === true ? undefined : result.value;
  };
  async function* stretch(index: number): AsyncGenerator<Required<Envelope>> {
    const start = Math.floor((index * rows) / partitions);
    const end = index + 1 === partitions ? Infinity : Math.floor(((index + 1) * rows) / partitions);
    while (at < start && (await next()) !== undefined);
    while (at < end) {
      const envelope = await next();
      if (envelope === undefined) return;
      yield envelope;
    }
  }
  return Array.from({ length: partitions }, (_, index) => stretch(index));
}

async function* envelopes(relation: Relation, engine: RowEngine, run: RunOptions): Records {
  const open = batchOpener(relation.type);
  for await (const batch of engine.batches(relation, run)) {
    const records = open(batch);
    for (let at = 0; at < batch.rows.length; at++)
      yield { record: markedRecord(records, at), isError: false, errorMessage: "" };
  }
}

function givenBy(result: unknown): Envelopes {
  if (typeof result === "object" && result !== null && (Symbol.asyncIterator in result || Symbol.iterator in result))
    return result as Envelopes;
  throw new DynaframeError(
    "NOT_A_RECORD",
    "The function of mapPartitions gave no records: neither a list nor a generator.",
    {
      expected: "{ record: object }, any number of them",
      found: result === null ? "null" : typeof result,
      hint: "Return an array of envelopes, or write the function as function* or async function*.",
    },
  );
}

function checked(envelope: unknown): Envelope {
  const record: unknown =
    typeof envelope === "object" && envelope !== null && "record" in envelope ? envelope.record : undefined;
  if (typeof record === "object" && record !== null && !Array.isArray(record)) return envelope as Envelope;
  throw new DynaframeError(
    "NOT_A_RECORD",
    "The function of mapPartitions gave something that is no { record, isError, errorMessage }.",
    { expected: "{ record: object }", hint: "Yield envelopes, not bare records: yield { record }." },
  );
}

const errorRecord = (record: PlainRecord, message: string, { site, info }: CallSite): ErrorRecord => ({
  site,
  info,
  message,
  stackTrace: "",
  input: null,
  bytesread: null,
  source: null,
  record: record as NonNullable<ErrorRecord["record"]>,
});
