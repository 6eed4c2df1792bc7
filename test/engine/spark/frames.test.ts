/** What users do with frames on Spark: DataFrames and back, databases, progress. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Decimal, DynamicFrame, GlueContext, TimestampValue } from "../../../src/index.js";
import { describeSpark, sparkAddress } from "./spark-server.js";

describeSpark("frames on Spark", () => {
  let folder: string;
  let glue: GlueContext;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dynaframe-frames-"));
    glue = await GlueContext.open({ catalog: join(folder, "catalog"), engine: sparkAddress, threads: 1 });
  });
  afterAll(async () => {
    await glue.close();
    await rm(folder, { recursive: true, force: true });
  });

  test("toDF: sql, views, collect and Arrow, exact from year 1 to 9999 and to the last digit; and fromDF back", async () => {
    const first = new TimestampValue(-62_135_596_800_000_000n);
    const last = new TimestampValue(253_402_300_799_999_999n);
    const frame = glue.createDynamicFrame.fromRows([
      { id: 1, at: first, d: new Decimal(10n ** 37n + 1n, 5) },
      { id: 2, at: last, d: new Decimal(-1n, 5) },
      { id: "x", at: null, d: null },
    ]);
    const df = frame.toDF();
    expect(await df.sql("select count(*) as n from self where at is not null").collect()).toEqual([{ n: 2 }]);
    df.createTempView("moments");
    expect(await glue.sql("select max(at) as late, min(at) as early, max(d) as d from moments").collect()).toEqual([
      { late: last, early: first, d: new Decimal(10n ** 37n + 1n, 5) },
    ]);
    const table = await df.toArrow();
    const days = table.getChild("at")?.data.flatMap(({ values }) => [...(values as BigInt64Array)]);
    expect(days).toEqual([first.micros, last.micros, 0n]);
    const back = DynamicFrame.fromDF(
      glue.sql("select id.int as id, at from moments where id.int is not null"),
      glue,
      "back",
    );
    expect((await back.records()).sort((a, b) => Number(a["id"]) - Number(b["id"]))).toEqual([
      { id: 1, at: first },
      { id: 2, at: last },
    ]);
    expect(await back.toDF().count()).toBe(2);
  }, 300_000);

  test("rows go to a database and come from it", async () => {
    const address = { url: `jdbc:sqlite:${join(folder, "shop.sqlite")}`, dbtable: "orders" };
    const frame = glue.createDynamicFrame
      .fromRows([
        { id: 1, v: "a" },
        { id: 2, v: null },
      ])
      .filter("id > 0");
    expect(
      (await glue.writeDynamicFrame.fromOptions({ frame, connectionType: "sqlite", connectionOptions: address }))
        .written,
    ).toBe(2);
    const read = glue.createDynamicFrame.fromOptions({ connectionType: "sqlite", connectionOptions: address });
    expect(await read.toDF().sql("select sum(id) as n, count(v) as v from self").rows()).toEqual([{ n: 3, v: 1 }]);
  }, 300_000);

  test("a running query tells its tasks", async () => {
    const told: { readonly phase: string; readonly filesDone: number; readonly files: number }[] = [];
    const df = glue.sql("select count(*) as n from range(0, 400000000, 1, 8) where hash(id) % 7 = 1");
    await df.rows({
      onProgress: (progress) => {
        told.push(progress);
      },
    });
    const last = told.at(-1);
    expect(told.length).toBeGreaterThan(0);
    expect(last).toMatchObject({ phase: "query" });
    expect(last?.filesDone ?? Infinity).toBeLessThanOrEqual(last?.files ?? 0);
  }, 300_000);
});
