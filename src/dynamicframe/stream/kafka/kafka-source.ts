/**
 * Topics of Kafka as a source: read once between two offsets, or batch by batch. Offsets are the checkpoint's, never a
 * consumer group's. Decision 0186.
 */
import type { RunOptions } from "../../../engine/index.js";
import { DynaframeError } from "../../../types/error.js";
import { checkTransformOptions } from "../../check-transform-options.js";
import { DynamicFrame } from "../../dynamic-frame.js";
import type { Environment } from "../../environment.js";
import type { FrameNode, FrameSession } from "../../frame-node.js";
import { trailing } from "../../trailing.js";
import type { TransformOptions } from "../../verbs/verb.js";
import { rowsNode } from "../../sources/rows.js";
import type { BatchPlan, BatchReader, OffsetRange, SourceBatch, SourceProgress } from "../batch-source.js";
import type { ContinuousNode } from "../stream-plan.js";
import type { KafkaClient, PartitionRange, PartitionState } from "./kafka-client.js";
import {
  kafkaRequest,
  partitionName,
  placeOf,
  type FromKafkaOptions,
  type KafkaRequest,
  type Place,
  type Places,
  type Since,
} from "./kafka-options.js";
import { sharedOut } from "./share-out.js";

export function kafkaFrame(environment: Environment, options: FromKafkaOptions): DynamicFrame {
  if (options.strictPaths !== false)
    checkTransformOptions("fromOptions", options, ["connectionType", "connectionOptions", "format", "formatOptions"]);
  return new DynamicFrame(environment, kafkaNode(options, trailing(options)), kafkaRequest(options).name);
}

function kafkaNode(options: FromKafkaOptions, step: TransformOptions): ContinuousNode {
  const request = kafkaRequest(options);
  const connect = async (session: FrameSession): Promise<KafkaClient> => {
    const [{ KafkaClient: client }, { kafkaAddress }] = await Promise.all([
      import("./kafka-client.js"),
      import("./kafka-address.js"),
    ]);
    return client.open(await kafkaAddress(options.connectionOptions, session), request);
  };
  return {
    kind: "fromOptions",
    args: { kafka: request.name, format: request.format },
    inputs: [],
    options: step,
    continuous: {
      name: request.name,
      open: (progress, session, run) => new KafkaReader(request, step, () => connect(session), progress, session, run),
    },
    resolve: async (inputs, session, run) => {
      if (request.starting === "latest") throw fromItsEnd();
      const client = await connect(session);
      try {
        const node = await readOnce(client, request, step, session, run);
        return await node.resolve(inputs, session, run);
      } finally {
        await client.close();
      }
    },
  };
}

/** From startingOffsets to endingOffsets, as the topics are now. */
async function readOnce(
  client: KafkaClient,
  request: KafkaRequest,
  step: TransformOptions,
  session: FrameSession,
  run: RunOptions,
): Promise<FrameNode> {
  const states = await client.partitions();
  const starts = await startsOf(client, states, request.starting ?? "earliest");
  const ranges = states.map((state, i) => {
    const until = offsetAt(placeOf(request.ending, state.topic, state.partition, "latest"), state);
    return {
      topic: state.topic,
      partition: state.partition,
      from: starts[i] ?? state.low,
      until: until < state.high ? until : state.high,
    };
  });
  const { reached, node } = await readRanges(client, ranges, request, step, session, run);
  const short = ranges.find(
    ({ topic, partition, from, until }) =>
      from < until && (reached.get(partitionName(topic, partition)) ?? from) < until,
  );
  if (short === undefined) return node;
  throw new DynaframeError(
    "KAFKA_STALLED",
    `${partitionName(short.topic, short.partition)} gave nothing for ${request.stallMs} ms at offset ${String(reached.get(partitionName(short.topic, short.partition)))}.`,
    {
      path: request.name,
      expected: `records up to offset ${String(short.until)}`,
      hint: "A transaction may be open there: end it, or give endingOffsets before it; pollTimeoutMs waits longer.",
    },
  );
}

