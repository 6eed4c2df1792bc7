import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import type { Catalog } from "../../src/catalog/index.js";
import { applyPlan } from "../../src/crawler/apply-plan.js";
import { crawl } from "../../src/crawler/crawl.js";
import type { CrawlOptions, CrawlServices } from "../../src/crawler/crawl-options.js";
import type { CrawlPlan } from "../../src/crawler/crawl-plan.js";
import { planCrawl } from "../../src/crawler/plan-crawl.js";
import { fileStorage } from "../../src/storage/file.js";
import type { Storage } from "../../src/storage/index.js";
import type { DynaframeError } from "../../src/types/error.js";

let root = "";
let catalog: Catalog;
let bytesRead = 0;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "dyna-crawl-"));
  catalog = await openSqliteCatalog(join(root, "catalog"));
  bytesRead = 0;
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
  Object.entries(files).forEach(([path, text]) => put(path, text));
const options = (more: Partial<CrawlOptions> = {}): CrawlOptions => ({
  database: "shop",
  includes: [join(root, "data")],
  ...more,
});
const services = (more: Partial<CrawlServices> = {}): CrawlServices => ({
  catalog,
  storage: fileStorage(),
  onBytesScanned: (n) => {
    bytesRead += n;
  },
  ...more,
});
const run = (more: Partial<CrawlOptions> = {}, with_: Partial<CrawlServices> = {}) =>
  crawl(options(more), services(with_));
const actions = (plan: { tables: CrawlPlan["tables"] }): Record<string, string> =>
  Object.fromEntries(plan.tables.map(({ name, action }) => [name, action]));
const columns = async (table: string): Promise<string[]> =>
  ((await catalog.getTable("shop", table)).StorageDescriptor?.Columns ?? []).map(({ Name, Type }) => `${Name}:${Type}`);
const partitions = async (table: string): Promise<string[]> =>
  (await catalog.getPartitions("shop", table)).items.map(({ Values }) => Values.join("/"));
const tableNames = async (): Promise<string[]> =>
  (await catalog.getTables("shop")).items.map(({ Name }) => Name).sort();

const sales = {
  "year=2019/f.json": '{"id":1,"price":1.5}\n{"id":"x","price":2}\n',
  "year=2020/f.json": '{"id":3,"price":"free","Note":"n"}\n',
};

test("the database is told by the name that the catalog gives it", async () => {
  putAll(sales);
  expect((await run({ database: "Shop!" })).database).toBe("shop!");
  expect((await catalog.getDatabase("shop!")).Name).toBe("shop!");
});

test("a first crawl: table, partitions, choices with places, and the report adds up", async () => {
  putAll(sales);
  const report = await run();
  expect(report.totals).toMatchObject({ files: 2, records: 3, malformed: 0, scanned: 2, created: 1 });
  expect(report.problems).toEqual([]);
  const table = await catalog.getTable("shop", "data");
  expect(table.PartitionKeys).toEqual([{ Name: "year", Type: "string" }]);
  expect(await columns("data")).toEqual(["id:string", "price:string", "note:string"]);
  expect(await partitions("data")).toEqual(["2019", "2020"]);
  expect(table.Parameters).toMatchObject({
    classification: "json",
    compressionType: "none",
    typeOfData: "file",
    recordCount: "3",
    objectCount: "2",
    UPDATED_BY_CRAWLER: "dynaframe",
  });
  expect(table.StorageDescriptor?.SerdeInfo?.SerializationLibrary).toBe("org.openx.data.jsonserde.JsonSerDe");
  const choices = report.tables[0]?.contents.choices ?? [];
  expect(choices.map(({ path, arms }) => [path, arms.map(({ tag, count }) => `${tag} ${count}`).sort()])).toEqual([
    ["id", ["int 2", "string 1"]],
    ["price", ["double 1", "int 1", "string 1"]],
  ]);
  expect(choices[0]?.arms.find(({ tag }) => tag === "string")?.first).toEqual({
    file: at("year=2019/f.json"),
    record: 1,
    offset: 27,
  });
  const [history] = await catalog.getSchemaHistory("shop", "data");
  expect(history?.schema.fields.map(({ name }) => name)).toEqual(["id", "price", "Note"]);
});

