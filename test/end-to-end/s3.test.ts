/**
 * The main job with all files on S3, against the same job on local files, and the ways in which a bucket can refuse.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { GlueContext } from "../../src/index.js";
import {
  describeWithVersitygw,
  httpfsExtension,
  startS3rver,
  startVersitygw,
  type S3Server,
} from "../storage/s3-servers.js";

const orders = Array.from({ length: 400 }, (_, i) => ({
  id: i % 7 === 0 ? `o-${i}` : i,
  price: i % 5 === 0 ? `${i}.5` : i + 0.25,
  note: i % 11 === 0 ? null : `n${i}`,
  items: Array.from({ length: i % 4 }, (_, j) => ({ sku: `s${j}`, qty: j % 2 === 0 ? j : `${j}` })),
}));
const lines = (from: number, to: number): string =>
  orders
    .slice(from, to)
    .map((order) => `${JSON.stringify(order)}\n`)
    .join("");
const FILES: readonly (readonly [string, string | Uint8Array])[] = [
  ["orders/day=1/a b+c.json", lines(0, 100)],
  ["orders/day=1/b.json", lines(100, 200)],
  ["packed/o.json.gz", gzipSync(lines(0, 400))],
  ["orders/day=2/c.json", lines(200, 300)],
  ["orders/day=2/d.json", `${lines(300, 400)}{"id": 1,\n`],
  ["prices/p.csv", `sku,amount\n${orders.map((_, i) => `s${i},${i}.5`).join("\n")}\n`],
];

let folder = "";
let glue: GlueContext;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dynaframe-s3-"));
});
afterEach(async () => {
  await glue.close();
  rmSync(folder, { recursive: true, force: true });
});

const text = (row: object): string =>
  JSON.stringify(
    Object.entries(row)
      .filter(([, v]) => v !== null && v !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
const failure = async (
  work: Promise<unknown>,
): Promise<{ code?: string; message: string; hint?: string; file?: string; cause?: unknown }> =>
  work.then(
    () => ({ code: "no error", message: "" }),
    (error: Error) => error as never,
  );

/** crawl → fromCatalog → resolveChoice → relationalize → write → read back; what the tables hold, as sorted texts. */
async function mainJob(
  root: string,
  connection: { readonly connectionName?: string },
): Promise<Record<string, readonly string[]>> {
  const report = await glue.crawl({
    database: "shop",
    includes: [`${root}/in/orders`, `${root}/in/prices/`, `${root}/in/packed`],
    ...connection,
  });
  expect(report.problems).toEqual([]);
  expect(report.tables.map(({ name }) => name)).toEqual(["orders", "packed", "prices"]);
  const scanned = glue.counters.bytesScanned;
  const frame = glue.createDynamicFrame.fromCatalog({ database: "shop", tableName: "orders" });
  const resolved = frame.resolveChoice({
    specs: [
      ["id", "make_cols"],
      ["price", "cast:double"],
      ["items[].qty", "cast:int"],
    ],
  });
  const tables = resolved.relationalize("o");
  const written = await glue.writeDynamicFrame.fromOptions({
    frame: tables,
    connectionType: "s3",
    connectionOptions: { path: `${root}/out`, ...connection },
    format: "parquet",
  });
  expect(written.balanced).toBe(true);
  expect(written.tables["o"]).toMatchObject({ read: 401, written: 400, errors: 1 });
  expect(glue.counters.bytesScanned).toBe(scanned); // the crawl knew every file
  const partitioned = await glue.writeDynamicFrame.fromOptions({
    frame: resolved,
    connectionType: "s3",
    connectionOptions: { path: `${root}/by-day`, partitionKeys: ["day"], ...connection },
    format: "json",
  });
  expect(partitioned.files.map(({ folder: day }) => day).sort()).toEqual(["day=1", "day=2"]);
  const read = async (path: string, format: "json" | "parquet"): Promise<readonly string[]> =>
    (
      await glue.createDynamicFrame
        .fromOptions({ connectionType: "s3", connectionOptions: { paths: [path], ...connection }, format })
        .records()
    )
      .map(text)
      .sort();
  const prices = glue.createDynamicFrame.fromCatalog({ database: "shop", tableName: "prices" });
  return {
    root: await read(`${root}/out/o`, "parquet"),
    items: await read(`${root}/out/o_items`, "parquet"),
    byDay: await read(`${root}/by-day`, "json"),
    prices: (await prices.records()).map(text).sort(),
    packed: (await glue.createDynamicFrame.fromCatalog({ database: "shop", tableName: "packed" }).records())
      .map(text)
      .sort(),
    count: [String(await frame.count())],
  };
}

