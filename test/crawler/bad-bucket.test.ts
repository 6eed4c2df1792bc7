/** A bucket as it should not be: the rest of it is crawled all the same, and the report names what was not. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import type { Catalog } from "../../src/catalog/index.js";
import { crawl } from "../../src/crawler/crawl.js";
import type { CrawlOptions } from "../../src/crawler/crawl-options.js";
import { s3Storage } from "../../src/storage/s3/index.js";
import { answer, refuse, stored, type Stored } from "../storage/fake-s3.js";

let root = "";
let server: Server;
let catalog: Catalog;
let objects: Map<string, Stored>;
let denied: (request: IncomingMessage) => boolean;
let before: (request: IncomingMessage) => void;

beforeEach(async () => {
  [objects, denied, before] = [new Map(), () => false, () => undefined];
  root = mkdtempSync(join(tmpdir(), "dyna-bucket-"));
  catalog = await openSqliteCatalog(join(root, "catalog"));
  server = createServer((request, response) => {
    before(request);
    if (denied(request)) refuse(response, 403, "AccessDenied");
    else answer(objects, request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await catalog.close();
  rmSync(root, { recursive: true, force: true });
});

const put = (key: string, body: string | Buffer): void => {
  objects.set(key, stored(body));
};
const run = (more: Partial<CrawlOptions> = {}) =>
  crawl(
    { database: "d", includes: ["s3://bucket/lake"], ...more },
    {
      catalog,
      storage: s3Storage(() => ({
        endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        region: "us-east-1",
        accessKeyId: "key",
        secretAccessKey: "hush-Secret",
        maxAttempts: 2,
      })),
    },
  );
const isGet = ({ method, url = "" }: IncomingMessage, key: string): boolean =>
  method === "GET" && !url.includes("list-type") && decodeURIComponent(url).startsWith(`/bucket/${key}`);
const filesOf = async (table: string): Promise<string[]> =>
  (await catalog.getLedgerKeys("d", table)).map(({ file }) => file);

test("objects of one prefix may not be read: the others are crawled, the report names each; once they may be, they are taken in", async () => {
  for (const day of [1, 2, 3]) put(`lake/day=${day}/f.json`, `{"id":${day}}\n`);
  denied = (request) => isGet(request, "lake/day=2/");
  const report = await run();
  expect(report.problems.map(({ file, code }) => [file, code])).toEqual([
    ["s3://bucket/lake/day=2/f.json", "ACCESS_DENIED"],
  ]);
  expect(JSON.stringify(report)).not.toContain("hush-Secret");
  expect((await catalog.getPartitions("d", "lake")).items.map(({ Values }) => Values)).toEqual([["1"], ["3"]]);
  denied = () => false;
  expect((await run()).totals).toMatchObject({ scanned: 1, files: 3 });
  denied = (request) => isGet(request, "lake/day=2/");
  // nothing is read of what has not changed
  expect((await run()).totals).toMatchObject({ scanned: 0, files: 3, kept: 1 });
});

test("a prefix that may not be listed: the other include paths are crawled, and its tables stay as they are", async () => {
  put("open/f.json", '{"id":1}\n');
  put("shut/f.json", '{"id":2}\n');
  const both = {
    includes: ["s3://bucket/open", "s3://bucket/shut"],
    schemaChangePolicy: { deleteBehavior: "DELETE_FROM_DATABASE" },
  } as const;
  await run(both);
  denied = ({ url = "" }) => url.includes("list-type") && url.includes("prefix=shut");
  put("open/g.json", '{"id":3}\n');
  const report = await run(both);
  expect(report.problems.map(({ file, code }) => [file, code])).toEqual([["s3://bucket/shut", "ACCESS_DENIED"]]);
  expect(Object.fromEntries(report.tables.map(({ name, action }) => [name, action]))).toEqual({
    open: "update",
    shut: "keep",
  });
  expect(await filesOf("shut")).toEqual(["s3://bucket/shut/f.json"]);
  denied = ({ url = "" }) => url.includes("list-type");
  await expect(run(both)).rejects.toMatchObject({ code: "ACCESS_DENIED" });
});

test("an object deleted between list and read is a problem, the others are crawled; it is not there in the next crawl", async () => {
  for (const name of ["a", "b", "c"]) put(`lake/${name}.json`, `{"id":"${name}"}\n`);
  before = (request) => {
    if (isGet(request, "lake/b.json")) objects.delete("lake/b.json");
  };
  expect((await run()).problems).toMatchObject([{ file: "s3://bucket/lake/b.json", code: "SOURCE_VANISHED" }]);
  expect(await filesOf("lake")).toEqual(["s3://bucket/lake/a.json", "s3://bucket/lake/c.json"]);
  expect((await run()).problems).toEqual([]);
});

test("an object replaced between list and read is read again as it is", async () => {
  put("lake/a.json", '{"id":1}\n');
  let reads = 0;
  before = (request) => {
    if (isGet(request, "lake/a.json") && ++reads === 2) put("lake/a.json", '{"id":1}\n{"id":2,"new":true}\n');
  };
  expect(await run()).toMatchObject({ problems: [], totals: { records: 2 } });
});

test("truncated objects: what is whole counts, the cut is told with its place", async () => {
  const packed = gzipSync(Array.from({ length: 5000 }, (_, i) => `{"id":${i},"text":"${i * 7919}"}\n`).join(""));
  put("lake/z/a.json.gz", packed.subarray(0, packed.length / 2));
  put("lake/p/b.json", '{"id":1}\n{"id":2,"te');
  const report = await run();
  expect(report.problems).toEqual([]);
  const table = (name: string) => report.tables.find((one) => one.name === name)?.contents;
  expect(table("p")).toMatchObject({ records: 1, malformed: 1 });
  expect(table("z")?.malformedRecords.map(({ code, file }) => [code, file])).toEqual([
    ["TRUNCATED", "s3://bucket/lake/z/a.json.gz"],
    ["TRUNCATED", "s3://bucket/lake/z/a.json.gz"],
  ]); // the record, and the stream
  expect(table("z")?.records).toBeGreaterThan(500);
});

test("keys with //, blanks, plus, percent and all of unicode: each is a file of its own, found again as it is", async () => {
  const keys = [
    "lake//f.json",
    "lake/a b/f+1.json",
    "lake/a+b/f 1.json",
    "lake/100%/%41.json",
    "lake/\u{1F600}/\uffe5.json",
    "lake/e\u0301/f.json",
    "lake/\u00e9/f.json",
    "lake/day=x%2Fy/f.json",
  ];
  keys.forEach((key, i) => {
    put(key, `{"id":${i}}\n`);
  });
  const combine = {
    configuration: { Version: 1, Grouping: { TableGroupingPolicy: "CombineCompatibleSchemas" } },
  } as const;
  const report = await run(combine);
  expect(report.problems).toEqual([]);
  expect(report.totals).toMatchObject({ files: keys.length, records: keys.length, created: 1 });
  expect((await filesOf("lake")).sort()).toEqual(keys.map((key) => `s3://bucket/${key}`).sort());
  expect((await run(combine)).totals).toMatchObject({ scanned: 0, kept: 1 });
});
