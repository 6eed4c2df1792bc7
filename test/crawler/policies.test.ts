import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import type { Catalog } from "../../src/catalog/index.js";
import { crawl } from "../../src/crawler/crawl.js";
import type { CrawlOptions, CrawlServices } from "../../src/crawler/crawl-options.js";
import type { CrawlReport } from "../../src/crawler/crawl-report.js";
import { fileQueue } from "../../src/crawler/events/file-queue.js";
import { readEvents } from "../../src/crawler/events/read-event.js";
import { fileStorage } from "../../src/storage/file.js";

let root = "";
let catalog: Catalog;
let listed = 0;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "dyna-policy-"));
  catalog = await openSqliteCatalog(join(root, "catalog"));
  listed = 0;
});
afterEach(async () => {
  await catalog.close();
  rmSync(root, { recursive: true, force: true });
});

const at = (path: string): string => join(root, "data", path);
const put = (path: string, text: string): void => {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
};
const putAll = (files: Record<string, string>): void =>
  Object.entries(files).forEach(([path, text]) => {
    put(path, text);
  });
const storage = fileStorage();
const counting = {
  ...storage,
  list: (...args: Parameters<typeof storage.list>) => {
    listed++;
    return storage.list(...args);
  },
};
const run = (more: Partial<CrawlOptions> = {}, services: Partial<CrawlServices> = {}): Promise<CrawlReport> =>
  crawl({ database: "shop", includes: [join(root, "data")], ...more }, { catalog, storage: counting, ...services });
const columns = async (table: string): Promise<string[]> =>
  ((await catalog.getTable("shop", table)).StorageDescriptor?.Columns ?? []).map(({ Name, Type }) => `${Name}:${Type}`);
const partitions = async (table: string): Promise<string[]> =>
  (await catalog.getPartitions("shop", table)).items.map(({ Values }) => Values.join("/"));
const skipped = ({ skipped: all }: CrawlReport): Record<string, string> =>
  Object.fromEntries(all.map(({ file, why }) => [file.slice(at("x").length - 1), why]));
const files = async (table: string): Promise<string[]> =>
  (await catalog.getLedgerKeys("shop", table)).map(({ file }) => file.slice(at("x").length - 1));

const sales = { "year=2019/f.json": '{"id":1,"price":1}\n', "year=2020/f.json": '{"id":2,"price":2}\n' };
const newFolders = { recrawlPolicy: { recrawlBehavior: "CRAWL_NEW_FOLDERS_ONLY" } } as const;

describe("CRAWL_NEW_FOLDERS_ONLY", () => {
  test("new folders become partitions; old folders, gone ones and unlike ones stay as they were", async () => {
    putAll(sales);
    await run(newFolders);
    const before = await catalog.getTable("shop", "data");
    put("year=2019/g.json", '{"id":3,"price":"later"}\n'); // a new file in an old folder
    put("year=2020/f.json", '{"id":2,"price":2,"changed":true}\n'); // a rewritten file
    rmSync(at("year=2019/f.json"));
    put("year=2021/f.json", '{"id":4,"price":4,"more":1}\n');
    put("year=2022/f.json", '{"nothing":1,"alike":2}\n');
    const report = await run(newFolders);
    expect(skipped(report)).toEqual({
      "year=2019/g.json": "OLD_FOLDER",
      "year=2020/f.json": "OLD_FOLDER",
      "year=2022/f.json": "STRAY",
    });
    expect(await partitions("data")).toEqual(["2019", "2020", "2021"]);
    expect(await files("data")).toEqual(["year=2019/f.json", "year=2020/f.json", "year=2021/f.json"]);
    expect(await catalog.getTable("shop", "data")).toEqual(before);
    expect(await columns("data")).toEqual(["id:int", "price:int"]);
  });
  test("new tables are made", async () => {
    putAll({ "a/f.json": '{"a":1}', "b/f.json": '{"x":1,"y":2}' });
    await run(newFolders);
    put("c/f.json", '{"p":1,"q":2}');
    expect((await run(newFolders)).tables.map(({ name, action }) => `${name} ${action}`)).toEqual([
      "a keep",
      "b keep",
      "c create",
    ]);
  });
});

