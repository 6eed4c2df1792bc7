/**
 * Requester pays: a bucket of another's refuses each request that does not agree to be billed, so that each kind of
 * request must say so.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext } from "../../src/index.js";
import { s3Storage } from "../../src/storage/s3/index.js";
import type { S3Settings } from "../../src/storage/s3/settings.js";
import type { Storage } from "../../src/storage/index.js";
import { listAll, readAll } from "./contract.js";
import { startS3Proxy, type ProxiedRequest, type S3Proxy } from "./s3-proxy.js";
import { describeWithVersitygw, httpfsExtension, startVersitygw, type S3Server } from "./s3-servers.js";

const MEGA = 1 << 20;
const agrees = ({ headers }: ProxiedRequest): boolean => headers["x-amz-request-payer"] === "requester";

/** What a request is, as the S3 API calls it. */
function kindOf({ method, url, headers }: ProxiedRequest): string {
  const query = new URL(url, "http://localhost").searchParams;
  if (query.get("list-type") === "2") return "ListObjectsV2";
  if (query.has("partNumber")) return "UploadPart";
  if (query.has("uploads")) return "CreateMultipartUpload";
  if (query.has("uploadId")) return method === "DELETE" ? "AbortMultipartUpload" : "CompleteMultipartUpload";
  return `${method}${headers.range === undefined || method === "HEAD" ? "" : " of a range"}`;
}

describeWithVersitygw("requester pays", () => {
  let folder: string;
  let server: S3Server;
  let proxy: S3Proxy;
  let settings: S3Settings;
  let storage: Storage;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "dyna-payer-"));
    server = await startVersitygw();
    proxy = await startS3Proxy(server.endpoint);
    proxy.denies = (request) => !agrees(request);
    settings = { ...server.settings, endpoint: proxy.endpoint, requesterPays: true, maxAttempts: 2 };
    storage = s3Storage(() => settings);
    await server.createBucket("lake");
  });
  afterAll(() => {
    proxy.stop();
    server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    proxy.requests.length = 0;
  });
  const seen = (): ReadonlySet<string> => new Set(proxy.requests.map(kindOf));

  test("the bucket of the test refuses who does not agree", async () => {
    await server.put("lake", "shut", "1");
    const other = s3Storage(() => ({ ...settings, requesterPays: false }));
    await expect(other.open("s3://lake/shut")).rejects.toMatchObject({ code: "ACCESS_DENIED" });
  });

  test("list, head, get, get of a range, put, delete and every request of a multipart upload say it", async () => {
    const local = join(folder, "local");
    writeFileSync(local, "small");
    await storage.publish(local, "s3://lake/d/small", { ifAbsent: true });
    writeFileSync(local, Buffer.alloc(20 * MEGA, "x"));
    await storage.publish(local, "s3://lake/d/large");
    const writer = await storage.create("s3://lake/d/given-up");
    await writer.write(Buffer.alloc(40 * MEGA));
    await writer.abort();
    expect((await listAll(storage, "s3://lake/d")).map(({ size }) => size)).toEqual([20 * MEGA, 5]);
    expect(await storage.stat("s3://lake/d/small")).toMatchObject({ size: 5 });
    expect((await readAll(storage, "s3://lake/d/large")).length).toBe(20 * MEGA);
    await storage.remove("s3://lake/d/small");
    expect(await storage.stat("s3://lake/d/small")).toBeUndefined();
    const multipart = ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "AbortMultipartUpload"];
    expect([...seen()].sort()).toEqual(
      ["DELETE", "GET of a range", "HEAD", "ListObjectsV2", "PUT", ...multipart].sort(),
    );
    expect(proxy.requests.filter((request) => !agrees(request)).map(kindOf)).toEqual([]);
  });

  const extension = httpfsExtension();
  (extension === undefined ? test.skip : test)(
    "DuckDB's httpfs says it, and a write and read of a frame by either way",
    async () => {
      for (const httpfs of ["off", extension ?? ""]) {
        const glue = await GlueContext.open({
          catalog: join(folder, "catalog"),
          threads: 1,
          s3: { ...settings, httpfs },
        });
        try {
          const s3 = { connectionType: "s3", connectionOptions: { path: "s3://lake/p" }, format: "parquet" } as const;
          const frame = glue.createDynamicFrame.fromRows(
            Array.from({ length: 1000 }, (_, id) => ({ id, text: `row ${id}` })),
          );
          await glue.writeDynamicFrame.fromOptions({ ...s3, frame, mode: "overwrite" });
          proxy.requests.length = 0;
          const back = glue.createDynamicFrame.fromOptions(s3);
          expect((await back.records()).length).toBe(1000);
          const isDirect = (await back.explain()).includes("read by DuckDB's httpfs");
          const byDuckdb = proxy.requests.some(({ headers }) => /duckdb/i.test(headers["user-agent"] ?? ""));
          expect([isDirect, byDuckdb]).toEqual([httpfs !== "off", httpfs !== "off"]);
          expect(proxy.requests.filter((request) => !agrees(request)).map(kindOf)).toEqual([]);
        } finally {
          await glue.close();
        }
      }
    },
  );
});
