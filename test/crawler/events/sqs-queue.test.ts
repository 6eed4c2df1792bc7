import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  CreateCrawlerCommand,
  GetCrawlerCommand,
  GetPartitionsCommand,
  ListCrawlsCommand,
  StartCrawlerCommand,
} from "@aws-sdk/client-glue";
import { GlueContext, sqsQueue } from "../../../src/index.js";
import { startServer } from "../../../src/testing/start-server.js";
import { clientOf } from "../../server/sdk-client.js";
import { ARN, KEYS, type SqsServer, startSqs } from "./sqs-server.js";

let root = "";
let sqs: SqsServer;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "dyna-sqs-"));
  sqs = await startSqs();
});
afterEach(async () => {
  await sqs.close();
  rmSync(root, { recursive: true, force: true });
});

const put = (path: string, text: string): string => {
  const file = join(root, "data", path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
};
const created = (path: string): string => JSON.stringify({ path, event: "created" });
const queue = (more: object = {}) => sqsQueue(ARN, { endpoint: sqs.endpoint, credentials: KEYS, ...more });
const options = () =>
  ({
    database: "shop",
    includes: [join(root, "data")],
    recrawlPolicy: { recrawlBehavior: "CRAWL_EVENT_MODE" },
  }) as const;

test("all messages are received, in requests of ten, and deleted by their receipts; one that is gone is no error", async () => {
  sqs.send(...Array.from({ length: 25 }, (_, i) => `m${i}`));
  const messages = await queue().receive();
  expect(messages.map(({ body }) => body)).toEqual(Array.from({ length: 25 }, (_, i) => `m${i}`));
  expect(await queue().receive()).toEqual([]); // hidden until they are deleted, or their time is over
  await queue().delete(messages.slice(0, 24).map(({ receipt }) => receipt));
  await queue().delete(["no such receipt"]);
  sqs.expire();
  expect((await queue().receive()).map(({ body }) => body)).toEqual(["m24"]);
});

test("a server that fails for a moment is asked again; one that refuses is an error with its word", async () => {
  sqs.send("m");
  sqs.fail(2, 503);
  expect(await queue().receive()).toHaveLength(1);
  await expect(queue({ credentials: { ...KEYS, secretAccessKey: "another" } }).receive()).rejects.toMatchObject({
    code: "EVENT_QUEUE_FAILED",
    message: expect.stringContaining("InvalidSignatureException"),
  });
  await expect(
    sqsQueue(ARN.replace("lake", "no"), { endpoint: sqs.endpoint, credentials: KEYS }).receive(),
  ).rejects.toMatchObject({ code: "EVENT_QUEUE_FAILED", message: expect.stringContaining("QueueDoesNotExist") });
  await sqs.close();
  const error: unknown = await queue()
    .receive()
    .catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: "EVENT_QUEUE_FAILED" });
  expect(JSON.stringify(error)).not.toContain(KEYS.secretAccessKey);
}, 30_000);

test.each(["", "lake-events", "arn:aws:sns:eu-west-1:123456789012:topic", "arn:aws:sqs:eu-west-1:12:x"])(
  "%j is no queue",
  (arn) => {
    expect(() => sqsQueue(arn)).toThrow(expect.objectContaining({ code: "INVALID_CRAWLER", path: "EventQueueArn" }));
  },
);

test("a crawl takes what it dealt with out of the queue, and leaves it there when it fails", async () => {
  const glue = await GlueContext.open({ catalog: join(root, "catalog"), engine: "reference" });
  try {
    put("day=1/a.json", '{"id":1}\n');
    await glue.crawl(options(), { events: queue() });
    sqs.send(created(put("day=2/a.json", '{"id":2}\n')));
    const plan = await glue.planCrawl(options(), { events: queue() });
    put("day=2/a.json", '{"id":3,"more":1}\n');
    await expect(glue.applyPlan(plan, { events: queue() })).rejects.toMatchObject({ code: "PLAN_STALE" });
    expect(sqs.left()).toBe(1);
    sqs.expire();
    await glue.crawl(options(), { events: queue() });
    expect(sqs.left()).toBe(0);
    expect((await glue.catalog.getPartitions("shop", "data")).items).toHaveLength(2);
  } finally {
    await glue.close();
  }
});

describe("behind the API", () => {
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });

  test("a crawler in event mode reads the queue of its target's EventQueueArn", async () => {
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_SQS: sqs.endpoint,
      AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    });
    const server = await startServer();
    const client = clientOf(server);
    const crawled = async (): Promise<void> => {
      await client.send(new StartCrawlerCommand({ Name: "events" }));
      for (;;) {
        const { Crawler } = await client.send(new GetCrawlerCommand({ Name: "events" }));
        if (Crawler?.State === "READY") break;
        await new Promise((resolve) => {
          setTimeout(resolve, 50);
        });
      }
      const { Crawls } = await client.send(new ListCrawlsCommand({ CrawlerName: "events" }));
      expect(Crawls?.[0]).toMatchObject({ State: "COMPLETED" });
    };
    try {
      put("day=1/a.json", '{"id":1}\n');
      await client.send(
        new CreateCrawlerCommand({
          Name: "events",
          Role: "role",
          DatabaseName: "shop",
          Targets: { S3Targets: [{ Path: join(root, "data"), EventQueueArn: ARN }] },
          RecrawlPolicy: { RecrawlBehavior: "CRAWL_EVENT_MODE" },
        }),
      );
      await crawled();
      put("day=2/a.json", '{"id":2}\n'); // no event tells of it
      sqs.send(created(put("day=3/a.json", '{"id":3}\n')));
      await crawled();
      const { Partitions } = await client.send(new GetPartitionsCommand({ DatabaseName: "shop", TableName: "data" }));
      expect(Partitions?.map(({ Values }) => Values)).toEqual([["1"], ["3"]]);
      expect(sqs.left()).toBe(0);
    } finally {
      client.destroy();
      await server.close();
    }
  }, 60_000);
});
