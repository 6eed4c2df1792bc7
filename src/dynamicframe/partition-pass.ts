/** The stream of a partition's records through a function. In this process, or in one on another machine. */
import type { RunOptions } from "../engine/index.js";
import type { Relation } from "../plan/ir/relation.js";
import { DynaframeError } from "../types/error.js";
import type { RowEngine } from "./batch-feed.js";
import { batchOpener, type PlainRecord } from "./batch-records.js";
import type { ErrorRecord } from "./frame-node.js";
import { looseRows, type ErrorLog } from "./loaded-rows.js";
import { markedRecord, originOf } from "./type-tag.js";

/** How records come and go: Glue's `{"record", "isError", "errorMessage"}`. */
export type Envelope = { readonly record: PlainRecord; readonly isError?: boolean; readonly errorMessage?: string };
/** Takes the records one by one (`for await`) and gives any number of them back, as an array, a generator or an async generator. */
export type PartitionFunction = (records: AsyncIterable<Required<Envelope>>) => Envelopes | Promise<Envelopes>;
export type IndexedPartitionFunction = (index: number, records: AsyncIterable<Required<Envelope>>) => Envelopes | Promise<Envelopes>;
type Envelopes = Iterable<Envelope> | AsyncIterable<Envelope>;

type CallSite = { readonly site: string; readonly info: string };

/** The rows of one partition through a function, its results loaded into the engine. */
export async function runPartition(
  relation: Relation, engine: RowEngine, run: RunOptions, f: IndexedPartitionFunction, errors: ErrorLog, callsite: CallSite, partition = 0,
): Promise<Relation> {
  const { type } = relation;
  const loader = looseRows(engine, type, run);
  try {
    for await (const envelope of await f(partition, envelopes(relation, engine, run))) {
      const { record, isError = false, errorMessage = "" } = checked(envelope);
      if (isError) errors.add(() => errorRecord(record, errorMessage, callsite));
      else {
        const origin = originOf(record);
        try { loader.add(record, origin?.records, origin?.at ?? 0); } catch (error) { errors.add(() => errorRecord(record, String(error), callsite)); }
      }
      if (loader.full()) await loader.flush();
    }
    return await loader.finish();
  } catch (error) {
    await loader.abandon();
    throw error;
  }
}

async function* envelopes(relation: Relation, engine: RowEngine, run: RunOptions): AsyncIterable<Required<Envelope>> {
  const open = batchOpener(relation.type);
  for await (const batch of engine.batches(relation, run)) {
    const records = open(batch);
    for (let at = 0; at < batch.rows.length; at++) yield { record: markedRecord(records, at), isError: false, errorMessage: "" };
  }
}

function checked(envelope: unknown): Envelope {
  const record: unknown = typeof envelope === "object" && envelope !== null && "record" in envelope ? envelope.record : undefined;
  if (typeof record === "object" && record !== null && !Array.isArray(record)) return envelope as Envelope;
  throw new DynaframeError("NOT_A_RECORD", "The function of mapPartitions gave something that is no { record, isError, errorMessage }.", {
    expected: "{ record: object }", hint: "Yield envelopes, not bare records: yield { record }.",
  });
}

const errorRecord = (record: PlainRecord, message: string, { site, info }: CallSite): ErrorRecord =>
  ({ site, info, message, stackTrace: "", input: null, bytesread: null, source: null, record: record as NonNullable<ErrorRecord["record"]> });