async function readRanges(
  client: KafkaClient,
  ranges: readonly PartitionRange[],
  request: KafkaRequest,
  step: TransformOptions,
  session: FrameSession,
  { signal }: RunOptions,
): Promise<{ readonly reached: ReadonlyMap<string, bigint>; readonly node: FrameNode }> {
  const { MessageFile } = await import("./kafka-messages.js");
  const messages = await MessageFile.create(request, session);
  try {
    const reached = await client.read(ranges, messages.add, signal);
    return { reached, node: await messages.node(step) };
  } catch (error) {
    await messages.abandon();
    throw error;
  }
}

/**
 * Where each partition begins that no batch has read.
 * @throws STREAM_OFFSETS_LOST for an offset that is named and gone
 */
async function startsOf(
  client: KafkaClient,
  states: readonly PartitionState[],
  places: Places | Since,
): Promise<readonly bigint[]> {
  if (typeof places !== "object" || !("kind" in places)) {
    return states.map((state) => {
      const offset = offsetAt(placeOf(places, state.topic, state.partition, "earliest"), state);
      if (offset < state.low || offset > state.high) throw lost(state, offset);
      return offset;
    });
  }
  const since = new Map<string, bigint>();
  for (const topic of new Set(states.map((state) => state.topic)))
    for (const [name, offset] of await client.offsetsSince(topic, places.time)) since.set(name, offset);
  return states.map((state) => since.get(partitionName(state.topic, state.partition)) ?? state.high);
}

const offsetAt = (place: Place, { low, high }: PartitionState): bigint =>
  place === "earliest" ? low : place === "latest" ? high : place.offset;

class KafkaReader implements BatchReader {
  private client: Promise<KafkaClient> | undefined;
  /** The next offset of each partition that no batch has committed yet, by partitionName. */
  private readonly begins = new Map<string, bigint>();
  private begun = false;

  constructor(
    private readonly request: KafkaRequest,
    private readonly step: TransformOptions,
    private readonly connect: () => Promise<KafkaClient>,
    private readonly progress: SourceProgress,
    private readonly session: FrameSession,
    private readonly run: RunOptions,
  ) {}

  readonly live = false;
  readonly ended = (): boolean => false;
  readonly settled = (): Promise<void> => new Promise(() => undefined);

  async next(): Promise<SourceBatch | undefined> {
    const client = await this.connected();
    const states = await client.partitions();
    const first = this.progress.offsets.size === 0 && !this.begun;
    this.begun = true;
    await this.beginNew(client, states, first);
    const ranges = sharedOut(
      states.map((state) => ({
        topic: state.topic,
        partition: state.partition,
        from: this.nextOf(state),
        until: state.high,
      })),
      this.request.most,
    );
    // where "latest" was when this began is remembered, though there is nothing to read
    if (first && ranges.length === 0)
      return this.batchOf(
        client,
        states.map(({ topic, partition, high }) => ({ topic, partition, from: high, until: high })),
      );
    return this.batchOf(client, ranges);
  }

  async again(plan: BatchPlan): Promise<SourceBatch> {
    if (plan.kind !== "offsets")
      throw new DynaframeError("CHECKPOINT_MISMATCH", "The checkpoint is one of files, not of Kafka.", {
        hint: "Give each source a checkpointLocation of its own.",
      });
    const client = await this.connected();
    const states = new Map(
      (await client.partitions()).map((state) => [partitionName(state.topic, state.partition), state]),
    );
    const ranges = plan.ranges.map((range): PartitionRange => {
      const state = states.get(range.partition);
      const from = range.after === undefined ? 0n : BigInt(range.after) + 1n;
      const until = BigInt(range.upTo) + 1n;
      if (state === undefined) throw lost({ topic: range.partition, partition: -1, low: 0n, high: 0n }, from);
      if (from < state.low || until > state.high) throw lost(state, from);
      return { topic: state.topic, partition: state.partition, from, until };
    });
    const batch = await this.batchOf(client, ranges);
    if (this.run.signal?.aborted) return { plan, node: rowsNode([], this.step) };
    if (batch === undefined || JSON.stringify(batch.plan) !== JSON.stringify(plan))
      throw new DynaframeError(
        "KAFKA_STALLED",
        `${this.request.name}: the records of an unfinished batch do not all come again within ${this.request.stallMs} ms.`,
        { path: this.request.name, hint: "Start again later; pollTimeoutMs waits longer." },
      );
    return batch;
  }