async function localJob(): Promise<Record<string, readonly string[]>> {
  glue = await GlueContext.open({ catalog: join(folder, "local-catalog"), threads: 2 });
  for (const [name, body] of FILES) {
    mkdirSync(dirname(join(folder, "in", name)), { recursive: true });
    writeFileSync(join(folder, "in", name), body);
  }
  const result = await mainJob(folder, {});
  await glue.close();
  return result;
}

function jobOn(start: () => Promise<S3Server>): void {
  let server!: S3Server;
  beforeAll(async () => {
    server = await start();
    await server.createBucket("lake");
    for (const [name, body] of FILES) await server.put("lake", `in/${name}`, body);
  });
  afterAll(() => server.stop());

  test("crawl, resolve, relationalize, write and read back by a connection of the catalog: as on local files", async () => {
    const expected = await localJob();
    glue = await GlueContext.open({ catalog: join(folder, "catalog"), threads: 2 });
    const { endpoint, accessKeyId = "", secretAccessKey = "" } = server.settings;
    await glue.catalog.createConnection({
      Name: "the lake",
      ConnectionType: "S3",
      ConnectionProperties: {
        S3_ENDPOINT: endpoint ?? "",
        S3_REGION: "us-east-1",
        S3_PATH_STYLE: "true",
        S3_ACCESS_KEY_ID: accessKeyId,
        S3_SECRET_ACCESS_KEY: secretAccessKey,
      },
    });
    expect(await mainJob("s3://lake", { connectionName: "the lake" })).toEqual(expected);
    expect((await glue.catalog.getTable("shop", "orders")).StorageDescriptor?.Location).toBe(
      "s3://the%20lake@lake/in/orders",
    );
    const explained = await glue.createDynamicFrame.fromCatalog({ database: "shop", tableName: "orders" }).explain();
    expect(explained).toContain("4 of 4 files from s3: streamed");
    expect(explained).not.toContain(secretAccessKey);
  });

  test("a table that names the connection in its parameters is read through it, other addresses by the settings of the context", async () => {
    const { endpoint = "", accessKeyId = "", secretAccessKey = "" } = server.settings;
    glue = await GlueContext.open({
      catalog: join(folder, "catalog"),
      s3: {
        endpoint: "http://127.0.0.1:9",
        region: "us-east-1",
        accessKeyId: "none",
        secretAccessKey: "no-secret",
        maxAttempts: 1,
      },
    });
    await glue.catalog.createConnection({
      Name: "lake",
      ConnectionType: "S3",
      ConnectionProperties: {
        S3_ENDPOINT: endpoint,
        S3_ACCESS_KEY_ID: accessKeyId,
        S3_SECRET_ACCESS_KEY: secretAccessKey,
      },
    });
    await glue.catalog.createDatabase({ Name: "d" });
    const table = {
      Name: "t",
      Parameters: { classification: "json", connectionName: "lake" },
      StorageDescriptor: { Location: "s3a://lake/in/orders/day=2/", Columns: [] },
    };
    await glue.catalog.createTable("d", table);
    expect(await glue.createDynamicFrame.fromCatalog({ database: "d", tableName: "t" }).count()).toBe(200);
    await glue.catalog.createTable("d", { ...table, Name: "u", Parameters: { classification: "json" } });
    expect(await failure(glue.createDynamicFrame.fromCatalog({ database: "d", tableName: "u" }).count())).toMatchObject(
      { code: "READ_FAILED", message: expect.stringContaining("nothing listens there") },
    );
  });

  test("the modes of writing", async () => {
    glue = await GlueContext.open({ catalog: join(folder, "catalog"), s3: server.settings });
    const write = (ids: readonly number[], mode: "append" | "overwrite" | "error" | "ignore") =>
      glue.writeDynamicFrame.fromOptions({
        frame: glue.createDynamicFrame.fromRows(ids.map((id) => ({ id }))),
        connectionType: "s3",
        connectionOptions: { path: "s3://lake/modes/" },
        format: "parquet",
        mode,
      });
    const ids = async (): Promise<unknown[]> =>
      (
        await glue.createDynamicFrame
          .fromOptions({ connectionType: "s3", connectionOptions: { path: "s3n://lake/modes" }, format: "parquet" })
          .records()
      )
        .map(({ id }) => id)
        .sort();
    await write([1], "error");
    await write([2], "append");
    expect((await write([3], "ignore")).skipped).toBe(true);
    expect((await failure(write([4], "error"))).code).toBe("TARGET_EXISTS");
    expect(await ids()).toEqual([1, 2]);
    await write([5], "overwrite");
    expect(await ids()).toEqual([5]);
  });

  test("a missing bucket, a missing prefix and wrong keys have their codes, and no secret is told", async () => {
    glue = await GlueContext.open({ catalog: join(folder, "catalog"), s3: server.settings });
    const read = (context: GlueContext, path: string) =>
      failure(
        context.createDynamicFrame
          .fromOptions({ connectionType: "s3", connectionOptions: { path }, format: "json" })
          .count(),
      );
    expect(await read(glue, "s3://no-such-bucket/x")).toMatchObject({
      code: "PATH_NOT_FOUND",
      message: expect.stringContaining("no such bucket"),
      file: "s3://no-such-bucket/x",
      hint: expect.any(String),
    });
    expect(await read(glue, "s3://lake/none")).toMatchObject({ code: "PATH_NOT_FOUND", file: "s3://lake/none" });
    expect(await failure(glue.crawl({ database: "x", includes: ["s3://no-such-bucket"] }))).toMatchObject({
      code: "PATH_NOT_FOUND",
    });
    const frame = glue.createDynamicFrame.fromRows([{ id: 1 }]);
    expect(
      await failure(
        glue.writeDynamicFrame.fromOptions({
          frame,
          connectionType: "s3",
          connectionOptions: { path: "s3://no-such-bucket/x" },
          format: "json",
        }),
      ),
    ).toMatchObject({ code: "PATH_NOT_FOUND" });
    const wrong = await GlueContext.open({
      catalog: join(folder, "catalog"),
      s3: { ...server.settings, accessKeyId: "nobody", secretAccessKey: "wrong-Secret" },
    });
    const denied = await read(wrong, "s3://lake/in/orders");
    await wrong.close();
    expect(denied).toMatchObject({ code: "ACCESS_DENIED", file: "s3://lake/in/orders" });
    expect(JSON.stringify([denied, String(denied), String((denied.cause as Error).stack)])).not.toContain(
      "wrong-Secret",
    );
  });

  test("an object that changes between list and read is SOURCE_CHANGED", async () => {
    glue = await GlueContext.open({ catalog: join(folder, "catalog"), s3: server.settings });
    await server.put("lake", "moving/a.json", '{"a": 1}\n');
    await server.put("lake", "moving/b.json", '{"a": 1}\n');
    const frame = glue.createDynamicFrame.fromOptions({
      connectionType: "s3",
      connectionOptions: { path: "s3://lake/moving" },
      format: "json",
    });
    await frame.schema();
    await server.put("lake", "moving/b.json", '{"a": 2}\n');
    expect(await failure(frame.count())).toMatchObject({ code: "SOURCE_CHANGED", file: "s3://lake/moving/b.json" });
  });
}