describe("CRAWL_EVENT_MODE", () => {
  const policy = { recrawlPolicy: { recrawlBehavior: "CRAWL_EVENT_MODE" } } as const;
  const queueFile = (): string => join(root, "events.ndjson");
  const event = (path: string, kind: string): string => `${JSON.stringify({ path: at(path), event: kind })}\n`;
  const crawlEvents = (text: string) => {
    writeFileSync(queueFile(), text);
    return run(policy, { events: fileQueue(queueFile()) });
  };

  test("the first crawl lists; later ones look only at what events name, and take them out of the queue", async () => {
    putAll(sales);
    await crawlEvents(event("year=2019/f.json", "created"));
    expect(listed).toBe(1);
    put("year=2021/f.json", '{"id":3,"price":3}\n');
    put("year=2022/f.json", '{"id":4,"price":4}\n'); // no event tells of it
    rmSync(at("year=2019/f.json"));
    put("year=2020/f.json", '{"id":2,"price":"two"}\n');
    const report = await crawlEvents(
      event("year=2021/f.json", "created")
        + event("year=2019/f.json", "removed")
        + event("year=2020/f.json", "created")
        + event("elsewhere.json", "created"),
    );
    expect(listed).toBe(1);
    expect(report.problems).toEqual([]);
    expect(report.tables[0]?.files).toEqual({ new: 1, changed: 1, unchanged: 0, vanished: 1 });
    expect(await partitions("data")).toEqual(["2020", "2021"]);
    expect(await columns("data")).toEqual(["id:int", "price:string"]);
    expect(readFileSync(queueFile(), "utf8")).toBe("");
  });
  test("an event may be old: what is there now counts", async () => {
    putAll(sales);
    await crawlEvents("");
    const report = await crawlEvents(event("year=2019/f.json", "removed"));
    expect(report.tables.map(({ action }) => action)).toEqual(["keep"]);
  });
  test("a message that is no event is a problem, the others count; without a queue it is a wrong call", async () => {
    putAll(sales);
    await crawlEvents("");
    put("year=2021/f.json", '{"id":3,"price":3}\n');
    const report = await crawlEvents(`what?\n${event("year=2021/f.json", "created")}`);
    expect(report.problems.map(({ code }) => code)).toEqual(["EVENT_UNREADABLE"]);
    expect(await partitions("data")).toHaveLength(3);
    await expect(run(policy)).rejects.toMatchObject({ code: "INVALID_CRAWLER" });
  });
  test("messages as S3, SNS, SQS and EventBridge send them", () => {
    const s3 = (eventName: string, key: string) => ({
      Records: [{ eventName, s3: { bucket: { name: "lake" }, object: { key } } }],
    });
    const created = { path: "s3://lake/a=1/b c+d.json", kind: "created" };
    expect(readEvents(JSON.stringify(s3("ObjectCreated:Put", "a%3D1/b+c%2Bd.json")))).toEqual([created]);
    expect(
      readEvents(
        JSON.stringify({ Message: JSON.stringify(s3("ObjectCreated:CompleteMultipartUpload", "a%3D1/b+c%2Bd.json")) }),
      ),
    ).toEqual([created]);
    expect(readEvents(JSON.stringify({ Body: JSON.stringify(s3("ObjectRemoved:Delete", "x")) }))).toEqual([
      { path: "s3://lake/x", kind: "removed" },
    ]);
    expect(
      readEvents(
        JSON.stringify({
          "detail-type": "Object Deleted",
          detail: { bucket: { name: "lake" }, object: { key: "a+b" } },
        }),
      ),
    ).toEqual([{ path: "s3://lake/a+b", kind: "removed" }]);
    expect(readEvents(JSON.stringify({ Service: "Amazon S3", Event: "s3:TestEvent" }))).toEqual([]);
    for (const text of [
      "",
      "[]",
      "{}",
      JSON.stringify(s3("ReducedRedundancyLostObject", "x")),
      JSON.stringify(s3("ObjectCreated:Put", "%zz")),
    ])
      expect(readEvents(text)).toBeUndefined();
  });
});

