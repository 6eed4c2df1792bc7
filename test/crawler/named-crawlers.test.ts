/** Crawlers that the catalog keeps: definitions, runs, the lease, stopping, schedules, history. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { changeDefinition } from "../../src/catalog/definitions/definition.js";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import type { Catalog } from "../../src/catalog/index.js";
import { crawl } from "../../src/crawler/crawl.js";
import { matchesFilters } from "../../src/crawler/named/crawl-filters.js";
import { type CrawlerRecord, crawlerRef, type CrawlerSettings } from "../../src/crawler/named/crawler-record.js";
import {
  namedCrawlers,
  type NamedCrawlers,
  type NamedCrawlersServices,
} from "../../src/crawler/named/named-crawlers.js";
import { fileStorage } from "../../src/storage/file.js";

let root = "";
let catalog: Catalog;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "dyna-named-"));
  catalog = await openSqliteCatalog(join(root, "catalog"));
  mkdirSync(join(root, "data"));
  writeFileSync(join(root, "data", "a.csv"), "id;day\n1;2024-01-01\n2;2024-01-02\n");
});
afterEach(async () => {
  await catalog.close();
  rmSync(root, { recursive: true, force: true });
});

let ids = 0;
const really: NamedCrawlersServices["crawl"] = (options, signal) =>
  crawl(options, { catalog, storage: fileStorage(), signal });
const open = (crawlOf = really, now = (): number => 1000): NamedCrawlers =>
  namedCrawlers({ catalog, now, newId: () => `crawl-${++ids}`, crawl: crawlOf });
const lake = (more: Partial<CrawlerSettings> = {}): CrawlerSettings => ({
  Name: "lake",
  DatabaseName: "shop",
  Targets: { S3Targets: [{ Path: join(root, "data") }] },
  ...more,
});
const change = (by: (doc: CrawlerRecord) => CrawlerRecord): Promise<CrawlerRecord> =>
  changeDefinition<CrawlerRecord>(catalog, crawlerRef("lake"), by);

describe("a crawler", () => {
  test("is made, started, changed and deleted; its crawls are counted and kept", async () => {
    const crawlers = open();
    await crawlers.create(lake({ TablePrefix: "raw_" }), "cron(15 2 * * ? *)");
    await expect(crawlers.create(lake())).rejects.toMatchObject({ name: "AlreadyExistsException" });
    expect(await crawlers.get("lake")).toMatchObject({
      State: "READY",
      Schedule: { ScheduleExpression: "cron(15 2 * * ? *)", State: "SCHEDULED" },
      Version: 1,
    });
    expect((await crawlers.start("lake")).tables.map(({ name, action }) => [name, action])).toEqual([
      ["raw_data", "create"],
    ]);
    expect((await catalog.getTable("shop", "raw_data")).Parameters).toMatchObject({ UPDATED_BY_CRAWLER: "lake" });
    await crawlers.update({ Name: "lake", Description: "mine" });
    expect(
      (await crawlers.list()).map(({ Name, Description, TablePrefix, LastCrawl }) => [
        Name,
        Description,
        TablePrefix,
        LastCrawl?.Status,
      ]),
    ).toEqual([["lake", "mine", "raw_", "SUCCEEDED"]]);
    expect(await crawlers.history("lake")).toMatchObject([{ State: "COMPLETED", StartTime: 1000, EndTime: 1000 }]);
    expect(await crawlers.metrics()).toEqual([
      {
        CrawlerName: "lake",
        StillEstimating: false,
        TimeLeftSeconds: 0,
        LastRuntimeSeconds: 0,
        MedianRuntimeSeconds: 0,
        TablesCreated: 1,
        TablesUpdated: 0,
        TablesDeleted: 0,
      },
    ]);
    await crawlers.delete("lake");
    await expect(crawlers.start("lake")).rejects.toMatchObject({ code: "ENTITY_NOT_FOUND" });
    expect((await catalog.getTable("shop", "raw_data")).Name).toBe("raw_data");
  });

  test("uses its classifiers, in their order, with the types asked for", async () => {
    await catalog.changeEntities([
      {
        ref: { kind: "classifier", name: "dates" },
        doc: {
          kind: "CsvClassifier",
          settings: {
            Name: "dates",
            Delimiter: ";",
            ContainsHeader: "PRESENT",
            CustomDatatypeConfigured: true,
            CustomDatatypes: ["DATE"],
          },
        },
      },
    ]);
    const crawlers = open();
    await expect(crawlers.create(lake({ Classifiers: ["dates", "nope"] }))).rejects.toMatchObject({
      code: "INVALID_INPUT",
      found: "nope",
    });
    await crawlers.create(lake({ Classifiers: ["dates"] }));
    await crawlers.start("lake");
    expect((await catalog.getTable("shop", "data")).StorageDescriptor?.Columns).toEqual([
      { Name: "id", Type: "bigint" },
      { Name: "day", Type: "date" },
    ]);
  });

  test("has targets with exclusions and samples of their own, in one crawl: none takes the other's tables for gone", async () => {
    for (const name of ["a", "b"]) {
      mkdirSync(join(root, name));
      for (const file of ["1.json", "2.json", "skip.tmp"]) writeFileSync(join(root, name, file), '{"x":1}\n');
    }
    const crawlers = open();
    await crawlers.create(
      lake({
        Targets: {
          S3Targets: [
            { Path: join(root, "a"), Exclusions: ["*.tmp"] },
            { Path: join(root, "b"), SampleSize: 1 },
          ],
        },
      }),
    );
    await crawlers.start("lake");
    const again = await crawlers.start("lake");
    expect(again.tables.map(({ name, action, contents: { files } }) => [name, action, files])).toEqual([
      ["a", "keep", 2],
      ["b", "keep", 1],
    ]);
  });

  test("that fails says why, is READY again, and what cannot be crawled is refused by name", async () => {
    const crawlers = open();
    await crawlers.create(lake({ Targets: { S3Targets: [{ Path: join(root, "nowhere") }] } }));
    await expect(crawlers.start("lake")).rejects.toMatchObject({ code: "PATH_NOT_FOUND" });
    expect(await crawlers.get("lake")).toMatchObject({
      State: "READY",
      LastCrawl: { Status: "FAILED", ErrorMessage: expect.stringContaining("nowhere") as string },
    });
    await crawlers.update({ Name: "lake", Targets: { DynamoDBTargets: [{ Path: "t" }] } });
    await expect(crawlers.start("lake")).rejects.toMatchObject({
      name: "OperationNotSupportedException",
      found: "DynamoDBTargets",
    });
    await expect(
      crawlers.update({
        Name: "lake",
        Targets: { CatalogTargets: [{ DatabaseName: "d", Tables: ["t"] }], S3Targets: [{ Path: "x" }] },
      }),
    ).rejects.toMatchObject({ name: "InvalidInputException" });
  });
});

describe("one at a time", () => {
  /** A crawl that goes on until it is told to stop. */
  const endless: NamedCrawlersServices["crawl"] = (_, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener(
        "abort",
        () => {
          reject(new Error("aborted"));
        },
        { once: true },
      );
    });
  const started = async (): Promise<void> => {
    while ((await open().get("lake")).State !== "RUNNING")
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
  };

  test("a second start is CRAWLER_RUNNING; a stop ends the first wherever it runs, and the record says so", async () => {
    await open().create(lake());
    const first = open(endless)
      .start("lake")
      .catch((error: unknown) => error);
    await started();
    await expect(open().start("lake")).rejects.toMatchObject({
      name: "CrawlerRunningException",
      code: "CRAWLER_RUNNING",
    });
    await expect(open().delete("lake")).rejects.toMatchObject({ code: "CRAWLER_RUNNING" });
    await expect(open().update({ Name: "lake", Description: "x" })).rejects.toMatchObject({ code: "CRAWLER_RUNNING" });
    await open().stop("lake");
    expect(await first).toMatchObject({ code: "CRAWL_STOPPED" });
    expect(await open().get("lake")).toMatchObject({ State: "READY", LastCrawl: { Status: "CANCELLED" } });
    expect(await open().history("lake")).toMatchObject([{ State: "STOPPED" }]);
    await expect(open().stop("lake")).rejects.toMatchObject({ name: "CrawlerNotRunningException" });
  });

  test("of many that start it at once, one does", async () => {
    await open().create(lake());
    const stop = new AbortController();
    let refused = 0;
    const codes = await Promise.all(
      Array.from({ length: 8 }, () =>
        open(endless)
          .start("lake", stop.signal)
          .then(
            () => "done",
            (error: { code?: string }) => {
              if (error.code === "CRAWLER_RUNNING" && ++refused === 7) stop.abort();
              return error.code ?? "ended";
            },
          ),
      ),
    );
    expect(codes.filter((code) => code === "CRAWLER_RUNNING")).toHaveLength(7);
  });

  test("a crawler whose process is gone can be started again, and that crawl is FAILED; one on another machine cannot", async () => {
    await open().create(lake());
    await catalog.changeEntities([
      { ref: { kind: "crawl", scope: "lake", name: "dead" }, doc: { CrawlId: "dead", State: "RUNNING", StartTime: 1 } },
    ]);
    await change((doc) => ({
      ...doc,
      state: "RUNNING",
      running: { crawlId: "dead", startedAt: 1, by: { host: "elsewhere", pid: 1, since: 0 } },
    }));
    await expect(open().start("lake")).rejects.toMatchObject({ code: "CRAWLER_RUNNING" });
    // a process that had this one's number and began at another time
    await change((doc) => ({
      ...doc,
      running: { crawlId: "dead", startedAt: 1, by: { host: hostname(), pid: process.pid, since: 0 } },
    }));
    expect((await open().history("lake"))[0]).toMatchObject({ CrawlId: "dead", State: "FAILED" });
    await open().start("lake");
    expect((await open().history("lake")).map(({ State }) => State)).toEqual(["COMPLETED", "FAILED"]);
  });
});

