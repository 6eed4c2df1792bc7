import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunOptions } from "../../engine/index.js";
import { DynaframeError } from "../../types/error.js";
import { escapedSurrogates } from "../../types/well-formed.js";
import type { FrameNode, FrameSession } from "../frame-node.js";
import { filesNode } from "../sources/files.js";
import { rowsNode } from "../sources/rows.js";
import { sourceSelection } from "../sources/source-options.js";
import type { TransformOptions } from "../verbs/verb.js";
import type { BatchReader, ContinuousSource, OffsetRange, SourceBatch, SourceProgress } from "./batch-source.js";
import type { RecordStream, StreamRecord } from "./record-stream.js";

/** A stream in batches of what has come since; `most` records are held at once, then the stream is not read on. */
export const recordsInBatches = (
  stream: RecordStream,
  most: number,
  format: "json" | undefined,
  options: TransformOptions,
): ContinuousSource => ({
  name: `stream:${stream.name}`,
  open: (progress, session, run) =>
    new StreamReader(stream, most, (records) => nodeOf(records, stream.name, format, options, session), progress, run),
});

type Held = { readonly partition: string; readonly offset: string; readonly value: StreamRecord["value"] };

class StreamReader implements BatchReader {
  private held: Held[] = [];
  private readonly stopping = new AbortController();
  private done = false;
  private failure: { readonly error: unknown } | undefined;
  private pumping: Promise<void> | undefined;
  /** Called when the buffer has room again, and when waiting is over. */
  private resume = (): void => undefined;
  private wake = (): void => undefined;

  constructor(
    private readonly stream: RecordStream,
    private readonly most: number,
    private readonly nodeOf: (records: readonly Held[]) => Promise<FrameNode>,
    private readonly progress: SourceProgress,
    { signal }: RunOptions,
  ) {
    if (signal?.aborted) this.stopping.abort(signal.reason);
    else
      signal?.addEventListener(
        "abort",
        () => {
          this.stopping.abort(signal.reason);
          this.wake();
          this.resume();
        },
        { once: true },
      );
  }

  readonly live = true;
  readonly ended = (): boolean => this.done && this.held.length === 0 && this.failure === undefined;
  readonly settled = (): Promise<void> =>
    this.done || this.failure !== undefined || this.held.length >= this.most
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.wake = resolve;
        });

  async next(): Promise<SourceBatch | undefined> {
    this.pumping ??= this.pump(this.progress.offsets);
    // what came before a failure is a batch of its own; the failure is told after it
    if (this.held.length === 0 && this.failure !== undefined) throw this.failure.error;
    const records = this.held;
    if (records.length === 0) return undefined;
    this.held = [];
    this.resume();
    return {
      plan: { kind: "offsets", ranges: rangesOf(records, this.progress.offsets) },
      node: await this.nodeOf(records),
    };
  }

  async again(plan: Parameters<BatchReader["again"]>[0]): Promise<SourceBatch> {
    if (plan.kind !== "offsets")
      throw new DynaframeError("CHECKPOINT_MISMATCH", "The checkpoint is one of files, not of a stream.", {
        hint: "Give each source a checkpointLocation of its own.",
      });
    const wanted = new Map(plan.ranges.map((range) => [range.partition, { ...range, seen: 0 }]));
    const records: Held[] = [];
    const reading = new AbortController();
    const stop = (): void => {
      reading.abort();
    };
    this.stopping.signal.addEventListener("abort", stop, { once: true });
    try {
      if (wanted.size > 0)
        for await (const record of this.stream.read(offsetsOf(plan.ranges, this.progress.offsets), reading.signal)) {
          const held = heldOf(record);
          const range = wanted.get(held.partition);
          if (range === undefined) continue;
          records.push(held);
          if (held.offset === range.upTo) wanted.delete(held.partition);
          else if (++range.seen >= range.records) break;
          if (wanted.size === 0) break;
        }
    } finally {
      this.stopping.signal.removeEventListener("abort", stop);
      reading.abort();
    }
    if (wanted.size > 0 && !this.stopping.signal.aborted) throw this.lost([...wanted.keys()]);
    return { plan, node: await this.nodeOf(records) };
  }

  async close(): Promise<void> {
    this.stopping.abort();
    this.resume();
    await this.pumping;
  }

  private async pump(after: ReadonlyMap<string, string>): Promise<void> {
    try {
      for await (const record of this.stream.read(new Map(after), this.stopping.signal)) {
        this.held.push(heldOf(record));
        if (this.held.length >= this.most) {
          this.wake();
          await new Promise<void>((resolve) => {
            this.resume = resolve;
            if (this.stopping.signal.aborted) resolve();
          });
        }
        if (this.stopping.signal.aborted) break;
      }
      this.done = true;
    } catch (error) {
      if (this.stopping.signal.aborted) this.done = true;
      else this.failure = { error };
    } finally {
      this.wake();
    }
  }

  private lost(partitions: readonly string[]): DynaframeError {
    return new DynaframeError(
      "STREAM_OFFSETS_LOST",
      `The stream ${this.stream.name} does not have the records any more that an unfinished batch began with (partitions ${partitions.join(", ")}).`,
      {
        path: this.stream.name,
        hint: "They are past the stream's retention. Begin with a new checkpointLocation to go on with what it has.",
      },
    );
  }
}