describe("targets", () => {
  test("each with its own exclusions, sample and depth; tables keep the patterns of their target", async () => {
    putAll({
      "t1/a.json": '{"a":1}',
      "t1/b.tmp.json": '{"z":1}',
      "t2/a.tmp.json": '{"a":1}',
      "t2/b.json": '{"a":2}',
      "t2/c.json": '{"a":"x"}',
      "t3/a.json": '{"a":1}',
      "t3/deep/b.json": '{"a":1}',
    });
    const report = await run({
      includes: [
        { path: at("t1"), exclusions: ["*.tmp.json"] },
        { path: at("t2"), sampleSize: 2 },
        { path: at("t3"), recurse: false },
      ],
    });
    expect(skipped(report)).toEqual({ "t1/b.tmp.json": "EXCLUDED", "t2/c.json": "NOT_SAMPLED" });
    expect([await columns("t1"), await columns("t2"), await columns("t3")]).toEqual([["a:int"], ["a:int"], ["a:int"]]);
    expect((await catalog.getTable("shop", "t1")).Parameters?.exclusions).toBe('["*.tmp.json"]');
    expect((await catalog.getTable("shop", "t2")).Parameters?.exclusions).toBeUndefined();
    expect(await files("t3")).toEqual(["t3/a.json"]);
  });
  test.each([[{ sampleSize: 0 }], [{ sampleSize: 250 }], [{ sampleSize: 1.5 }]])(
    "a sample of %j is refused",
    async (more) => {
      await expect(run({ includes: [{ path: join(root, "data"), ...more }] })).rejects.toMatchObject({
        code: "INVALID_CRAWLER",
        name: "InvalidInputException",
      });
    },
  );
  test("one path with two settings is refused", async () => {
    await expect(run({ includes: [at("a"), { path: at("a"), sampleSize: 3 }] })).rejects.toMatchObject({
      code: "INVALID_CRAWLER",
    });
  });
});

test("TableThreshold: more tables are an error, and nothing is written", async () => {
  putAll({ "a/f.json": '{"a":1}', "b/f.json": '{"x":1,"y":2}', "c/f.json": '{"p":1,"q":2}' });
  const configuration = (TableThreshold: number) =>
    ({ configuration: { Version: 1, CrawlerOutput: { Tables: { TableThreshold } } } }) as const;
  await expect(run(configuration(2))).rejects.toMatchObject({
    code: "TABLE_THRESHOLD_EXCEEDED",
    message: "The number of tables detected by crawler: 3 is greater than the table threshold value provided: 2.",
  });
  await expect(catalog.getDatabase("shop")).rejects.toMatchObject({ name: "EntityNotFoundException" });
  expect((await run(configuration(3))).totals.created).toBe(3);
});

test("CreatePartitionIndex makes one index over all keys, once", async () => {
  putAll(Object.fromEntries(Object.entries(sales).map(([path, text]) => [path.replace("/", "/day=1/"), text])));
  const configuration = { Version: 1, CreatePartitionIndex: true } as const;
  await run({ configuration });
  put("year=2021/day=1/f.json", '{"id":3,"price":3}\n');
  await run({ configuration });
  expect(
    (await catalog.getPartitionIndexes("shop", "data")).map(({ IndexName, Keys, IndexStatus }) => [
      IndexName,
      Keys.map(({ Name }) => Name),
      IndexStatus,
    ]),
  ).toEqual([["crawler_partition_index", ["year", "day"], "ACTIVE"]]);
  await run({ includes: [{ path: at("year=2019") }], database: "other" });
  expect(await catalog.getPartitionIndexes("other", "year_2019")).toEqual([]);
});

describe("MergeNewColumns", () => {
  const merge = {
    configuration: { Version: 1, CrawlerOutput: { Tables: { AddOrUpdateBehavior: "MergeNewColumns" } } },
  } as const;
  test("adds nested columns too, drops and retypes none", async () => {
    put("f.json", '{"a":{"x":1,"y":[{"p":1}]},"b":1,"gone":1}\n');
    await run(merge);
    put("f.json", '{"a":{"x":"text","z":true,"y":[{"q":2}]},"b":"text"}\n');
    await run(merge);
    expect(await columns("data")).toEqual([
      "a:struct<x:int,y:array<struct<p:int,q:int>>,z:boolean>",
      "b:int",
      "gone:int",
    ]);
  });
  test("another delimiter deprecates the table with the reason", async () => {
    put("f.csv", "id,name\n1,a\n2,b\n");
    await run(merge);
    put("f.csv", "id|name\n1|a\n2|b\n");
    const [table] = (await run(merge)).tables;
    expect(table?.action).toBe("deprecate");
    expect(table?.reasons.at(-1)).toMatchObject({
      code: "ATTRIBUTES_CHANGED",
      message: "delimiter , → |: with MergeNewColumns the table is deprecated, not changed",
    });
    expect((await catalog.getTable("shop", "data")).Parameters).toMatchObject({
      delimiter: ",",
      DEPRECATED_BY_CRAWLER: "dynaframe",
    });
  });
});

