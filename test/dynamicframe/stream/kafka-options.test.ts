/**
 * Options of connectionType kafka, as they are checked before any broker is asked; and how a bound is shared among
 * partitions.
 */
import fc from "fast-check";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sharedOut } from "../../../src/dynamicframe/stream/kafka/share-out.js";
import { GlueContext } from "../../../src/index.js";

let root: string;
let glue: GlueContext;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "dynaframe-kafka-options-"));
  glue = await GlueContext.open({ catalog: join(root, "catalog"), threads: 1 });
});
afterAll(async () => {
  await glue.close();
  await rm(root, { recursive: true, force: true });
});

const given = (connectionOptions: object) => () =>
  glue.createDataFrame.fromOptions({
    connectionType: "kafka",
    connectionOptions: { bootstrapServers: "b:9092", ...connectionOptions },
  });

test.each([
  ["no topic", {}, "topicName"],
  ["two ways to name topics", { topicName: "a", subscribePattern: "b" }, "topicName"],
  ["a name that is nearly right", { topicName: "a", startingOffset: "earliest" }, "startingOffset"],
  ["an offset that is none", { topicName: "a", startingOffsets: "soon" }, "startingOffsets"],
  ["an offset below -2", { topicName: "a", startingOffsets: '{"a":{"0":-3}}' }, "startingOffsets"],
  ["an end that is a beginning", { topicName: "a", endingOffsets: "earliest" }, "endingOffsets"],
  ["partitions that are none", { assign: '{"a":["x"]}' }, "assign"],
  ["a pattern that is none", { subscribePattern: "(" }, "subscribePattern"],
  [
    "two beginnings",
    { topicName: "a", startingOffsets: "earliest", startingTimestamp: "2024-01-01T00:00:00Z" },
    "startingTimestamp",
  ],
  ["a time that is none", { topicName: "a", startingTimestamp: "yesterday" }, "startingTimestamp"],
  ["a wait that is none", { topicName: "a", retryIntervalMs: "soon" }, "retryIntervalMs"],
  ["no wait at all", { topicName: "a", pollTimeoutMs: 0 }, "pollTimeoutMs"],
  ["a bound of nothing", { topicName: "a", maxOffsetsPerTrigger: 0 }, "maxOffsetsPerTrigger"],
])("%s", (_, options, path) => {
  expect(given(options)).toThrow(expect.objectContaining({ code: "BAD_OPTION", path }));
});

test("what has no effect is taken: minPartitions and inferSchema of Glue's scripts", () => {
  expect(
    given({
      topicName: "a",
      minPartitions: "4",
      inferSchema: "true",
      retryIntervalMs: "10",
      pollTimeoutMs: 1000,
      numRetries: 0,
    }),
  ).not.toThrow();
});

test("what is not built is refused by name", () => {
  expect(given({ topicName: "a", includeHeaders: "true" })).toThrow(
    expect.objectContaining({ code: "UNSUPPORTED_OPTION", path: "includeHeaders" }),
  );
  expect(given({ topicName: "a", classification: "avro" })).toThrow(
    expect.objectContaining({ code: "UNSUPPORTED_FORMAT", found: "avro" }),
  );
});

test("what only a connection can tell is told when it is read", async () => {
  const read = (connectionOptions: object) =>
    glue.createDynamicFrame
      .fromOptions({ connectionType: "kafka", connectionOptions: { topicName: "a", ...connectionOptions } })
      .count();
  await expect(read({})).rejects.toMatchObject({ code: "BAD_ADDRESS", path: "bootstrap.servers" });
  await expect(read({ "bootstrap.servers": "b" })).rejects.toMatchObject({ code: "BAD_ADDRESS" });
  await expect(read({ bootstrapServers: "b" })).rejects.toMatchObject({ code: "BAD_ADDRESS" });
  await expect(read({ bootstrapServers: "b:1", "security.protocol": "SASL_SSL" })).rejects.toMatchObject({
    code: "BAD_OPTION",
    path: "security.protocol",
  });
  await expect(read({ connectionName: "none" })).rejects.toMatchObject({ code: "ENTITY_NOT_FOUND" });
  const KAFKA_BOOTSTRAP_SERVERS = "b:9092";
  await glue.catalog.createConnection({
    Name: "jdbc",
    ConnectionType: "JDBC",
    ConnectionProperties: { JDBC_CONNECTION_URL: "jdbc:mysql://h/d" },
  });
  await expect(read({ connectionName: "jdbc" })).rejects.toMatchObject({
    code: "UNSUPPORTED_CONNECTION",
    expected: "KAFKA",
  });
  await glue.catalog.createConnection({
    Name: "kerberos",
    ConnectionType: "KAFKA",
    ConnectionProperties: { KAFKA_BOOTSTRAP_SERVERS, KAFKA_SASL_MECHANISM: "GSSAPI" },
  });
  await expect(read({ connectionName: "kerberos" })).rejects.toMatchObject({
    code: "UNSUPPORTED_CONNECTION",
    found: "GSSAPI",
  });
  await glue.catalog.createConnection({
    Name: "nobody",
    ConnectionType: "KAFKA",
    ConnectionProperties: { KAFKA_BOOTSTRAP_SERVERS, KAFKA_SASL_MECHANISM: "SCRAM-SHA-512" },
  });
  await expect(read({ connectionName: "nobody" })).rejects.toMatchObject({ code: "BAD_ADDRESS", path: "nobody" });
  await expect(read({ bootstrapServers: "b:1", startingOffsets: "latest" })).rejects.toMatchObject({
    code: "BAD_OPTION",
    path: "startingOffsets",
  });
});

test("a bound is shared out: never more, never nothing, each from its beginning, all of it when it fits", () => {
  const range = fc
    .record({
      topic: fc.constant("t"),
      partition: fc.nat(20),
      from: fc.bigInt(0n, 1n << 62n),
      size: fc.bigInt(0n, 1n << 40n),
    })
    .map(({ size, ...rest }) => ({ ...rest, until: rest.from + size }));
  fc.assert(
    fc.property(fc.array(range, { maxLength: 12 }), fc.integer({ min: 1, max: 1_000_000 }), (ranges, most) => {
      const size = (of: readonly { readonly from: bigint; readonly until: bigint }[]): bigint =>
        of.reduce((sum, { from, until }) => sum + (until - from), 0n);
      const shared = sharedOut(ranges, most);
      const filled = ranges.filter(({ from, until }) => until > from);
      if (size(filled) <= BigInt(most)) {
        expect(shared).toEqual(filled);
        return;
      }
      expect(size(shared) > 0n && size(shared) <= BigInt(most)).toBe(true);
      for (const part of shared)
        expect(filled.some(({ from, until }) => from === part.from && part.until > from && part.until <= until)).toBe(
          true,
        );
    }),
  );
});