test("nothing changed: no byte is read, no version is written", async () => {
  putAll(sales);
  await run();
  const before = await catalog.getTable("shop", "data");
  bytesRead = 0;
  const report = await run();
  expect(bytesRead).toBe(0);
  expect(actions(report)).toEqual({ data: "keep" });
  expect(report.tables[0]?.contents.records).toBe(3);
  expect(await catalog.getTable("shop", "data")).toEqual(before);
});

test("only new and changed files are read; vanished ones are taken out; the result equals a crawl from nothing", async () => {
  putAll(sales);
  await run();
  bytesRead = 0;
  put("year=2021/g.json", '{"id":9,"price":1,"more":true}\n');
  put("year=2019/f.json", '{"id":1,"price":7}\n');
  rmSync(at("year=2020"), { recursive: true });
  const report = await run();
  const sizes = ["year=2021/g.json", "year=2019/f.json"].reduce((sum, f) => sum + statSync(at(f)).size, 0);
  expect(bytesRead).toBe(2 * sizes); // the head to classify, then the scan
  expect(report.tables[0]).toMatchObject({
    action: "update",
    files: { new: 1, changed: 1, unchanged: 0, vanished: 1 },
  });
  expect(report.tables[0]?.typeChanges.map(({ rule, path }) => `${rule} ${path}`)).toContain("FIELD_ADDED more");
  expect(await partitions("data")).toEqual(["2019", "2021"]);
  const incremental = [
    await columns("data"),
    await catalog.getLedger("shop", "data"),
    (await catalog.getTable("shop", "data")).Parameters,
  ];
  await catalog.deleteDatabase("shop");
  await run();
  expect([
    await columns("data"),
    await catalog.getLedger("shop", "data"),
    (await catalog.getTable("shop", "data")).Parameters,
  ]).toEqual(incremental);
});

describe("policies", () => {
  beforeEach(async () => {
    putAll({ "a/f.json": '{"a":1}', "b/f.json": '{"x":1,"y":2}' });
    await run();
  });

  test("deprecate, once; back again when the data is", async () => {
    rmSync(at("b"), { recursive: true });
    put("c/f.json", '{"p":1,"q":2}'); // keeps the folders apart
    expect(actions(await run())).toEqual({ a: "keep", b: "deprecate", c: "create" });
    expect((await catalog.getTable("shop", "b")).Parameters).toMatchObject({ DEPRECATED_BY_CRAWLER: "dynaframe" });
    expect(await catalog.getLedgerKeys("shop", "b")).toEqual([]);
    expect(actions(await run())).toEqual({ a: "keep", b: "keep", c: "keep" });
    put("b/f.json", '{"x":1,"y":2}');
    expect(actions(await run())).toEqual({ a: "keep", b: "update", c: "keep" });
    expect((await catalog.getTable("shop", "b")).Parameters?.DEPRECATED_BY_CRAWLER).toBeUndefined();
  });
  test("delete and log", async () => {
    put("c/f.json", '{"p":1,"q":2}');
    rmSync(at("b"), { recursive: true });
    expect(actions(await run({ schemaChangePolicy: { deleteBehavior: "LOG" } }))).toMatchObject({ b: "log" });
    expect(await tableNames()).toEqual(["a", "b", "c"]);
    expect(actions(await run({ schemaChangePolicy: { deleteBehavior: "DELETE_FROM_DATABASE" } }))).toMatchObject({
      b: "delete",
    });
    expect(await tableNames()).toEqual(["a", "c"]);
  });
  test("UpdateBehavior LOG leaves columns and version, keeps the ledger and new tables", async () => {
    put("a/g.json", '{"a":1}');
    put("c/f.json", '{"p":1,"q":2}');
    const before = await catalog.getTable("shop", "a");
    const report = await run({ schemaChangePolicy: { updateBehavior: "LOG" } });
    expect(actions(report)).toMatchObject({ a: "log", c: "create" });
    expect(await catalog.getTable("shop", "a")).toEqual(before);
    expect((await catalog.getLedger("shop", "a"))?.records).toBe(2);
  });
  test("MergeNewColumns keeps what is there", async () => {
    await catalog.updateTable("shop", {
      Name: "a",
      StorageDescriptor: {
        ...(await catalog.getTable("shop", "a")).StorageDescriptor,
        Columns: [
          { Name: "a", Type: "decimal(9,2)" },
          { Name: "mine", Type: "int" },
        ],
      },
      Parameters: (await catalog.getTable("shop", "a")).Parameters ?? {},
    });
    put("a/g.json", '{"a":1,"new":2}');
    await run({
      configuration: {
        Version: 1,
        CrawlerOutput: { Tables: { AddOrUpdateBehavior: "MergeNewColumns" } },
        Grouping: { TableGroupingPolicy: "CombineCompatibleSchemas" },
      },
      includes: [at("a")],
    });
    expect(await columns("a")).toEqual(["a:decimal(9,2)", "mine:int", "new:int"]);
  });
  test("settings that changed make a new plan", async () => {
    expect(actions(await run({ exclusions: ["nothing/**"] }))).toEqual({ a: "update", b: "update" });
    expect((await catalog.getTable("shop", "a")).Parameters?.exclusions).toBe('["nothing/**"]');
  });
});