test("types on which partitions disagree are told with the partitions", async () => {
  putAll({
    ...sales,
    "year=2021/f.json": '{"id":"x","price":3,"note":null}\n',
    "year=2022/f.json": '{"id":4,"price":3,"note":"n"}\n',
  });
  const reasons = (await run()).tables[0]?.reasons.filter(({ code }) => code === "PARTITION_TYPES_DIFFER");
  expect(reasons).toEqual([
    {
      code: "PARTITION_TYPES_DIFFER",
      message: "partitions disagree on column id: int in 2019, 2020, 2022; string in 2021",
      evidence: {
        column: "id",
        types: [
          { type: "int", partitions: ["2019", "2020", "2022"] },
          { type: "string", partitions: ["2021"] },
        ],
      },
    },
  ]);
});

test("regular partition values give a hint how to project them", async () => {
  const place = (day: string, region: string): string => `day=${day}/region=${region}/hour=0${day.slice(-1)}/f.json`;
  putAll(
    Object.fromEntries(
      [
        ["2024-01-01", "eu"],
        ["2024-01-02", "us"],
        ["2024-01-03", "eu"],
      ].map(([day = "", region = ""]) => [place(day, region), '{"id":1}\n']),
    ),
  );
  const hint = (await run()).tables[0]?.reasons.find(({ code }) => code === "PROJECTION_POSSIBLE");
  expect(hint?.evidence).toEqual({
    "projection.enabled": "true",
    "projection.day.type": "date",
    "projection.day.format": "yyyy-MM-dd",
    "projection.day.range": "2024-01-01,2024-01-03",
    "projection.region.type": "enum",
    "projection.region.values": "eu,us",
    "projection.hour.type": "integer",
    "projection.hour.range": "1,3",
    "projection.hour.digits": "2",
    "storage.location.template": `${join(root, "data")}/day=\${day}/region=\${region}/hour=\${hour}`,
  });
});

test("strays are told by each crawl and read by the first one only; one that changed is read again, one that fits is taken in", async () => {
  putAll(sales);
  let read = 0;
  const told = async (): Promise<unknown> => {
    read = 0;
    const report = await run(
      {},
      {
        onBytesScanned: (bytes) => {
          read += bytes;
        },
      },
    );
    return [report.skipped.map(({ why, detail }) => [why, detail]), report.tables.map(({ action }) => action)];
  };
  await told();
  put("year=2020/notes.csv", "a,b\n1,2\n3,4\n");
  const stray = [["STRAY", "not taken into table data: it is csv, the table json"]];
  expect(await told()).toEqual([stray, ["keep"]]);
  expect(read).toBeGreaterThan(0);
  expect(await told()).toEqual([stray, ["keep"]]);
  expect(read).toBe(0);
  put("year=2021/f.json", '{"id":3,"price":3}\n');
  expect(await told()).toEqual([stray, ["update"]]);
  const size = '{"id":3,"price":3}\n'.length;
  expect(read).toBeLessThanOrEqual(2 * size); // its head and its scan, nothing of the stray
  put("year=2020/notes.csv", "a,b\n1,2\n3,4\n5,6\n");
  expect(await told()).toEqual([stray, ["keep"]]);
  expect(read).toBeGreaterThan(0);
  rmSync(at("year=2020/notes.csv"));
  put("year=2020/notes.json", '{"id":4,"price":4}\n');
  expect(await told()).toEqual([[], ["update"]]);
  expect(await told()).toEqual([[], ["keep"]]);
  expect(existsSync(join(root, "catalog", "crawls", "shop.checkpoint"))).toBe(false);
});