test("schedules are kept, checked, switched off and on and taken away", async () => {
  const crawlers = open();
  await crawlers.create(lake());
  await expect(crawlers.schedule("lake", { expression: "every day" })).rejects.toMatchObject({
    name: "InvalidInputException",
  });
  await expect(crawlers.schedule("lake", "start")).rejects.toMatchObject({ name: "NoScheduleException" });
  await crawlers.schedule("lake", { expression: "cron(0 3 ? * MON *)" });
  await crawlers.schedule("lake", "stop");
  expect((await crawlers.get("lake")).Schedule).toEqual({
    ScheduleExpression: "cron(0 3 ? * MON *)",
    State: "NOT_SCHEDULED",
  });
  await expect(crawlers.schedule("lake", "stop")).rejects.toMatchObject({ name: "SchedulerNotRunningException" });
  await crawlers.schedule("lake", "start");
  await expect(crawlers.schedule("lake", "start")).rejects.toMatchObject({ name: "SchedulerRunningException" });
  await crawlers.schedule("lake", { expression: "" });
  expect((await crawlers.get("lake")).Schedule).toBeUndefined();
});

test("the filters of ListCrawls", () => {
  const done = {
    CrawlId: "b",
    State: "COMPLETED",
    StartTime: 1_700_000_000,
    EndTime: 1_700_000_010,
    LogGroup: "",
    LogStream: "",
    MessagePrefix: "",
  } as const;
  const holds = (
    FieldName: "CRAWL_ID" | "STATE" | "START_TIME" | "END_TIME",
    FilterOperator: "GT" | "GE" | "LT" | "LE" | "EQ" | "NE",
    FieldValue: string,
  ): boolean => matchesFilters(done, [{ FieldName, FilterOperator, FieldValue }]);
  expect([
    holds("STATE", "EQ", "COMPLETED"),
    holds("STATE", "NE", "COMPLETED"),
    holds("CRAWL_ID", "GT", "a"),
    holds("START_TIME", "GE", "1700000000000"),
    holds("START_TIME", "LT", "1700000000"),
    holds("END_TIME", "LE", "1700000010"),
  ]).toEqual([true, false, true, true, false, true]);
  expect(() => holds("START_TIME", "EQ", "soon")).toThrow(/seconds or milliseconds/);
  expect(() => matchesFilters(done, [{ FieldName: "DPU_HOUR", FieldValue: "1" }])).toThrow(/cannot be filtered/);
});
