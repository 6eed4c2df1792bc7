/**
 * Options of connectionType `kafka`, by Glue's names:
 * https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-kafka-home.html
 */
import { nearestName } from "../../../types/nearest-name.js";
import { DynaframeError } from "../../../types/error.js";
import type { TransformOptions } from "../../verbs/verb.js";

/** The first record that is kept, the one after the last, or one by its offset. */
export type Place = "earliest" | "latest" | { readonly offset: bigint };
/** One place for all partitions, or by partitionName. */
export type Places = Place | ReadonlyMap<string, Place>;
/** Milliseconds since 1970: begins with the first record of that time or later. */
export type Since = { readonly kind: "since"; readonly time: number };

/**
 * Which brokers, topics and offsets.
 * @see https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-kafka-home.html
 */
export type KafkaSourceOptions = {
  /** `host:port`, several with commas between. This or `connectionName`. */
  readonly "bootstrap.servers"?: string;
  /** The same, ours. */
  readonly bootstrapServers?: string;
  /** A connection of the catalog, of type KAFKA: its KAFKA_BOOTSTRAP_SERVERS, TLS and SASL. */
  readonly connectionName?: string;
  /** With bootstrap.servers: PLAINTEXT (default) or SSL; SASL is told by a connection, which keeps its secret. */
  readonly "security.protocol"?: string;
  /** A topic, or several with commas between. One of topicName, assign and subscribePattern. */
  readonly topicName?: string;
  /** JSON: `{"topicA":[0,1],"topicB":[2,4]}`. */
  readonly assign?: string;
  /** A regular expression of RE2 (no look-around, no references) that the whole name of a topic matches. */
  readonly subscribePattern?: string;
  /** `json` (default) or `csv`: what a message holds. `format` says the same. */
  readonly classification?: string;
  /** Between values of csv; default a comma. */
  readonly delimiter?: string;
  /**
   * `earliest`, `latest`, or JSON `{"topicA":{"0":23,"1":-2}}` (-2 earliest, -1 latest). Default: latest in
   * forEachBatch, earliest when read once.
   */
  readonly startingOffsets?: string;
  /** ISO 8601: begins with the first record of that time or later. Not together with startingOffsets. */
  readonly startingTimestamp?: string;
  /** When read once: `latest` (default), or JSON as above. The record at an ending offset is not read. */
  readonly endingOffsets?: string;
  /** Records that one batch takes at most, shared among partitions by what they have; default 1,000,000. */
  readonly maxOffsetsPerTrigger?: string | number;
  /** Attempts of a request after the first; default 3. */
  readonly numRetries?: string | number;
  /** Milliseconds before the first of them; default 300, more before later ones. */
  readonly retryIntervalMs?: string | number;
  /**
   * Milliseconds without a record, where there must be some, after which a batch ends with what has come; default
   * 30,000.
   */
  readonly pollTimeoutMs?: string | number;
  /** Accepted, no effect: a batch is read by one consumer. */
  readonly minPartitions?: string | number;
  /**
   * Accepted, no effect: types are always inferred from all messages; `formatOptions: { withSchema }` declares them.
   */
  readonly inferSchema?: boolean | "true" | "false";
};

/** Topics of Kafka, to be read once or by `forEachBatch`. */
export type FromKafkaOptions = TransformOptions & {
  /** Kafka. */
  readonly connectionType: "kafka";
  /** Brokers, topics and offsets. */
  readonly connectionOptions: KafkaSourceOptions;
  /** What a message holds; default: the connection option `classification`, else json. */
  readonly format?: "json" | "csv";
  /** Options of that format. */
  readonly formatOptions?: { readonly [option: string]: unknown };
};

export type TopicChoice =
  | { readonly kind: "names"; readonly names: readonly string[] }
  | { readonly kind: "pattern"; readonly pattern: string }
  | { readonly kind: "partitions"; readonly partitions: ReadonlyMap<string, ReadonlySet<number>> };

