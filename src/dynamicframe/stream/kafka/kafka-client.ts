/**
 * What is asked of brokers: which topics there are, what each partition has, and the records between two offsets. By
 * the package kafkajs, loaded when used.
 */
import { randomUUID } from "node:crypto";
import type { Admin, Consumer, EachBatchPayload, Kafka } from "kafkajs";
import { DynaframeError } from "../../../types/error.js";
import { loadOptional } from "../../../types/load-optional.js";
import type { KafkaAddress } from "./kafka-address.js";
import { partitionName, type KafkaRequest } from "./kafka-options.js";

/** What a partition has: the offset of its first record, and the one that its next record will get. */
export type PartitionState = {
  readonly topic: string;
  readonly partition: number;
  readonly low: bigint;
  readonly high: bigint;
};
/** Records of a partition from `from` on, without `until`. */
export type PartitionRange = {
  readonly topic: string;
  readonly partition: number;
  readonly from: bigint;
  readonly until: bigint;
};
export type KafkaMessage = {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly value: Uint8Array | null;
};

/** Of one fetch and partition; kafkajs' own default is 1 MiB. A record that is larger arrives all the same. */
const FETCH_BYTES = 4 << 20;

export class KafkaClient {
  private constructor(
    private readonly kafka: Kafka,
    private readonly admin: Admin,
    private readonly address: KafkaAddress,
    private readonly request: KafkaRequest,
  ) {}

  /** @throws OPTIONAL_DEPENDENCY; KAFKA_FAILED where no broker answers or the user is refused */
  static async open(address: KafkaAddress, request: KafkaRequest): Promise<KafkaClient> {
    const { default: kafkajs } = await loadOptional("kafkajs", () => import("kafkajs"), "Reading Kafka");
    const kafka = new kafkajs.Kafka({
      clientId: "dynaframe",
      brokers: [...address.brokers],
      logLevel: kafkajs.logLevel.NOTHING,
      connectionTimeout: 10_000,
      ssl: address.tls ? (address.ca === undefined ? true : { ca: address.ca }) : false,
      ...(address.sasl === undefined ? {} : { sasl: address.sasl }),
      retry: { retries: request.retries, initialRetryTime: request.retryMs },
    });
    const admin = kafka.admin();
    const client = new KafkaClient(kafka, admin, address, request);
    await client.told(() => admin.connect());
    return client;
  }

  /**
   * The partitions that the request names, in order.
   * @throws KAFKA_TOPIC_NOT_FOUND for a topic or partition that is named and not there
   */
  async partitions(): Promise<readonly PartitionState[]> {
    const { topics } = this.request;
    const there = new Set(await this.told(() => this.admin.listTopics()));
    const names =
      topics.kind === "pattern"
        ? await matching(
            topics.pattern,
            [...there].filter((name) => !name.startsWith("__")),
          )
        : topics.kind === "names"
          ? topics.names
          : [...topics.partitions.keys()];
    const found: PartitionState[] = [];
    for (const topic of [...new Set(names)].sort()) {
      if (!there.has(topic)) throw notFound(topic, [...there]);
      const states = await this.told(() => this.admin.fetchTopicOffsets(topic));
      const wanted = topics.kind === "partitions" ? topics.partitions.get(topic) : undefined;
      for (const number of wanted ?? [])
        if (!states.some(({ partition }) => partition === number))
          throw notFound(
            partitionName(topic, number),
            states.map(({ partition }) => partitionName(topic, partition)),
          );
      for (const { partition, low, high } of states)
        if (wanted?.has(partition) ?? true) found.push({ topic, partition, low: BigInt(low), high: BigInt(high) });
    }
    return found.sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : 0));
  }

  /** Of each partition the first offset of that time or later; by partitionName. */
  async offsetsSince(topic: string, time: number): Promise<ReadonlyMap<string, bigint>> {
    const offsets = await this.told(() => this.admin.fetchTopicOffsetsByTimestamp(topic, time));
    return new Map(offsets.map(({ partition, offset }) => [partitionName(topic, partition), BigInt(offset)]));
  }

  /**
   * Calls `take` with each record of the ranges, in order within each partition. Returns where each partition stands,
   * by partitionName: at the end of its range, or before it where for `pollTimeoutMs` nothing has come, such as behind
   * a transaction that is still open.
   */
  async read(
    ranges: readonly PartitionRange[],
    take: (message: KafkaMessage) => Promise<void>,
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<string, bigint>> {
    const reading = new RangeReading(ranges, this.request.stallMs, take, signal);
    // of this read alone: offsets are kept by the checkpoint, and the group is gone when its only member is
    const consumer = this.kafka.consumer({
      groupId: `dynaframe-${randomUUID()}`,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: 250,
      maxBytesPerPartition: FETCH_BYTES,
    });
    try {
      await this.told(() => reading.run(consumer));
    } finally {
      await consumer.disconnect().catch(() => undefined);
    }
    signal?.throwIfAborted();
    return reading.reached;
  }

  async close(): Promise<void> {
    await this.admin.disconnect().catch(() => undefined);
  }

  private async told<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof DynaframeError || !isOfKafka(error)) throw error;
      const { sasl } = this.address;
      const told = sasl === undefined ? error.message : error.message.replaceAll(sasl.password, "…");
      throw new DynaframeError("KAFKA_FAILED", `Kafka at ${this.address.brokers.join(", ")}: ${told}`, {
        path: this.request.name,
        hint: "Check bootstrap.servers (or the connection), whether they speak TLS, and the user's rights to read the topic and to join a group named dynaframe-*.",
      });
    }
  }
}

