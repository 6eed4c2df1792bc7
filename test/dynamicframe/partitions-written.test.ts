/** How many files a write makes, and how many partitions a function sees: decision 0197. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { DynamicFrame, WriteOptions } from "../../src/index.js";
import { temporaryContext, type TemporaryContext } from "../../src/testing/index.js";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "dynaframe-partitions-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const filesBelow = async (folder: string): Promise<string[]> =>
  (existsSync(folder) ? await readdir(folder, { recursive: true, withFileTypes: true }) : [])
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

describe.each(["duckdb", "reference"])("on %s", (engine) => {
  let context: TemporaryContext;
  let folders = 0;
  beforeAll(async () => {
    context = await temporaryContext({ engine, threads: 2 });
  });
  afterAll(() => context.close());
  const numbers = (count = 10) =>
    context.glue.createDynamicFrame.fromRows(Array.from({ length: count }, (_, n) => ({ n, day: `d${n % 2}` })));
  const write = async (
    frame: DynamicFrame,
    format: WriteOptions["format"],
    more: Partial<WriteOptions["connectionOptions"]> = {},
  ) => {
    const path = join(root, engine, String(++folders));
    const report = await frame.write("file", { path, ...more }, format);
    return { path, report, files: await filesBelow(path) };
  };
  const back = async (path: string, format: "json" | "csv" | "avro" | "parquet") =>
    (
      await context.glue.createDynamicFrame
        .fromOptions({
          connectionType: "file",
          connectionOptions: { paths: [path] },
          format,
          formatOptions: format === "csv" ? { withHeader: true } : {},
        })
        .records()
    )
      .map((r) => Number(r["n"]))
      .sort((a, b) => a - b);
  const formats = (["json", "csv", "avro", "parquet"] as const).filter(
    (format) => engine !== "reference" || format !== "parquet",
  );

  test.each(formats)(
    "%s: one file as long as nobody asks for more, n files of repartition(n), with all records",
    async (format) => {
      for (const [frame, wanted] of [
        [numbers(), 1],
        [numbers().repartition(3), 3],
        [numbers().repartition(3).coalesce(1), 1],
        [numbers().coalesce(4), 1],
        [numbers().coalesce(4, true), 4],
        [numbers(2).repartition(5), 2],
      ] as const) {
        const { files, report, path } = await write(frame, format);
        expect(files).toHaveLength(wanted);
        expect(report.files.map(({ rows }) => rows).reduce((a, b) => a + b, 0)).toBe(report.written);
        expect(report).toMatchObject({ read: report.written, written: await frame.count() });
        expect(await back(path, format)).toEqual(Array.from({ length: report.written }, (_, n) => n));
      }
    },
  );

  test.each(formats)(
    "%s: rows are dealt out evenly, each file with a header and whole records of its own",
    async (format) => {
      const { report } = await write(numbers(10).repartition(4), format);
      expect(report.files.map(({ rows }) => rows).sort()).toEqual([2, 2, 3, 3]);
    },
  );

  test.each(formats)("%s: texts that a folder's name cannot tell from null are counted as nulled", async (format) => {
    const texts = ["", "__HIVE_DEFAULT_PARTITION__", " ", null, "x", "", "a/b=c%"];
    const { path, report } = await write(
      context.glue.createDynamicFrame.fromRows(texts.map((key, n) => ({ n, key, day: "d" }))),
      format,
      { partitionKeys: ["day", "key"] },
    );
    expect(report).toMatchObject({ read: 7, written: 7, balanced: true, nulled: { key: 3 } });
    const rows = await context.glue.createDynamicFrame
      .fromOptions({
        connectionType: "file",
        connectionOptions: { paths: [path] },
        format,
        formatOptions: format === "csv" ? { withHeader: true } : {},
      })
      .records();
    const found = rows.sort((a, b) => Number(a["n"]) - Number(b["n"])).map(({ key }) => key);
    expect(found).toEqual([null, null, " ", null, "x", null, "a/b=c%"]);
    const none = await write(
      context.glue.createDynamicFrame.fromRows([
        { n: 1, key: null },
        { n: 2, key: "x" },
      ]),
      format,
      { partitionKeys: ["key"] },
    );
    expect(none.report.nulled).toEqual({});
  });

  test.each(formats)("%s: with partitionKeys so many files in each folder, as far as it has rows", async (format) => {
    const { files, path, report } = await write(
      numbers(8)
        .repartition(2)
        .map((r) => ({ ...r, n: Number(r["n"]) })),
      format,
      { partitionKeys: ["day"] },
    );
    // row n is dealt to part n % 2, which is also its day
    const byFolder = files.map((file) => dirname(file).slice(path.length + 1));
    expect(new Set(byFolder)).toEqual(new Set(["day=d0", "day=d1"]));
    const three = await write(numbers(12).repartition(3), format, { partitionKeys: ["day"] });
    expect(three.files.map((file) => dirname(file).slice(three.path.length + 1))).toEqual([
      "day=d0",
      "day=d0",
      "day=d0",
      "day=d1",
      "day=d1",
      "day=d1",
    ]);
    expect(three.report.files.map((file) => [file.folder, file.partition, file.rows])).toEqual(
      expect.arrayContaining([
        ["day=d0", ["d0"], 2],
        ["day=d1", ["d1"], 2],
      ]),
    );
    expect([await back(path, format), report.written]).toEqual([[0, 1, 2, 3, 4, 5, 6, 7], 8]);
  });

  test("packed text, and a frame without rows", async () => {
    const { files, path } = await write(numbers(6).repartition(2), "json", { compression: "bzip2" });
    expect([files.length, files.every((file) => file.endsWith(".json.bz2")), await back(path, "json")]).toEqual([
      2,
      true,
      [0, 1, 2, 3, 4, 5],
    ]);
    const none = numbers(3).filter("n > 5");
    for (const format of formats) {
      const [one, three] = [await write(none, format), await write(none.repartition(3), format)];
      expect(three.files.map((file) => readFileSync(file).length)).toEqual(
        one.files.map((file) => readFileSync(file).length),
      );
      expect(three.report).toMatchObject({ written: 0 });
    }
  });

  test("many folders: one file in each, though the rows come in no order", async () => {
    const frame = context.glue.createDynamicFrame.fromRows(
      Array.from({ length: 60_000 }, (_, n) => ({ n, key: (n * 7919) % 150 })),
    );
    const { report } = await write(frame, "json", { partitionKeys: ["key"] });
    expect([report.files.length, new Set(report.files.map(({ folder }) => folder)).size, report.written]).toEqual([
      150, 150, 60_000,
    ]);
  });

  test("getNumPartitions: what the plan says, through functions and what takes rows one by one, until rows are brought together", async () => {
    const three = numbers().repartition(3);
    const counts = (frames: readonly DynamicFrame[]) => Promise.all(frames.map((frame) => frame.getNumPartitions()));
    expect(
      await counts([
        numbers(),
        three,
        three.coalesce(2),
        three.coalesce(5),
        three.coalesce(5, true),
        three.repartition(7),
      ]),
    ).toEqual([1, 3, 2, 3, 5, 7]);
    expect(
      await counts([
        three.map((r) => r),
        three.filter((r) => Number(r["n"]) > 1),
        three.filter("n > 1"),
        three.dropFields("day"),
        three.mapPartitions((records) => records),
        three.persist(),
        three.unnest(),
        three.resolveChoice({ choice: "make_cols" }),
        three.relationalize("t").select("t"),
      ]),
    ).toEqual(Array.from({ length: 9 }, () => 3));
    expect(
      await counts([
        numbers().union(numbers()),
        three.union(numbers()),
        three.union(three),
        three.join("n", "n", numbers()),
      ]),
    ).toEqual([1, 4, 6, 1]);
    expect(
      (
        await write(
          three.map((r) => ({ n: r["n"] })),
          "json",
        )
      ).files,
    ).toHaveLength(3);
    await expect(numbers().repartition(0).count()).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });

  test("mapPartitions: once for each partition, with its index, also for one without rows; what is not read does not go to the next", async () => {
    const sizes: number[] = [];
    const seen = numbers(10)
      .repartition(4)
      .mapPartitionsWithIndex(async function* (index, records) {
        let count = 0;
        for await (const { record } of records) {
          count++;
          yield { record: { ...record, index } };
        }
        sizes.push(count);
      });
    const indexes = (await seen.records()).map((r) => Number(r["index"]));
    expect([sizes, indexes.length, [...new Set(indexes)].sort()]).toEqual([[2, 3, 2, 3], 10, [0, 1, 2, 3]]);
    let calls = 0;
    expect(
      await numbers(1)
        .repartition(3)
        .mapPartitions((records) => {
          calls++;
          return records;
        })
        .count(),
    ).toBe(1);
    expect(calls).toBe(3);
    const firsts = numbers(10)
      .repartition(2)
      .mapPartitions(async function* (records) {
        for await (const envelope of records) {
          yield envelope;
          return;
        }
      });
    expect((await firsts.records()).map((r) => r["n"])).toEqual([0, 5]);
    const filtered = numbers(10)
      .filter("n >= 4")
      .repartition(3)
      .mapPartitionsWithIndex(async function* (index, records) {
        for await (const { record } of records) yield { record: { n: record["n"], index } };
      });
    expect((await filtered.records()).map((r) => r["index"])).toEqual([0, 0, 1, 1, 2, 2]);
  });

  test("groupFiles and groupSize: files of a folder are one partition up to so many bytes", async () => {
    const folder = join(root, `${engine}-grouped`);
    const put = (name: string, from: number) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(
        join(folder, name),
        Array.from({ length: 10 }, (_, n) => `${JSON.stringify({ n: from + n, pad: "x".repeat(20) })}\n`)
          .join("")
          .slice(0, -1)
          .padEnd(500, " ") + "\n",
      );
    };
    put("day=a/1.json", 100);
    put("day=a/2.json", 110);
    put("day=a/3.json", 120);
    put("day=b/1.json", 200);
    const read = (options: object) =>
      context.glue.createDynamicFrame.fromOptions({
        connectionType: "file",
        connectionOptions: { paths: [folder], ...options },
        format: "json",
      });
    expect(await read({}).getNumPartitions()).toBe(1);
    expect(await read({ groupSize: "600" }).getNumPartitions()).toBe(1);
    expect(await read({ groupFiles: "none", groupSize: "600" }).getNumPartitions()).toBe(1);
    expect(await read({ groupFiles: "inPartition" }).getNumPartitions()).toBe(1);
    expect(await read({ groupFiles: "inPartition", groupSize: 600 }).getNumPartitions()).toBe(4);
    expect(await read({ groupFiles: "inPartition", groupSize: "1100" }).getNumPartitions()).toBe(3);
    const grouped = read({ groupFiles: "inPartition", groupSize: "1100" });
    const { files, path, report } = await write(grouped, "json", { partitionKeys: ["day"] });
    // stretches of the rows in the order of the files: no folder has all of them
    expect([report.written, await back(path, "json")]).toEqual([
      40,
      [...Array.from({ length: 30 }, (_, n) => 100 + n), ...Array.from({ length: 10 }, (_, n) => 200 + n)],
    ]);
    expect(files.length).toBeLessThanOrEqual(4);
    expect((await write(grouped.applyMapping([["n", "int", "n", "long"]]), "csv")).files).toHaveLength(3);
    expect((await write(grouped.coalesce(1), "csv")).files).toHaveLength(1);
    const parts = grouped.mapPartitionsWithIndex(async function* (index, records) {
      for await (const { record } of records) yield { record: { index, n: record["n"] } };
    });
    expect(
      (await parts.records()).map((r) => r["index"]).filter((index, at, all) => all.indexOf(index) === at),
    ).toEqual([0, 1, 2]);
  });
});
