/** `mapPartitions`: a function over the stream of a partition's records. Embedded engines have one partition, of index 0. */
import { DynaframeError } from "../types/error.js";
import type { EngineSession, RunOptions } from "../engine/index.js";
import { checkTransformOptions } from "./check-transform-options.js";
import { behind, type ErrorRecord, type FrameNode } from "./frame-node.js";
import { batchOpener, type PlainRecord } from "./batch-records.js";
import { errorLog, outputRows, type ErrorLog } from "./loaded-rows.js";
import type { Relation } from "../plan/ir/relation.js";
import { markedRecord, originOf } from "./type-tag.js";
import type { TransformOptions } from "./verbs/verb.js";

/** How records come and go: Glue's `{"record", "isError", "errorMessage"}`. */
export type Envelope = { readonly record: PlainRecord; readonly isError?: boolean; readonly errorMessage?: string };
/** Takes the records one by one (`for await`) and gives any number of them back, as an array, a generator or an async generator. */
export type PartitionFunction = (records: AsyncIterable<Required<Envelope>>) => Envelopes | Promise<Envelopes>;
export type IndexedPartitionFunction = (index: number, records: AsyncIterable<Required<Envelope>>) => Envelopes | Promise<Envelopes>;
type Envelopes = Iterable<Envelope> | AsyncIterable<Envelope>;

/**
 * What comes back with `isError` is an error record of this step; errors of earlier steps are not passed in and stay counted. A record that
 * came in keeps its types as with `map`. What `f` throws fails the action: no single record is at fault. Reference §4.
 */
export function partitionNode(kind: string, name: string, input: FrameNode, f: IndexedPartitionFunction, options: TransformOptions): FrameNode {
  checkTransformOptions(kind, options);
  const site = options.transformationCtx || kind;
  return {
    kind, args: { f: name || "(function)" }, inputs: [input], options,
    resolve: async ([resolved], session, run) => {
      if (!resolved) throw new Error(`${kind} has one input`);
      const errors = errorLog();
      const relation = await runPartition(resolved.relation, await session.engine(), run, f, errors, { site, info: options.info ?? "" });
      return {
        ...resolved, relation, recordwise: false, behind: behind(resolved),
        errors: errors.count() > 0 ? [...resolved.errors, { step: site, count: errors.count(), records: errors.kept }] : resolved.errors,
      };
    },
  };
}

type CallSite = { readonly site: string; readonly info: string };

async function runPartition(relation: Relation, engine: EngineSession, run: RunOptions, f: IndexedPartitionFunction, errors: ErrorLog, callsite: CallSite): Promise<Relation> {
  const { type } = relation;
  const loader = outputRows(engine, type, run);
  try {
    for await (const envelope of await f(0, envelopes(relation, engine, run))) {
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

async function* envelopes(relation: Relation, engine: EngineSession, run: RunOptions): AsyncIterable<Required<Envelope>> {
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