/** One pass over ranges by a consumer. */
class RangeReading {
  readonly reached: Map<string, bigint>;
  private readonly open: Map<string, PartitionRange>;
  private timer: NodeJS.Timeout | undefined;
  private finish = (_error?: Error): void => undefined;
  private ending = false;

  constructor(
    private readonly ranges: readonly PartitionRange[],
    private readonly stallMs: number,
    private readonly take: (message: KafkaMessage) => Promise<void>,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.reached = new Map(ranges.map(({ topic, partition, from }) => [partitionName(topic, partition), from]));
    this.open = new Map(
      ranges
        .filter(({ from, until }) => from < until)
        .map((range) => [partitionName(range.topic, range.partition), range]),
    );
  }

  async run(consumer: Consumer): Promise<void> {
    if (this.open.size === 0) return;
    const done = new Promise<void>((resolve, reject) => {
      this.finish = (error) => {
        this.ending = true;
        clearTimeout(this.timer);
        if (error === undefined) resolve();
        else reject(error);
      };
    });
    const stop = (): void => {
      this.finish();
    };
    this.signal?.addEventListener("abort", stop, { once: true });
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...new Set(this.ranges.map(({ topic }) => topic))], fromBeginning: true });
      consumer.on("consumer.crash", ({ payload }) => {
        if (!payload.restart) this.finish(payload.error);
      });
      // also of batches that hold markers of transactions only, which no function hears of
      consumer.on("consumer.end_batch_process", ({ payload: { topic, partition, lastOffset } }) => {
        this.advance(partitionName(topic, partition), BigInt(lastOffset) + 1n);
      });
      this.wait();
      void consumer
        .run({ autoCommit: false, eachBatch: (payload) => this.batch(payload, consumer) })
        .catch((error: unknown) => {
          this.finish(error instanceof Error ? error : new Error(String(error)));
        });
      for (const { topic, partition, from } of this.ranges) consumer.seek({ topic, partition, offset: String(from) });
      if (this.signal?.aborted) this.finish();
      await done;
    } finally {
      this.finish();
      this.signal?.removeEventListener("abort", stop);
    }
  }

  private async batch({ batch, heartbeat, isRunning, isStale }: EachBatchPayload, consumer: Consumer): Promise<void> {
    const { topic, partition } = batch;
    const name = partitionName(topic, partition);
    const range = this.open.get(name);
    if (range === undefined) {
      consumer.pause([{ topic, partitions: [partition] }]);
      return;
    }
    for (const { offset, value } of batch.messages) {
      if (this.ending || !isRunning() || isStale()) return;
      const at = BigInt(offset);
      // what came before the consumer was where it was sent, or comes again after it joined again
      if (at < (this.reached.get(name) ?? range.from)) continue;
      if (at >= range.until) break;
      try {
        await this.take({ topic, partition, offset, value });
      } catch (error) {
        this.finish(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      this.reached.set(name, at + 1n);
    }
    await heartbeat();
  }

  private advance(name: string, next: bigint): void {
    const range = this.open.get(name);
    if (range === undefined || this.ending || next <= range.from) return;
    this.wait();
    this.reached.set(name, next < range.until ? next : range.until);
    if (next >= range.until) this.open.delete(name);
    if (this.open.size === 0) this.finish();
  }

  private wait(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.finish();
    }, this.stallMs);
  }
}

const isOfKafka = (error: unknown): error is Error => error instanceof Error && error.name.startsWith("KafkaJS");

/** In time linear in the name: a script may take its pattern from elsewhere. */
async function matching(pattern: string, names: readonly string[]): Promise<readonly string[]> {
  const { RE2JS } = await import("re2js");
  try {
    const compiled = RE2JS.compile(pattern);
    return names.filter((name) => compiled.matches(name));
  } catch (cause) {
    throw new DynaframeError(
      "BAD_OPTION",
      `kafka: subscribePattern is not read by RE2: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        path: "subscribePattern",
        expected: "a regular expression without look-around and references",
        found: pattern,
        hint: "Write it without them, or name the topics.",
        cause,
      },
    );
  }
}

const notFound = (name: string, there: readonly string[]): DynaframeError =>
  new DynaframeError("KAFKA_TOPIC_NOT_FOUND", `The brokers have no ${name}.`, {
    path: name,
    expected:
      there
        .filter((topic) => !topic.startsWith("__"))
        .slice(0, 20)
        .join(", ") || "a topic; there is none yet",
    found: name,
    hint: "Check topicName, or let the producer make it first.",
  });
