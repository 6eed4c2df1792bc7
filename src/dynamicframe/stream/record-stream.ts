/** Streams of records as sources: anything that yields records with offsets, such as the client of a broker. */
import { DynaframeError } from "../../types/error.js";
import type { FrameNode } from "../frame-node.js";
import type { TransformOptions } from "../verbs/verb.js";
import type { ContinuousSource } from "./batch-source.js";
import { recordsInBatches } from "./record-batches.js";

/** One record of a stream, and its place there. */
export type StreamRecord = {
  /** Default "0". */
  readonly partition?: string | number;
  /** Of the record in its partition; the stream alone knows their order. */
  readonly offset: string | number | bigint;
  /** A record; with `format: "json"` the text or the bytes of one. */
  readonly value: object | string;
};

/** The port that a client of a broker fulfils. */
export interface RecordStream {
  /** What the checkpoint belongs to, such as `kinesis:orders`. */
  readonly name: string;
  /**
   * The records after these offsets, by partition; of a partition that is not named, from where the stream begins. In
   * order within each partition. It may go on for ever; when `signal` is aborted it ends.
   */
  read(after: ReadonlyMap<string, string>, signal: AbortSignal): AsyncIterable<StreamRecord>;
}

/** A stream of records of the caller's own, to be read by `forEachBatch`. */
export type FromStreamOptions = TransformOptions & {
  /** A stream of the caller's. */
  readonly connectionType: "stream";
  /** The stream, and how much of it is held at once. */
  readonly connectionOptions: {
    readonly stream: RecordStream;
    /** Records held at once, and in a batch at most; default 100,000. */
    readonly maxRecordsPerBatch?: number;
  };
  /** What texts hold; records that are objects have no format. */
  readonly format?: "json";
};

export const isStreamSource = (options: { readonly connectionType: string }): options is FromStreamOptions =>
  options.connectionType === "stream";

/** Brokers whose client is the user's. */
const BROKERS: readonly string[] = ["kinesis", "eventhub"];

/** @throws UNSUPPORTED_CONNECTION for a broker by name */
export function refuseBrokers(call: string, { connectionType }: { readonly connectionType: string }): void {
  if (!BROKERS.includes(connectionType)) return;
  throw new DynaframeError("UNSUPPORTED_CONNECTION", `${call}: dynaframe brings no client of ${connectionType}.`, {
    expected: "file, s3, kafka, stream",
    found: connectionType,
    hint: "Use connectionType: 'stream' with connectionOptions: { stream }, where stream.read() yields { partition, offset, value } of the client that you use.",
  });
}

/** A frame of it is read by forEachBatch only: a stream has no end. */
export function streamNode(
  { connectionOptions, format }: FromStreamOptions,
  options: TransformOptions,
): FrameNode & { readonly continuous: ContinuousSource } {
  const { stream, maxRecordsPerBatch = 100_000 } = connectionOptions;
  if (typeof stream !== "object" || typeof stream.name !== "string" || typeof stream.read !== "function") {
    throw new DynaframeError("BAD_OPTION", "fromOptions: connectionOptions.stream is no stream.", {
      path: "stream",
      expected: "{ name, read(after, signal) }",
      hint: "See RecordStream.",
    });
  }
  if (!Number.isInteger(maxRecordsPerBatch) || maxRecordsPerBatch < 1) {
    throw new DynaframeError("BAD_OPTION", "fromOptions: maxRecordsPerBatch is a whole number from 1.", {
      path: "maxRecordsPerBatch",
      found: String(maxRecordsPerBatch),
    });
  }
  if (format !== undefined && format !== "json")
    throw new DynaframeError(
      "UNSUPPORTED_FORMAT",
      `fromOptions: a stream's records are objects, or texts of JSON, not ${String(format)}.`,
      { expected: "json", found: String(format), hint: "Parse them in the stream's read()." },
    );
  return {
    kind: "fromOptions",
    args: { stream: stream.name },
    inputs: [],
    options,
    continuous: recordsInBatches(stream, maxRecordsPerBatch, format, options),
    resolve: () => {
      throw new DynaframeError("STREAM_ONLY", `The stream ${stream.name} is read by forEachBatch only.`, {
        path: stream.name,
        hint: "Pass the frame to glue.forEachBatch({ frame, batchFunction, options }).",
      });
    },
  };
}