export type KafkaRequest = {
  /** What a checkpoint belongs to. */
  readonly name: string;
  readonly topics: TopicChoice;
  readonly format: "json" | "csv";
  readonly formatOptions: { readonly [option: string]: unknown };
  readonly starting: Places | Since | undefined;
  readonly ending: Places;
  readonly most: number;
  readonly retries: number;
  readonly retryMs: number;
  readonly stallMs: number;
};

export const isKafkaSource = (options: { readonly connectionType: string }): options is FromKafkaOptions =>
  options.connectionType === "kafka";

/** The name of a partition in checkpoints and messages: `topic/3`. */
export const partitionName = (topic: string, partition: number | string): string => `${topic}/${partition}`;

const NAMES = [
  "bootstrap.servers",
  "bootstrapServers",
  "connectionName",
  "security.protocol",
  "topicName",
  "assign",
  "subscribePattern",
  "classification",
  "delimiter",
  "startingOffsets",
  "startingTimestamp",
  "endingOffsets",
  "maxOffsetsPerTrigger",
  "numRetries",
  "retryIntervalMs",
  "pollTimeoutMs",
  "minPartitions",
  "inferSchema",
] as const satisfies readonly (keyof KafkaSourceOptions)[];
/** Of Glue's, those that change what is read. */
const UNSUPPORTED = ["includeHeaders", "addRecordTimestamp"];

/** @throws BAD_OPTION, UNSUPPORTED_OPTION, UNSUPPORTED_FORMAT */
export function kafkaRequest({ connectionOptions, format, formatOptions = {} }: FromKafkaOptions): KafkaRequest {
  for (const name of Object.keys(connectionOptions)) {
    if (NAMES.some((known) => known === name)) continue;
    if (UNSUPPORTED.includes(name)) {
      throw new DynaframeError("UNSUPPORTED_OPTION", `kafka: option ${name} is not built.`, {
        path: name,
        expected: NAMES.join(", "),
        found: name,
        hint: "Leave it out.",
      });
    }
    const near = nearestName(name, NAMES);
    throw new DynaframeError("BAD_OPTION", `kafka has no option ${name}.`, {
      path: name,
      expected: NAMES.join(", "),
      found: name,
      hint: near === undefined ? "Leave it out." : `Did you mean ${near}?`,
    });
  }
  const {
    topicName,
    assign,
    subscribePattern,
    classification,
    delimiter,
    startingOffsets,
    startingTimestamp,
    endingOffsets,
  } = connectionOptions;
  if ([topicName, assign, subscribePattern].filter((given) => given !== undefined && given !== "").length !== 1) {
    throw bad(
      "topicName",
      "one of topicName, assign and subscribePattern",
      JSON.stringify({ topicName, assign, subscribePattern }),
      "Give connectionOptions: { topicName: 'orders' }.",
    );
  }
  if (startingOffsets !== undefined && startingTimestamp !== undefined)
    throw bad("startingTimestamp", "its place without startingOffsets", startingTimestamp, "Give one of the two.");
  const holds = (format ?? classification ?? "json").toLowerCase();
  if (holds !== "json" && holds !== "csv") {
    throw new DynaframeError("UNSUPPORTED_FORMAT", `kafka: messages of ${holds} are not read.`, {
      path: "classification",
      expected: "json, csv",
      found: holds,
      hint: "Read such messages by connectionType: 'stream', where stream.read() parses them.",
    });
  }
  return {
    name: `kafka:${topicName ?? assign ?? subscribePattern}`,
    topics: topicsOf(connectionOptions),
    format: holds,
    formatOptions:
      holds === "json"
        ? formatOptions
        : { withHeader: false, ...(delimiter === undefined ? {} : { separator: delimiter }), ...formatOptions },
    starting:
      startingTimestamp === undefined
        ? startingOffsets === undefined
          ? undefined
          : placesOf("startingOffsets", startingOffsets)
        : { kind: "since", time: timeOf(startingTimestamp) },
    ending: endingOffsets === undefined ? "latest" : placesOf("endingOffsets", endingOffsets),
    most: wholeNumber("maxOffsetsPerTrigger", connectionOptions.maxOffsetsPerTrigger, 1_000_000, 1),
    retries: wholeNumber("numRetries", connectionOptions.numRetries, 3, 0),
    retryMs: wholeNumber("retryIntervalMs", connectionOptions.retryIntervalMs, 300, 1),
    stallMs: wholeNumber("pollTimeoutMs", connectionOptions.pollTimeoutMs, 30_000, 1),
  };
}