function heldOf({ partition = "0", offset, value }: StreamRecord): Held {
  return { partition: String(partition), offset: String(offset), value };
}

function rangesOf(records: readonly Held[], before: ReadonlyMap<string, string>): readonly OffsetRange[] {
  const ranges = new Map<string, { upTo: string; records: number }>();
  for (const { partition, offset } of records)
    ranges.set(partition, { upTo: offset, records: (ranges.get(partition)?.records ?? 0) + 1 });
  return [...ranges].map(([partition, range]) => {
    const after = before.get(partition);
    return { partition, ...(after === undefined ? {} : { after }), ...range };
  });
}

/** Partitions that the batch does not have keep their places. */
const offsetsOf = (
  ranges: readonly OffsetRange[],
  committed: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> => {
  const offsets = new Map(committed);
  for (const { partition, after } of ranges) if (after !== undefined) offsets.set(partition, after);
  return offsets;
};

/**
 * Texts go through a file, one to a line, and with it through the scanner: exact types, and what is malformed is
 * counted.
 */
async function nodeOf(
  records: readonly Held[],
  name: string,
  format: "json" | undefined,
  options: TransformOptions,
  session: FrameSession,
): Promise<FrameNode> {
  if (format === undefined)
    return rowsNode(
      records.map(({ value }) => value as object),
      { ...options, name },
    );
  const folder = await session.stagingFolder("stream");
  await writeFile(
    join(folder, "records.json"),
    Buffer.concat([NEWLINE, ...records.flatMap(({ value }) => [lineOf(value), NEWLINE])]),
  );
  return filesNode({ paths: [folder], format, formatOptions: {}, selection: sourceSelection({}) }, options);
}

/** One before the first record too, whose bytes else could be taken for the mark of another encoding. */
const NEWLINE = Buffer.from("\n");

/**
 * One line, with all that the scanner is to tell: bytes as they are, and half a surrogate pair, which no file can hold,
 * as its escape.
 */
function lineOf(value: StreamRecord["value"]): Buffer {
  if (typeof value === "string") return Buffer.from(escapedSurrogates(value).replaceAll(/[\r\n]+/g, " "));
  if (value instanceof Uint8Array)
    return Buffer.from(value).map((byte) => (byte === 10 || byte === 13 ? 32 : byte)) as Buffer;
  throw new DynaframeError("NOT_A_RECORD", "A record of the stream is an object, where format says text.", {
    expected: "a text or bytes",
    hint: "Leave format out for records that are objects.",
  });
}
