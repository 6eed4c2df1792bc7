/**
 * Functions that are sent to the executors: what they give, what becomes of failures, and functions that never give
 * anything.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { defineUdf, GlueContext, type DynamicFrame } from "../../../src/index.js";
import { seen } from "../../dynamicframe/drifting-lines.js";
import { describeSpark, sparkAddress } from "./spark-server.js";

type Any = Record<string, unknown>;

const MODULE = `
import { createHash } from "node:crypto";
import { Decimal, defineUdf, typeTag } from "dynaframe";
import { twice } from "./helper.js";
const u = import.meta.url;
let calls = 0;
export const where = defineUdf(u, "where", (r) => ({ id: r.id, pid: process.pid, tag: typeTag(r, "v") }));
export const same = defineUdf(u, "same", (r) => r);
export const work = defineUdf(u, "work", (r) => {
  if (r.id % 10 === 3) throw new RangeError("bad " + r.id);
  return { ...r, twice: twice(r.id), hash: createHash("md5").update(String(r.big)).digest("hex"), calls: typeof calls++ };
});
export const later = defineUdf(u, "later", async (r) => { await new Promise((done) => setTimeout(done, 1)); return { id: r.id }; });
export const even = defineUdf(u, "even", (r) => { if (r.id === 4) throw new Error("no four"); if (r.id === 6) throw new TypeError("left out"); console.log("noise"); return r.id % 2 === 0; });
export const pairs = defineUdf(u, "pairs", async function* (records) { for await (const { record } of records) { yield { record }; yield { record: { id: -record.id } }; } });
export const first = defineUdf(u, "first", function* (index) { yield { record: { index } }; });
export const loops = defineUdf(u, "loops", (r) => { for (;;); }, { batchTimeout: 1500 });
export const waits = defineUdf(u, "waits", () => new Promise(() => {}), { batchTimeout: 1500 });
export const exits = defineUdf(u, "exits", (r) => process.exit(0));
export const dies = defineUdf(u, "dies", (r) => process.kill(process.pid, "SIGKILL"));
export const later2 = defineUdf(u, "throwsLater", (r) => { setTimeout(() => { throw new Error("from a timer"); }); return new Promise(() => {}); });
`;

describeSpark("functions on the executors", () => {
  let folder: string;
  let spark: GlueContext;
  let duckdb: GlueContext;
  let module: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dynaframe-functions-"));
    module = pathToFileURL(join(folder, "functions.js")).href;
    await writeFile(join(folder, "functions.js"), MODULE);
    await writeFile(join(folder, "helper.js"), "export const twice = (n) => n * 2;\n");
    const line = (i: number): string =>
      `{"id": ${i}, "v": ${i % 4 === 0 ? `"s${i}"` : i % 4 === 1 ? i + 0.5 : i}, "big": ${i % 2 === 0 ? "9007199254740993" : i}, "dec": ${i === 7 ? "12345678901234567890" : i}, "at": {"x": [${i}, null, "\\u2028\\n\\t"], "e": {}}${i % 3 === 0 ? ', "n": null' : ""}}`;
    await writeFile(join(folder, "r.json"), Array.from({ length: 60 }, (_, i) => line(i)).join("\n"));
    spark = await GlueContext.open({ catalog: join(folder, "spark"), engine: sparkAddress, strictPaths: false });
    duckdb = await GlueContext.open({ catalog: join(folder, "duckdb"), engine: "duckdb", strictPaths: false });
  });
  afterAll(async () => {
    await spark.close();
    await duckdb.close();
    await rm(folder, { recursive: true, force: true });
  });

  const read = (glue: GlueContext): DynamicFrame =>
    glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { path: join(folder, "r.json") },
      format: "json",
    });
  /** Known here by its name only: the text of the module runs there. */
  const sent = <F extends (...args: never[]) => unknown>(name: string, here: F, options = {}): F =>
    defineUdf(module, name, here, options);

  it("run in other processes, by their module with what it imports, and keep every type", async () => {
    const found = (await read(spark)
      .map(sent("where", () => ({})))
      .records()) as Any[];
    expect(found.map((r) => r["pid"])).not.toContain(process.pid);
    expect(new Set(found.map((r) => r["tag"]))).toEqual(new Set(["string", "double", "int"]));
    expect(await seen(read(spark).map(sent("same", (r: Any) => r)))).toEqual(await seen(read(duckdb).map((r) => r)));
  }, 600_000);

  it("what a function throws is an error record with the row, as in this process", async () => {
    const f = (r: Any): Any => {
      if (Number(r["id"]) % 10 === 3) throw new RangeError(`bad ${String(r["id"])}`);
      return { ...r, twice: Number(r["id"]) * 2, hash: "", calls: "number" };
    };
    const there = read(spark).map(sent("work", f));
    const here = read(duckdb).map(f);
    expect(await there.count()).toBe(54);
    const errors = async (frame: DynamicFrame): Promise<unknown[]> =>
      (await frame.errorsAsDynamicFrame().records())
        .map((r) => JSON.stringify([r["error"], r["dynamicRecord"]]).replaceAll(/"stackTrace":"(?:[^"\\]|\\.)*"/g, ""))
        .sort();
    expect((await errors(there)).length).toBe(6);
    expect(await errors(there)).toEqual(await errors(here));
    const [row] = ((await there.records()) as Any[]).filter((r) => r["id"] === 8);
    expect(row).toMatchObject({ twice: 16, big: 9007199254740993n, hash: expect.stringMatching(/^[0-9a-f]{32}$/) });
  }, 600_000);

  it("filter, async functions, and functions over partitions", async () => {
    const even = read(spark).filter(sent("even", () => true));
    expect(((await even.records()) as Any[]).map((r) => r["id"]).sort()).toEqual(
      Array.from({ length: 60 }, (_, i) => i)
        .filter((i) => i % 2 === 0 && i !== 4 && i !== 6)
        .sort(),
    );
    expect(await even.errorsCount()).toBe(1);
    expect(
      await read(spark)
        .map(sent("later", () => ({})))
        .count(),
    ).toBe(60);
    const pairs = (await read(spark)
      .mapPartitions(sent("pairs", () => []))
      .records()) as Any[];
    expect(pairs.map((r) => Math.abs(Number(r["id"]))).reduce((a, b) => a + b)).toBe(2 * 59 * 30);
    const indexes = (await read(spark)
      .repartition(3)
      .mapPartitionsWithIndex(sent("first", () => []))
      .records()) as Any[];
    expect(indexes.map((r) => r["index"]).sort()).toEqual([0, 1, 2]);
    const five = read(spark).repartition(5);
    expect([
      await five.getNumPartitions(),
      await five.selectFields(["id"]).coalesce(2).getNumPartitions(),
      await five.coalesce(9).getNumPartitions(),
      await read(spark).getNumPartitions(),
    ]).toEqual([5, 2, 5, 1]);
    const two = (await five
      .coalesce(2)
      .mapPartitionsWithIndex(sent("first", () => []))
      .records()) as Any[];
    expect(two.map((r) => r["index"]).sort()).toEqual([0, 1]);
  }, 600_000);

  it.each([
    ["loops", "FUNCTION_TIMED_OUT", { batchTimeout: 1500 }],
    ["waits", "FUNCTION_TIMED_OUT", { batchTimeout: 1500 }],
    ["exits", "FUNCTION_EXITED", {}],
    ["dies", "PROGRAM_FAILED", {}],
    ["throwsLater", "FUNCTION_FAILED", {}],
    ["nowhere", "FUNCTION_NOT_BUNDLED", {}],
  ] as const)(
    "%s ends with %s",
    async (name, code, options) => {
      await expect(
        read(spark)
          .map(sent(name, () => ({}), options))
          .count(),
      ).rejects.toMatchObject({ code });
      expect(await read(spark).count()).toBe(60);
    },
    600_000,
  );

  it("explain() says where a function runs", async () => {
    const there = read(spark).map(sent("same", (r: Any) => r));
    const here = read(spark).map((r) => r);
    await Promise.all([there.count(), here.count()]);
    expect(String(await there.explain())).toMatch(/\d+ files written by functions on the executors/);
    expect(String(await here.explain())).toContain("rows loaded by the driver, where functions ran");
  }, 600_000);
});

it("defineUdf refuses what it cannot send", () => {
  expect(() => defineUdf("https://x", "f", () => 1)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
  expect(() => defineUdf("file:///x.js", "", () => 1)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
  expect(() => defineUdf("file:///x.js", "f", () => 1, { batchTimeout: 0 })).toThrow(
    expect.objectContaining({ code: "BAD_ARGUMENT" }),
  );
});