/** The place of one partition; of one that is not named, what holds without. */
export const placeOf = (places: Places, topic: string, partition: number, otherwise: Place): Place =>
  typeof places === "object" && "get" in places ? (places.get(partitionName(topic, partition)) ?? otherwise) : places;

function topicsOf({ topicName, assign, subscribePattern }: KafkaSourceOptions): TopicChoice {
  if (subscribePattern !== undefined) {
    // it is run by RE2, which no pattern keeps busy
    try {
      void new RegExp(subscribePattern, "u");
    } catch {
      throw bad("subscribePattern", "a regular expression", subscribePattern);
    }
    return { kind: "pattern", pattern: subscribePattern };
  }
  if (assign === undefined)
    return {
      kind: "names",
      names: (topicName ?? "")
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== ""),
    };
  const read = entriesOf("assign", assign).map(([topic, partitions]) => {
    if (
      !Array.isArray(partitions)
      || !partitions.every((partition) => Number.isInteger(partition) && Number(partition) >= 0)
    )
      throw bad("assign", 'JSON such as {"topicA":[0,1]}', assign);
    return [topic, new Set(partitions.map(Number))] as const;
  });
  return { kind: "partitions", partitions: new Map(read) };
}

function placesOf(option: "startingOffsets" | "endingOffsets", text: string): Places {
  const word = text.trim().toLowerCase();
  if (word === "latest" || (word === "earliest" && option === "startingOffsets")) return word;
  const expected = `${option === "startingOffsets" ? "earliest, " : ""}latest, or JSON such as {"topicA":{"0":23}}`;
  const places = new Map<string, Place>();
  for (const [topic, partitions] of entriesOf(option, text, expected)) {
    if (typeof partitions !== "object" || partitions === null) throw bad(option, expected, text);
    for (const [partition, offset] of Object.entries(partitions)) {
      if (!/^\d+$/.test(partition) || !Number.isSafeInteger(offset) || Number(offset) < -2)
        throw bad(option, expected, text);
      places.set(
        partitionName(topic, partition),
        offset === -2 ? "earliest" : offset === -1 ? "latest" : { offset: BigInt(Number(offset)) },
      );
    }
  }
  return places;
}

function entriesOf(
  option: string,
  text: string,
  expected = 'JSON such as {"topicA":[0,1]}',
): readonly (readonly [string, unknown])[] {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === "object" && read !== null && !Array.isArray(read)) return Object.entries(read);
  } catch {
    /* told below */
  }
  throw bad(option, expected, text);
}

function timeOf(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time) || !/^\d{4}-\d\d-\d\dT/.test(text))
    throw bad("startingTimestamp", "a time such as 2024-01-31T08:00:00Z", text);
  return time;
}

function wholeNumber(path: string, value: string | number | undefined, otherwise: number, least: number): number {
  if (value === undefined) return otherwise;
  if (!/^\d{1,15}$/.test(String(value)) || Number(value) < least)
    throw bad(path, `a whole number from ${least}`, String(value));
  return Number(value);
}

const bad = (
  path: string,
  expected: string,
  found: string,
  hint = "See the docstring of the option.",
): DynaframeError =>
  new DynaframeError("BAD_OPTION", `kafka: option ${path} takes ${expected}.`, { path, expected, found, hint });
