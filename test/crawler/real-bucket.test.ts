/**
 * Crawls of a real S3 server: keys as users have them, a prefix that a policy denies, signed and unsigned requests, by
 * one thread and by two.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutBucketPolicyCommand } from "@aws-sdk/client-s3";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import type { Catalog } from "../../src/catalog/index.js";
import { crawl } from "../../src/crawler/crawl.js";
import type { CrawlReport } from "../../src/crawler/crawl-report.js";
import { keepCopies } from "../../src/storage/kept-copies.js";
import { s3Storage, type S3Settings } from "../../src/storage/s3/index.js";
import { describeWithVersitygw, startVersitygw, type Versitygw } from "../storage/s3-servers.js";

describeWithVersitygw("a crawl of a real bucket", () => {
  let server!: Versitygw;
  let root = "";
  let catalog: Catalog;
  beforeAll(async () => {
    server = await startVersitygw();
    await server.createBucket("lake");
    server.addUser("reader", "reader-secret");
  }, 60_000);
  afterAll(() => {
    server.stop();
  });
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "dyna-real-"));
    catalog = await openSqliteCatalog(join(root, "catalog"));
  });
  afterEach(async () => {
    await catalog.close();
    rmSync(root, { recursive: true, force: true });
  });

  const run = (include: string, workers: number, more: S3Settings = {}): Promise<CrawlReport> =>
    crawl(
      {
        database: "d",
        includes: [include],
        configuration: { Version: 1, Grouping: { TableGroupingPolicy: "CombineCompatibleSchemas" } },
      },
      {
        catalog,
        workers,
        storage: keepCopies(
          s3Storage(() => ({ ...server.settings, maxAttempts: 2, ...more })),
          async () => root,
        ),
      },
    );
  const allow = (...statements: readonly object[]): Promise<unknown> =>
    server.client.send(
      new PutBucketPolicyCommand({
        Bucket: "lake",
        Policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }),
      }),
    );

  test.each([1, 2])(
    "keys with blanks, plus, percent, quotes and unicode, small and large: each is found, read and known again (%i threads)",
    async (workers) => {
      const keys = [
        "a b/f+1.json",
        "a+b/f 1.json",
        "100%/%41.json",
        "\u{1F600}/\uffe5.json",
        "e\u0301/f.json",
        "\u00e9/f.json",
        "q'(1)!*/f~.json",
        "day=x%2Fy/f.json",
      ];
      for (const [i, key] of keys.entries()) await server.put("lake", `names/${key}`, `{"id":${i}}\n`);
      const large = `${JSON.stringify({ id: 1, text: "x".repeat(500) })}\n`.repeat(20_000);
      for (const name of ["l 1+.json", "l%2.json"]) await server.put("lake", `names/big/${name}`, large);
      const report = await run("s3://lake/names", workers);
      expect(report).toMatchObject({
        problems: [],
        totals: { files: keys.length + 2, records: keys.length + 40_000, created: 1 },
      });
      expect((await catalog.getLedgerKeys("d", "names")).map(({ file }) => file).sort()).toEqual(
        [...keys, "big/l 1+.json", "big/l%2.json"].map((key) => `s3://lake/names/${key}`).sort(),
      );
      expect((await run("s3://lake/names", workers)).totals).toMatchObject({ scanned: 0, kept: 1 });
    },
    120_000,
  );

  test("a prefix that a policy denies: the others are crawled, the report names each object; once it is allowed, they are taken in", async () => {
    for (const day of ["1", "2", "3"]) await server.put("lake", `shop/day=${day}/f.json`, `{"id":${day}}\n`);
    const read = [
      { Effect: "Allow", Principal: { AWS: ["reader"] }, Action: "s3:GetObject", Resource: "arn:aws:s3:::lake/*" },
      { Effect: "Allow", Principal: { AWS: ["reader"] }, Action: "s3:ListBucket", Resource: "arn:aws:s3:::lake" },
    ];
    await allow(...read, {
      Effect: "Deny",
      Principal: { AWS: ["reader"] },
      Action: "s3:GetObject",
      Resource: "arn:aws:s3:::lake/shop/day=2/*",
    });
    const reader = { accessKeyId: "reader", secretAccessKey: "reader-secret" };
    const report = await run("s3://lake/shop", 1, reader);
    expect(report.problems.map(({ file, code }) => [file, code])).toEqual([
      ["s3://lake/shop/day=2/f.json", "ACCESS_DENIED"],
    ]);
    expect(JSON.stringify(report)).not.toContain("reader-secret");
    expect((await catalog.getPartitions("d", "shop")).items.map(({ Values }) => Values)).toEqual([["1"], ["3"]]);
    await allow(...read);
    expect((await run("s3://lake/shop", 1, reader)).totals).toMatchObject({ scanned: 1, files: 3 });
  }, 60_000);

  test("a public bucket without keys; with wrong ones the report says whose fault it is", async () => {
    await server.put("lake", "open/f.json", '{"id":1}\n');
    await allow(
      { Effect: "Allow", Principal: "*", Action: ["s3:GetObject"], Resource: "arn:aws:s3:::lake/open/*" },
      { Effect: "Allow", Principal: "*", Action: ["s3:ListBucket"], Resource: "arn:aws:s3:::lake" },
    );
    const { endpoint = "", region = "" } = server.settings;
    const anonymous = s3Storage(() => ({ endpoint, region, anonymous: true }));
    expect(
      (await crawl({ database: "d", includes: ["s3://lake/open"] }, { catalog, storage: anonymous })).totals,
    ).toMatchObject({ files: 1, records: 1 });
    await expect(run("s3://lake/open", 1, { secretAccessKey: "wrong" })).rejects.toMatchObject({
      code: "ACCESS_DENIED",
    });
  }, 60_000);
});
