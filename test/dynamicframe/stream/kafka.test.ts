/** Topics of a real broker: read once and batch by batch, every record once, whatever breaks. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kafka, logLevel, type Admin, type Message, type Producer } from "kafkajs";
import { GlueContext, type DataFrame } from "../../../src/index.js";
import { bundledProgram } from "../../bundled-program.js";
import { newAuthority } from "../../engine/spark/certificate.js";
import { describeKafka, startKafka, type KafkaServer } from "../../servers/kafka.js";

describeKafka("topics of Kafka", () => {
  const authority = newAuthority();
  const killed = bundledProgram(join(__dirname, "killed-kafka.ts"));
  let server: KafkaServer;
  let kafka: Kafka;
  let admin: Admin;
  let producer: Producer;
  let root: string;
  let glue: GlueContext;
  let bootstrapServers: string;

  beforeAll(async () => {
    server = await startKafka(authority.certify("localhost"));
    bootstrapServers = `127.0.0.1:${server.port}`;
    kafka = new Kafka({ brokers: [bootstrapServers], logLevel: logLevel.NOTHING, retry: { retries: 20 } });
    admin = kafka.admin();
    producer = kafka.producer();
    await admin.connect();
    await producer.connect();
  }, 300_000);
  afterAll(async () => {
    await producer?.disconnect();
    await admin?.disconnect();
    await server?.stop();
  });
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "dynaframe-kafka-test-"));
    glue = await GlueContext.open({ catalog: join(root, "catalog"), threads: 1, onWarning: () => undefined });
  });
  afterEach(async () => {
    await glue.close();
    await rm(root, { recursive: true, force: true });
  });

  const topic = async (name: string, numPartitions = 1): Promise<void> => {
    await admin.createTopics({ topics: [{ topic: name, numPartitions }], waitForLeaders: true });
  };
  const send = async (
    name: string,
    values: readonly (string | object | null)[],
    partition = 0,
    more: Partial<Message> = {},
  ): Promise<void> => {
    await producer.send({
      topic: name,
      messages: values.map((value) => ({
        ...more,
        partition,
        value: value === null || typeof value === "string" ? value : JSON.stringify(value),
      })),
    });
  };
  const ids = async (df: DataFrame): Promise<number[]> =>
    (await df.rows()).map((row) => Number(row["id"])).sort((a, b) => a - b);
  const stream = (connectionOptions: object): DataFrame =>
    glue.createDataFrame.fromOptions({
      connectionType: "kafka",
      connectionOptions: { "bootstrap.servers": bootstrapServers, ...connectionOptions },
    });
  const once = (connectionOptions: object) =>
    glue.createDynamicFrame.fromOptions({
      connectionType: "kafka",
      connectionOptions: { bootstrapServers, ...connectionOptions },
    });
  const options = (more: object = {}) => ({
    windowSize: "1 second",
    checkpointLocation: join(root, "checkpoint"),
    availableNow: true,
    batchMaxRetries: 0,
    ...more,
  });
  /** One run: the batches that its function saw. */
  const pass = async (connectionOptions: object, more: object = {}): Promise<[number, number[]][]> => {
    const seen: [number, number[]][] = [];
    await glue.forEachBatch({
      frame: stream(connectionOptions),
      options: options(more),
      batchFunction: async (df, id) => {
        seen.push([id, await ids(df)]);
      },
    });
    return seen;
  };

  test("read once: exact types with choices; what is malformed is told by its place, what has no value is counted", async () => {
    await topic("mixed", 2);
    await send("mixed", [{ id: 1, big: "x" }, "{oops", null, '{"id":\n 2, "big": 9007199254740993}']);
    await send("mixed", [{ id: 3 }], 1);
    const frame = once({ topicName: "mixed" });
    expect(await frame.count()).toBe(3);
    expect((await frame.schema()).fields.find(({ name }) => name === "big")?.type).toMatchObject({ kind: "choice" });
    expect(await ids(frame.toDF())).toEqual([1, 2, 3]);
    expect(await frame.errorsCount()).toBe(1);
    expect((await frame.errorsAsDynamicFrame().toDF().rows()).map((row) => JSON.stringify(row))).toEqual([
      expect.stringContaining("mixed/0@1"),
    ]);
    expect(String(await frame.explain())).toContain("1 messages without a value");
    const report = await glue.writeDynamicFrame.fromOptions({
      frame,
      connectionType: "file",
      connectionOptions: { path: join(root, "out") },
      format: "json",
    });
    expect(report).toMatchObject({
      read: 5,
      written: 3,
      errors: 1,
      balanced: true,
      leftOut: { "message without a value": 1 },
    });
  });

  test("from and to offsets and times; partitions by name, topics by pattern", async () => {
    await topic("bounds-a", 2);
    await topic("bounds-b");
    await send("bounds-a", [{ id: 1 }, { id: 2 }, { id: 3 }], 0, {
      timestamp: String(Date.parse("2024-01-01T00:00:00Z")),
    });
    await send("bounds-a", [{ id: 4 }, { id: 5 }], 1, { timestamp: String(Date.parse("2024-02-01T00:00:00Z")) });
    await send("bounds-b", [{ id: 6 }]);
    const read = (connectionOptions: object): Promise<number[]> => ids(once(connectionOptions).toDF());
    expect(
      await read({
        topicName: "bounds-a",
        startingOffsets: '{"bounds-a":{"0":1,"1":-2}}',
        endingOffsets: '{"bounds-a":{"0":2,"1":-1}}',
      }),
    ).toEqual([2, 4, 5]);
    expect(await read({ topicName: "bounds-a", startingTimestamp: "2024-01-15T00:00:00Z" })).toEqual([4, 5]);
    expect(await read({ assign: '{"bounds-a":[1],"bounds-b":[0]}' })).toEqual([4, 5, 6]);
    expect(await read({ subscribePattern: "bounds-.*" })).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await read({ subscribePattern: "bounds-(?:[a-z0-9]+)+-?.*|(a+)+b" })).toEqual([1, 2, 3, 4, 5, 6]);
    await expect(read({ subscribePattern: "(?=bounds).*" })).rejects.toMatchObject({
      code: "BAD_OPTION",
      path: "subscribePattern",
    });
    expect(await read({ topicName: "bounds-b, bounds-a" })).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("csv by its delimiter", async () => {
    await topic("lines");
    await send("lines", ['7|"a|b"', "8|c"]);
    expect(await once({ topicName: "lines", classification: "csv", delimiter: "|" }).toDF().rows()).toEqual([
      expect.objectContaining({ col0: "7", col1: "a|b" }),
      expect.objectContaining({ col0: "8", col1: "c" }),
    ]);
  });

  test("batches are bounded, go on where the last one ended, and see partitions that come later", async () => {
    await topic("grows", 2);
    await send("grows", [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }]);
    await send("grows", [{ id: 5 }, { id: 6 }], 1);
    const from = { topicName: "grows", startingOffsets: "earliest", maxOffsetsPerTrigger: "3" };
    expect(await pass(from)).toEqual([
      [0, [1, 2, 5]],
      [1, [3, 4, 6]],
    ]);
    expect(await pass(from)).toEqual([]);
    await admin.createPartitions({ topicPartitions: [{ topic: "grows", count: 3 }] });
    await send("grows", [{ id: 7 }]);
    await producer.disconnect();
    await producer.connect();
    await send("grows", [{ id: 8 }], 2);
    expect((await pass({ ...from, startingOffsets: "latest" })).flatMap(([, seen]) => seen)).toEqual([7, 8]);
  });

  test("without startingOffsets a stream begins with what comes after its first start, also when nothing had come by its end", async () => {
    await topic("later");
    await send("later", [{ id: 1 }]);
    expect(await pass({ topicName: "later" })).toEqual([]);
    await send("later", [{ id: 2 }]);
    expect((await pass({ topicName: "later" })).map(([, seen]) => seen)).toEqual([[2]]);
  });

  test("the ends of transactions are passed over, and what was taken back is not read", async () => {
    await topic("committed");
    const transactional = kafka.producer({ transactionalId: "t1", maxInFlightRequests: 1, idempotent: true });
    await transactional.connect();
    for (const [id, keep] of [
      [1, true],
      [2, false],
      [3, true],
    ] as const) {
      const transaction = await transactional.transaction();
      await transaction.send({ topic: "committed", messages: [{ value: JSON.stringify({ id }) }] });
      await (keep ? transaction.commit() : transaction.abort());
    }
    await transactional.disconnect();
    expect(await ids(once({ topicName: "committed" }).toDF())).toEqual([1, 3]);
    expect(await pass({ topicName: "committed", startingOffsets: "earliest" })).toEqual([[0, [1, 3]]]);
  });

  test("a batch whose function failed has the same records again under its number, whatever came since", async () => {
    await topic("fails");
    await send("fails", [{ id: 1 }, { id: 2 }]);
    const from = { topicName: "fails", startingOffsets: "earliest" };
    await expect(
      glue.forEachBatch({
        frame: stream(from),
        options: options(),
        batchFunction: () => {
          throw new Error("no");
        },
      }),
    ).rejects.toThrow("no");
    await send("fails", [{ id: 3 }]);
    expect(await pass(from)).toEqual([
      [0, [1, 2]],
      [1, [3]],
    ]);
  });

  test("killed between what a batch wrote and its commit: the same offsets again, each record is there once", async () => {
    await topic("killed");
    await send(
      "killed",
      [1, 2, 3, 4, 5].map((id) => ({ id })),
    );
    const start = (nth: number) =>
      spawnSync(process.execPath, [killed(), root, bootstrapServers, String(nth)], { encoding: "utf8" });
    const broken = start(2);
    expect([broken.signal, broken.stdout.trim().split("\n")]).toEqual(["SIGKILL", ["[0,[1,2]]", "[1,[3,4]]"]]);
    await send("killed", [{ id: 6 }]);
    const finished = start(-1);
    expect([finished.stderr, finished.stdout.trim().split("\n")]).toEqual(["", ["[1,[3,4]]", "[2,[5,6]]"]]);
    const written = readdirSync(join(root, "out"))
      .filter((name) => name.endsWith(".json"))
      .flatMap((name) =>
        readFileSync(join(root, "out", name), "utf8")
          .trim()
          .split("\n"),
      );
    expect(written.map((line) => (JSON.parse(line) as { id: number }).id).sort((a, b) => a - b)).toEqual([
      1, 2, 3, 4, 5, 6,
    ]);
  });

  test("records that are gone before they were read are told, not passed over", async () => {
    await topic("gone");
    await send("gone", [{ id: 1 }, { id: 2 }, { id: 3 }]);
    const from = { topicName: "gone", startingOffsets: "earliest", maxOffsetsPerTrigger: 1 };
    await expect(
      glue.forEachBatch({
        frame: stream(from),
        options: options(),
        batchFunction: (_, id) => {
          if (id === 1) throw new Error("no");
        },
      }),
    ).rejects.toThrow("no");
    await admin.fetchTopicOffsets("gone");
    await admin.deleteTopicRecords({ topic: "gone", partitions: [{ partition: 0, offset: "2" }] });
    await expect(pass(from)).rejects.toMatchObject({ code: "STREAM_OFFSETS_LOST", path: "gone/0" });
    await expect(once({ topicName: "gone", startingOffsets: '{"gone":{"0":0}}' }).count()).rejects.toMatchObject({
      code: "STREAM_OFFSETS_LOST",
    });
  });

  test("stopping while it waits for records ends at once", async () => {
    await topic("waits");
    await send("waits", [{ id: 1 }]);
    const query = glue.forEachBatch({
      frame: stream({ topicName: "waits", startingOffsets: "earliest" }),
      options: options({ availableNow: false, windowSize: "1 hour" }),
      batchFunction: () => {
        setImmediate(() => void query.stop());
      },
    });
    expect(await query).toMatchObject({ batches: 1, reason: "stopped" });
  });

  describe("over TLS, by a connection of the catalog", () => {
    const connection = async (name: string, more: Record<string, string>): Promise<void> => {
      const ca = join(root, "ca.pem");
      await writeFile(ca, authority.cert);
      await glue.catalog.createConnection({
        Name: name,
        ConnectionType: "KAFKA",
        ConnectionProperties: {
          KAFKA_BOOTSTRAP_SERVERS: `localhost:${server.securePort}`,
          KAFKA_CUSTOM_CERT: ca,
          ...more,
        },
      });
    };
    const read = (connectionName: string) =>
      glue.createDynamicFrame
        .fromOptions({
          connectionType: "kafka",
          connectionOptions: { connectionName, topicName: "kept", numRetries: 0 },
        })
        .count();
    const user = (): Record<string, string> => ({
      KAFKA_SASL_MECHANISM: "SCRAM-SHA-512",
      KAFKA_SASL_SCRAM_USERNAME: "tester",
      KAFKA_SASL_SCRAM_PASSWORD: server.password,
    });
    beforeAll(async () => {
      await topic("kept");
      await send("kept", [{ id: 1 }]);
    });

    test("its user is taken, by SCRAM and by PLAIN", async () => {
      await connection("scram", user());
      expect(await read("scram")).toBe(1);
      await connection("plain", { KAFKA_SASL_MECHANISM: "PLAIN", USERNAME: "tester", PASSWORD: server.password });
      expect(await read("plain")).toBe(1);
    });

    test("a wrong password, an authority that is not known, no TLS where there must be some: KAFKA_FAILED, and no secret is told", async () => {
      await connection("wrong", { ...user(), KAFKA_SASL_SCRAM_PASSWORD: "not the s3cret" });
      await expect(read("wrong")).rejects.toMatchObject({
        code: "KAFKA_FAILED",
        message: expect.not.stringContaining("s3cret"),
      });
      await connection("stranger", { ...user(), KAFKA_CUSTOM_CERT: newAuthority().cert });
      await expect(read("stranger")).rejects.toMatchObject({ code: "KAFKA_FAILED" });
      await connection("clear", { ...user(), KAFKA_SSL_ENABLED: "false" });
      await expect(read("clear")).rejects.toMatchObject({ code: "KAFKA_FAILED" });
    });
  });

  test("a topic that is not there is told with those that are; a broker that is not there is an error, soon", async () => {
    await topic("present");
    await expect(once({ topicName: "presnt" }).count()).rejects.toMatchObject({
      code: "KAFKA_TOPIC_NOT_FOUND",
      expected: expect.stringContaining("present"),
    });
    await expect(once({ assign: '{"present":[3]}' }).count()).rejects.toMatchObject({
      code: "KAFKA_TOPIC_NOT_FOUND",
      found: "present/3",
    });
    await expect(
      once({ bootstrapServers: "127.0.0.1:1", topicName: "present", numRetries: 0 }).count(),
    ).rejects.toMatchObject({ code: "KAFKA_FAILED" });
  });
});