  async close(): Promise<void> {
    await (await this.client?.catch(() => undefined))?.close();
  }

  private connected(): Promise<KafkaClient> {
    this.client ??= this.connect().catch((error: unknown) => {
      this.client = undefined;
      throw error;
    });
    return this.client;
  }

  /** Partitions that came later are read from their first record, wherever the others began. */
  private async beginNew(client: KafkaClient, states: readonly PartitionState[], first: boolean): Promise<void> {
    const unknown = states.filter((state) => {
      const name = partitionName(state.topic, state.partition);
      return !this.progress.offsets.has(name) && !this.begins.has(name);
    });
    const starts = await startsOf(client, unknown, first ? (this.request.starting ?? "latest") : "earliest");
    for (const [i, { topic, partition }] of unknown.entries())
      this.begins.set(partitionName(topic, partition), starts[i] ?? 0n);
  }

  private nextOf(state: PartitionState): bigint {
    const name = partitionName(state.topic, state.partition);
    const committed = this.progress.offsets.get(name);
    const next = committed === undefined ? (this.begins.get(name) ?? state.low) : BigInt(committed) + 1n;
    if (next < state.low || next > state.high) throw lost(state, next);
    return next;
  }

  /** What has come of the ranges; undefined for nothing. The plan is what was reached. */
  private async batchOf(client: KafkaClient, ranges: readonly PartitionRange[]): Promise<SourceBatch | undefined> {
    if (ranges.length === 0) return undefined;
    const { reached, node } = await readRanges(client, ranges, this.request, this.step, this.session, this.run).catch(
      (error: unknown) => {
        if (this.run.signal?.aborted) return { reached: undefined, node: undefined };
        throw error;
      },
    );
    if (reached === undefined) return undefined;
    const read = ranges
      .map((range) => ({ ...range, until: reached.get(partitionName(range.topic, range.partition)) ?? range.from }))
      .filter((range, i) => range.until > range.from || range.until === ranges[i]?.until);
    return read.length === 0 ? undefined : { plan: { kind: "offsets", ranges: read.map(planned) }, node };
  }
}

const fromItsEnd = (): DynaframeError =>
  new DynaframeError("BAD_OPTION", "kafka: a topic that is read once has nothing after its latest offset.", {
    path: "startingOffsets",
    expected: "earliest, or JSON",
    found: "latest",
    hint: "Leave startingOffsets out, or read by forEachBatch.",
  });

const planned = ({ topic, partition, from, until }: PartitionRange): OffsetRange => ({
  partition: partitionName(topic, partition),
  ...(from === 0n ? {} : { after: String(from - 1n) }),
  upTo: String(until - 1n),
  records: Number(until - from),
});

const lost = (state: PartitionState, offset: bigint): DynaframeError => {
  const name = state.partition < 0 ? state.topic : partitionName(state.topic, state.partition);
  return new DynaframeError(
    "STREAM_OFFSETS_LOST",
    `${name} does not have offset ${String(offset)}: it has ${String(state.low)} to ${String(state.high)}.`,
    {
      path: name,
      expected: `${String(state.low)} to ${String(state.high)}`,
      found: String(offset),
      hint: "The records are past the topic's retention, or the topic was made anew. Begin with a new checkpointLocation, or other startingOffsets, to go on with what it has.",
    },
  );
};