test("InheritFromTable gives partitions the table's columns", async () => {
  putAll(sales);
  const of = async (): Promise<number[]> =>
    (await catalog.getPartitions("shop", "data")).items.map((p) => p.StorageDescriptor?.Columns?.length ?? 0);
  await run();
  expect(await of()).toEqual([2, 3]);
  await run({
    configuration: JSON.stringify({
      Version: 1.0,
      CrawlerOutput: { Partitions: { AddOrUpdateBehavior: "InheritFromTable" } },
    }),
  });
  expect(await of()).toEqual([3, 3]);
});

describe("plan and apply", () => {
  test("a plan survives JSON and does what a crawl does", async () => {
    putAll(sales);
    const plan = await planCrawl(options(), services());
    await expect(catalog.getDatabase("shop")).rejects.toMatchObject({ name: "EntityNotFoundException" });
    const report = await applyPlan(JSON.parse(JSON.stringify(plan)) as CrawlPlan, services());
    expect(report.applied).toBe(true);
    expect(await columns("data")).toEqual(["id:string", "price:string", "note:string"]);
    expect(actions(await run())).toEqual({ data: "keep" });
  });
  test("the plan does not depend on the order of the listing", async () => {
    putAll({ ...sales, "year=2021/h.json": '{"id":4,"price":1}' });
    const storage = fileStorage();
    const backwards: Storage = {
      ...storage,
      list: async function* (address, o) {
        const all = [];
        for await (const f of storage.list(address, o)) all.push(f);
        yield* all.reverse();
      },
    };
    const [a, b] = [
      await planCrawl(options(), services()),
      await planCrawl(options(), services({ storage: backwards })),
    ];
    const strip = (plan: CrawlPlan) => ({
      ...plan,
      includes: [],
      changes: plan.changes.map((change) => ({
        ...change,
        putLedgers: [...(change.putLedgers ?? [])].sort((x, y) => (x.file < y.file ? -1 : 1)),
      })),
    });
    expect(strip(b)).toEqual(strip(a));
  });
  test("PLAN_STALE when a file or a table changed, and nothing is written", async () => {
    putAll(sales);
    const plan = await planCrawl(options(), services());
    put("year=2022/f.json", '{"id":1,"price":1}');
    await expect(applyPlan(plan, services())).rejects.toMatchObject({ code: "PLAN_STALE", path: join(root, "data") });
    await expect(catalog.getDatabase("shop")).rejects.toMatchObject({ name: "EntityNotFoundException" });
    const second = await planCrawl(options(), services());
    await catalog.createDatabase({ Name: "shop" });
    await catalog.createTable("shop", { Name: "data" });
    await expect(applyPlan(second, services())).rejects.toMatchObject({
      code: "PLAN_STALE",
      path: "data",
      expected: "no such table",
    });
  });
  test("PLAN_STALE tells apart a file rewritten with as many bytes", async () => {
    put("f.json", '{"id":1}');
    const plan = await planCrawl(options(), services());
    put("f.json", '{"id":2}');
    utimesSync(join(root, "data", "f.json"), 1, 1);
    const error: unknown = await applyPlan(plan, services()).catch((caught: unknown) => caught);
    const { code, expected, found } = error as DynaframeError;
    expect([code, expected, found]).toEqual([
      "PLAN_STALE",
      expect.stringMatching(/^1 files, 8 bytes \(fingerprint [0-9a-f]{8}\)$/),
      expect.stringMatching(/^1 files, 8 bytes \(fingerprint [0-9a-f]{8}\)$/),
    ]);
    expect(found).not.toBe(expected);
  });
});

