/** How many files Spark's executors write, and that `getNumPartitions` tells it: decision 0197. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext, type DynamicFrame, type WriteOptions } from "../../../src/index.js";
import { describeSpark, sparkAddress } from "./spark-server.js";

describeSpark("partitions on Spark", () => {
  let root: string;
  let glue: GlueContext;
  let folders = 0;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "dynaframe-spark-partitions-"));
    glue = await GlueContext.open({ catalog: join(root, "catalog"), engine: sparkAddress, threads: 2 });
  });
  afterAll(async () => {
    await glue.close();
    await rm(root, { recursive: true, force: true });
  });
  const numbers = (count = 24) =>
    glue.createDynamicFrame.fromRows(Array.from({ length: count }, (_, n) => ({ n, day: `d${n % 2}` })));
  const write = async (
    frame: DynamicFrame,
    format: WriteOptions["format"],
    more: Partial<WriteOptions["connectionOptions"]> = {},
  ) => {
    const path = join(root, `out-${++folders}`);
    const report = await frame.write("file", { path, ...more }, format);
    const files = (await readdir(path, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    expect(report.files).toHaveLength(files.length);
    expect(report).toMatchObject({ read: report.written, written: await frame.count() });
    return report.files.map(({ rows }) => rows);
  };

  test.each(["json", "csv", "parquet", "avro", "orc"] as const)(
    "%s: n files of repartition(n), one of coalesce(1), with partitionKeys in each folder",
    async (format) => {
      expect(await write(numbers().repartition(3), format)).toEqual([8, 8, 8]);
      expect(await write(numbers().repartition(3).coalesce(1), format)).toEqual([24]);
      expect(await write(numbers().coalesce(4, true), format)).toEqual([6, 6, 6, 6]);
      // which rows are dealt to which partition is Spark's affair: a folder has a file of each that has any of its rows
      const inFolders = await write(numbers().repartition(3), format, { partitionKeys: ["day"] });
      expect([
        inFolders.reduce((sum, rows) => sum + rows, 0),
        inFolders.length >= 4 && inFolders.length <= 6,
        inFolders.every((rows) => rows > 0),
      ]).toEqual([24, true, true]);
      // more partitions than rows: no file without rows beside one that has some
      const few = await write(numbers(2).repartition(5), format);
      expect([few.reduce((sum, rows) => sum + rows, 0), few.every((rows) => rows > 0)]).toEqual([2, true]);
    },
    600_000,
  );

  test("getNumPartitions tells how many files a write makes, through every step and whatever the plan does not say", async () => {
    const three = numbers().repartition(3);
    const persisted = three.persist();
    const told = async (frame: DynamicFrame) => {
      const partitions = await frame.getNumPartitions();
      expect(await write(frame, "json")).toHaveLength(partitions);
      return partitions;
    };
    expect(await told(three.map((record) => ({ ...record, more: 1 })))).toBe(3);
    expect(await told(three.filter("n > 5"))).toBe(3);
    expect(await told(three.applyMapping([["n", "int", "n", "long"]]))).toBe(3);
    expect(await told(three.mapPartitions((records) => records))).toBe(3);
    expect(await told(persisted)).toBe(3);
    expect(await told(three.relationalize("t").select("t"))).toBe(3);
    expect(await told(three.union(numbers().repartition(3)))).toBe(6);
    // rows of JavaScript come in as many as the server has slots: no number is expected of it, but the one told is the
    // one written
    const plain = await told(numbers());
    expect(await told(numbers().coalesce(64))).toBe(plain);
    await persisted.unpersist();
  }, 600_000);
});