describe("on s3rver", () => jobOn(startS3rver));
describeWithVersitygw("on versitygw", () => {
  jobOn(startVersitygw);

  const extension = httpfsExtension();
  (extension === undefined ? test.skip : test)(
    "Parquet by DuckDB's httpfs gives what downloading gives, by a connection too, and explain tells which",
    async () => {
      const server = await startVersitygw();
      try {
        await server.createBucket("lake");
        const { endpoint = "", accessKeyId = "", secretAccessKey = "" } = server.settings;
        const read = async (context: GlueContext, connection: { readonly connectionName?: string } = {}) => {
          const frame = context.createDynamicFrame.fromOptions({
            connectionType: "s3",
            connectionOptions: { path: "s3://lake/p", ...connection },
            format: "parquet",
          });
          const rows = (await frame.records()).map(text).sort();
          return { rows, explained: await frame.explain(), read: context.counters.bytesStaged };
        };
        glue = await GlueContext.open({ catalog: join(folder, "catalog"), s3: { ...server.settings, httpfs: "off" } });
        const frame = glue.createDynamicFrame.fromRows(orders.map((order, i) => ({ ...order, day: i % 3 })));
        const { files } = await glue.writeDynamicFrame.fromOptions({
          frame,
          connectionType: "s3",
          connectionOptions: { path: "s3://lake/p", partitionKeys: ["day"] },
          format: "parquet",
        });
        const downloaded = await read(glue);
        expect(downloaded.rows).toHaveLength(orders.length);
        expect(downloaded.explained).toContain("downloaded to staging (httpfs is turned off)");
        expect(downloaded.read).toBe(files.reduce((sum, { size }) => sum + size, 0));
        await glue.close();
        glue = await GlueContext.open({
          catalog: join(folder, "catalog"),
          s3: { ...server.settings, ...(extension === undefined ? {} : { httpfs: extension }) },
        });
        const direct = await read(glue);
        expect(direct.rows).toEqual(downloaded.rows);
        expect(direct.explained).toContain("read by DuckDB's httpfs");
        expect(direct.read).toBe(0);
        expect(direct.explained).not.toContain(secretAccessKey);
        await glue.catalog.createConnection({
          Name: "lake",
          ConnectionType: "S3",
          ConnectionProperties: {
            S3_ENDPOINT: endpoint,
            S3_ACCESS_KEY_ID: accessKeyId,
            S3_SECRET_ACCESS_KEY: secretAccessKey,
          },
        });
        expect((await read(glue, { connectionName: "lake" })).rows).toEqual(downloaded.rows);
      } finally {
        server.stop();
      }
    },
  );

  test("a user without rights is told so, for listing, reading and writing", async () => {
    const server = await startVersitygw();
    try {
      await server.createBucket("closed");
      await server.put("closed", "a.json", '{"a": 1}\n');
      server.addUser("bob", "bobs-Secret");
      glue = await GlueContext.open({
        catalog: join(folder, "catalog"),
        s3: { ...server.settings, accessKeyId: "bob", secretAccessKey: "bobs-Secret" },
      });
      const frame = (path: string) =>
        glue.createDynamicFrame.fromOptions({ connectionType: "s3", connectionOptions: { path }, format: "json" });
      expect(await failure(frame("s3://closed").count())).toMatchObject({
        code: "ACCESS_DENIED",
        file: "s3://closed",
        hint: expect.stringContaining("s3:ListBucket"),
      });
      expect(await failure(frame("s3://closed/a.json").count())).toMatchObject({ code: "ACCESS_DENIED" });
      const rows = glue.createDynamicFrame.fromRows([{ a: 1 }]);
      expect(
        await failure(
          glue.writeDynamicFrame.fromOptions({
            frame: rows,
            connectionType: "s3",
            connectionOptions: { path: "s3://closed/out" },
            format: "json",
          }),
        ),
      ).toMatchObject({ code: "ACCESS_DENIED" });
    } finally {
      server.stop();
    }
  });
});