describe("bad worlds", () => {
  test("hidden, empty, excluded and unknown files are named, not crawled", async () => {
    putAll({
      "f.json": '{"a":1}',
      "_SUCCESS": "x",
      ".git/config.json": "{}",
      "empty.json": "",
      "old/x.json": '{"z":1}',
      "notes.txt": "hello, you\n",
    });
    const report = await run({ exclusions: ["old/**"] });
    expect(Object.fromEntries(report.skipped.map(({ file, why }) => [file.slice(at("x").length - 1), why]))).toEqual({
      _SUCCESS: "HIDDEN",
      ".git/config.json": "HIDDEN",
      "empty.json": "EMPTY",
      "old/x.json": "EXCLUDED",
      "notes.txt": "UNKNOWN_CLASSIFICATION",
    });
    expect(actions(report)).toEqual({ data: "create" });
  });
  test("malformed records are counted with their places", async () => {
    put("f.json", '{"a":1}\n{"a":\n{"a":2}\n');
    const report = await run();
    expect(report.totals).toMatchObject({ records: 2, malformed: 1 });
    expect(report.tables[0]?.contents.malformedRecords[0]).toMatchObject({ file: at("f.json"), offset: 8 });
  });
  test("a folder without files makes no table; a missing include path is an error", async () => {
    mkdirSync(at("empty"), { recursive: true });
    expect((await run()).tables).toEqual([]);
    await expect(run({ includes: [join(root, "none")] })).rejects.toMatchObject({ code: "PATH_NOT_FOUND" });
    await expect(run({ includes: [] })).rejects.toMatchObject({ code: "INVALID_CRAWLER" });
  });
  test("a file that vanishes between list and read is a problem, the others are crawled", async () => {
    putAll({ "a.json": '{"a":1}', "b.json": '{"a":2}', "c.json": '{"a":3}' });
    const storage = fileStorage();
    let opened = 0;
    const vanishing: Storage = {
      ...storage,
      localPath: () => undefined,
      open: async (path) => {
        if (path === at("b.json") && ++opened === 2) rmSync(at("b.json"));
        return storage.open(path);
      },
    };
    const report = await run({}, { storage: vanishing });
    expect(report.problems.map(({ file, code }) => [file, code])).toEqual([[at("b.json"), "SOURCE_VANISHED"]]);
    expect(report.totals.records).toBe(2);
  });
  test("a file that changed while it was read is read again as it is", async () => {
    put("a.json", '{"a":1}\n');
    const storage = fileStorage();
    let stats = 0;
    const changing: Storage = {
      ...storage,
      stat: async (path) => {
        if (stats++ === 0) {
          put("a.json", '{"a":1}\n{"b":2}\n');
        }
        return storage.stat(path);
      },
    };
    expect((await run({}, { storage: changing })).totals.records).toBe(2);
    expect((await catalog.getLedgerKeys("shop", "data"))[0]?.etag).toBe((await storage.stat(at("a.json")))?.etag);
  });
  test("what could not be seen is neither deprecated nor forgotten", async () => {
    putAll(sales);
    await run();
    const storage = fileStorage();
    const shut: Storage = {
      ...storage,
      list: async function* (address, o) {
        for await (const f of storage.list(address, o)) if (!f.path.includes("2020")) yield f;
        o?.onUnreadable?.(at("year=2020"), Object.assign(new Error("no"), { code: "ACCESS_DENIED" }) as never);
      },
    };
    const report = await run({}, { storage: shut });
    expect(report.problems).toHaveLength(1);
    expect(await partitions("data")).toEqual(["2019", "2020"]);
    expect(await catalog.getLedgerKeys("shop", "data")).toHaveLength(2);
  });
});

