/**
 * What a crawl asks of a bucket: one request for a small object, one by a thread for a large one; and all it does when
 * such a request fails.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import type { Catalog } from "../../src/catalog/index.js";
import { crawl } from "../../src/crawler/crawl.js";
import type { CrawlReport } from "../../src/crawler/crawl-report.js";
import { keepCopies } from "../../src/storage/kept-copies.js";
import { s3Storage } from "../../src/storage/s3/index.js";
import { answer, refuse, stored, type Stored } from "../storage/fake-s3.js";

let root = "";
let server: Server;
let catalog: Catalog;
let objects: Map<string, Stored>;
let requests: IncomingMessage[];
/** Answers a request in its own way; true when it did. */
let fault: (request: IncomingMessage, response: ServerResponse) => boolean;

beforeEach(async () => {
  [objects, requests, fault] = [new Map(), [], () => false];
  root = mkdtempSync(join(tmpdir(), "dyna-requests-"));
  catalog = await openSqliteCatalog(join(root, "catalog"));
  server = createServer((request, response) => {
    requests.push(request);
    if (!fault(request, response)) answer(objects, request, response);
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
const run = (workers: number): Promise<CrawlReport> =>
  crawl(
    { database: "d", includes: ["s3://bucket/lake"] },
    {
      catalog,
      workers,
      storage: keepCopies(
        s3Storage(() => ({
          endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
          region: "us-east-1",
          accessKeyId: "key",
          secretAccessKey: "hush-Secret",
          maxAttempts: 2,
        })),
        async () => root,
      ),
    },
  );
const isOf = ({ url = "" }: IncomingMessage, key: string): boolean =>
  decodeURIComponent(url).startsWith(`/bucket/${key}`);
const asked = (key: string): string[] =>
  requests.filter((request) => isOf(request, key)).map(({ method = "" }) => method);
/** Asked for whole, as threads do. */
const isWhole = ({ method, headers, url = "" }: IncomingMessage): boolean =>
  method === "GET" && headers.range === undefined && !url.includes("list-type");

test.each([1, 2])("small objects: one request each, none again when nothing changed (%i threads)", async (workers) => {
  for (let i = 0; i < 40; i++) put(`lake/f${i}.json`, `{"id":${i}}\n`);
  expect((await run(workers)).totals).toMatchObject({ files: 40, records: 40 });
  for (let i = 0; i < 40; i++) expect(asked(`lake/f${i}.json`)).toEqual(["GET"]);
  requests.length = 0;
  expect((await run(workers)).totals).toMatchObject({ files: 40, scanned: 0 });
  expect(requests.filter(({ url = "", method }) => method === "GET" && !url.includes("list-type"))).toEqual([]);
});

/** Three files of 8 MB, plain and packed: enough that threads are at work. */
function putLarge(): { readonly records: number } {
  const lines = (from: number): string =>
    Array.from({ length: 16_000 }, (_, i) => `{"id":${from + i},"text":"${"x".repeat(500)}"}\n`).join("");
  for (const n of [0, 1, 2])
    put(
      `lake/f${n}.json`,
      n === 2 ? Buffer.concat([Buffer.from("\ufeff"), Buffer.from(lines(n * 16_000))]) : lines(n * 16_000),
    );
  return { records: 48_000 };
}

test("large objects: threads ask for them, each whole and once beside its head; the counts are those of the files", async () => {
  const { records } = putLarge();
  const report = await run(2);
  expect(report).toMatchObject({ problems: [], totals: { files: 3, records, scanned: 3 } });
  expect(requests.filter(isWhole)).toHaveLength(3);
  expect(requests.filter(isWhole).every(({ headers }) => headers["if-match"] !== undefined)).toBe(true);
  const ledgers = await catalog.getFileLedgers(
    "d",
    "lake",
    [0, 1, 2].map((n) => `s3://bucket/lake/f${n}.json`),
  );
  expect(ledgers.map(({ records: count, bytes, hazards }) => [count, bytes, Object.keys(hazards)])).toEqual(
    [0, 1, 2].map((n) => [16_000, objects.get(`lake/f${n}.json`)?.body.length, n === 2 ? ["BOM"] : []]),
  );
}, 120_000);

test("packed ones too", async () => {
  for (const n of [0, 1, 2])
    put(
      `lake/f${n}.json.gz`,
      gzipSync(
        Array.from(
          { length: 100_000 },
          (_, i) =>
            `{"id":${i},"text":"${Math.sin(i + n)}${Math.cos(i * n)}${Math.sin(i * 7 + n)}${Math.cos(i * 3)}${Math.sin(i * 11)}${Math.cos(i * 13)}${Math.sin(i * 17)}"}\n`,
        ).join(""),
        { level: 1 },
      ),
    );
  expect([...objects.values()].reduce((sum, { body }) => sum + body.length, 0)).toBeGreaterThan(16 << 20);
  expect(await run(2)).toMatchObject({ problems: [], totals: { files: 3, records: 300_000 } });
  expect(requests.filter(isWhole)).toHaveLength(3);
}, 120_000);

test.each<[string, (request: IncomingMessage, response: ServerResponse) => boolean]>([
  ["is refused", (request, response) => isWhole(request) && (refuse(response, 503, "SlowDown"), true)],
  [
    "breaks off",
    (request, response) => {
      if (!isWhole(request) || !isOf(request, "lake/f1.json")) return false;
      const { body = Buffer.alloc(0), etag = "" } = objects.get("lake/f1.json") ?? {};
      response.writeHead(200, { ETag: `"${etag}"`, "Content-Length": body.length });
      response.write(body.subarray(0, 3_000_000), () => {
        response.destroy();
      });
      return true;
    },
  ],
  [
    "has another version",
    (request, response) => {
      if (!isWhole(request)) return false;
      response.writeHead(200, { ETag: '"other"', "Content-Length": 3 });
      response.end("{}\n");
      return true;
    },
  ],
  [
    "has another length",
    (request, response) => {
      if (!isWhole(request)) return false;
      response.writeHead(200, {
        ETag: `"${
          objects.get(
            decodeURIComponent(request.url ?? "")
              .split("?")[0]
              ?.slice("/bucket/".length) ?? "",
          )?.etag ?? ""
        }"`,
        "Content-Length": 3,
      });
      response.end("{}\n");
      return true;
    },
  ],
])(
  "the answer to a thread %s: the file is read through its storage, exactly",
  async (_, how) => {
    const { records } = putLarge();
    fault = how;
    expect(await run(2)).toMatchObject({ problems: [], totals: { files: 3, records } });
  },
  120_000,
);

test("replaced while threads read: read again as it is; deleted: a problem, the others count", async () => {
  putLarge();
  fault = (request) => {
    if (isWhole(request) && isOf(request, "lake/f1.json")) put("lake/f1.json", '{"id":1,"other":true}\n');
    if (isWhole(request) && isOf(request, "lake/f2.json")) objects.delete("lake/f2.json");
    return false;
  };
  const report = await run(2);
  expect(report.totals).toMatchObject({ records: 16_001 });
  expect(report.problems).toMatchObject([{ file: "s3://bucket/lake/f2.json", code: "SOURCE_VANISHED" }]);
}, 120_000);