describe("leases", () => {
  test("two crawls of one database at once: one is refused", async () => {
    putAll(sales);
    const results = await Promise.allSettled([run(), run()]);
    const refused = results.flatMap((result) =>
      result.status === "rejected" ? [result.reason as { name: string; code: string }] : [],
    );
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({ name: "CrawlerRunningException", code: "CRAWLER_RUNNING" });
    expect(readdirSync(join(root, "catalog", "leases"))).toEqual([]);
  });
  test("the lease of a killed process does not stay", async () => {
    putAll(sales);
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    await once(child, "spawn");
    const lease = join(root, "catalog", "leases", "shop.lease");
    mkdirSync(dirname(lease), { recursive: true });
    writeFileSync(
      lease,
      JSON.stringify({ token: "t", pid: child.pid, host: (await import("node:os")).hostname(), started: "" }),
    );
    await expect(run()).rejects.toMatchObject({ code: "CRAWLER_RUNNING" });
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(actions(await run())).toEqual({ data: "create" });
  });
  test("the lease of another machine ends when it no longer beats", async () => {
    putAll(sales);
    const lease = join(root, "catalog", "leases", "shop.lease");
    mkdirSync(dirname(lease), { recursive: true });
    writeFileSync(lease, JSON.stringify({ token: "t", pid: 1, host: "elsewhere", started: "" }));
    await expect(run()).rejects.toMatchObject({ code: "CRAWLER_RUNNING" });
    const old = new Date(Date.now() - 3_600_000);
    utimesSync(lease, old, old);
    expect(actions(await run())).toEqual({ data: "create" });
  });
});

test("what an earlier crawl with the same settings made one table, or apart, stays so; what is unlike it is reported, not swallowed", async () => {
  putAll(sales);
  await run();
  put("year=2021/f.json", '{"entirely":1,"other":2}');
  put("year=2022/f.json", '{"id":4,"unlike":1}'); // half of its columns are the table's: drift
  put("year=2022/g.csv", "id,price\n1,2.5\n2,3\n");
  put("stray.json", '{"id":9,"price":1}');
  const report = await run();
  expect(actions(report)).toEqual({ data: "update" });
  expect(report.tables[0]?.reasons.map(({ code }) => code)).toContain("PINNED");
  expect(await partitions("data")).toEqual(["2019", "2020", "2022"]);
  const strays = report.skipped.filter(({ why }) => why === "STRAY");
  expect(Object.fromEntries(strays.map(({ file, detail }) => [file.slice(at("x").length - 1), detail]))).toEqual({
    "stray.json": "not taken into table data: it lies at another depth than the table's files",
    "year=2021/f.json": "not taken into table data: only 0 % of its columns are columns of the table",
    "year=2022/g.csv": "not taken into table data: it is csv, the table json",
  });
  expect(actions(await run())).toEqual({ data: "keep" });
  await catalog.deleteDatabase("shop");
  for (const file of ["stray.json", "year=2022/g.csv"]) rmSync(at(file));
  expect(Object.keys(actions(await run()))).toEqual(["year_2019", "year_2020", "year_2021", "year_2022"]);
  for (const year of [2021, 2022]) put(`year=${year}/f.json`, '{"id":3,"price":"free","Note":"n"}\n');
  expect(actions(await run())).toEqual({
    year_2019: "keep",
    year_2020: "keep",
    year_2021: "update",
    year_2022: "update",
  });
});

test("names that clash get a suffix, also against tables of other places; a table keeps its name", async () => {
  await catalog.createDatabase({ Name: "shop" });
  await catalog.createTable("shop", { Name: "a_b" });
  putAll({ "a-b/f.json": '{"a":1}', "a.b/f.json": '{"x":1,"y":1}' });
  await run();
  const names = await tableNames();
  expect(names).toHaveLength(3);
  for (const name of names) expect(name).toMatch(/^a_b(_[0-9a-f]{8})?$/);
  await run({ tablePrefix: "new_" });
  expect(await tableNames()).toEqual(names);
});

test("each include path is a table root; the inner one takes its files", async () => {
  putAll({ "t1/f.json": '{"a":1}', "t2/f.json": '{"a":1}' });
  await run({ includes: [at("t1"), at("t2")] });
  expect(await tableNames()).toEqual(["t1", "t2"]);
  await catalog.deleteDatabase("shop");
  await run({ includes: [join(root, "data"), at("t2/f.json")] });
  expect(await tableNames()).toEqual(["data", "f_json"]);
});
