/** explain() tells how files are read, and a pass through a function is read so: decisions 0175, 0197. */
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext, type DynamicFrame } from "../../../src/index.js";

const WITHOUT = "read without DuckDB, of their columns what is looked at";
const BY_QUERY = "read by a query of DuckDB";
const STRAIGHT = "read straight into JavaScript";
let folder: string;
let glue: GlueContext;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-how-read-"));
  glue = await GlueContext.open({ catalog: join(folder, "catalog"), threads: 1 });
  await writeFile(
    join(folder, "a.json"),
    Array.from({ length: 40 }, (_, n) => `${JSON.stringify({ n, s: `s${n % 3}`, pad: "x".repeat(500) })}\n`).join(""),
  );
  for (const compression of ["snappy", "zstd"])
    await json().write("file", { path: join(folder, compression), compression }, "parquet");
});
afterAll(async () => {
  await glue.close();
  await rm(folder, { recursive: true, force: true });
});

const json = (options: object = {}): DynamicFrame =>
  glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { paths: [join(folder, "a.json")], ...options },
    format: "json",
  });
const parquet = (name: string): DynamicFrame =>
  glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { paths: [join(folder, name)] },
    format: "parquet",
  });
const stagesOf = (text: string): string => text.slice(text.indexOf("== Stages =="), text.indexOf("== Engine =="));

test("rows of Parquet that need no engine, and of Parquet that does", async () => {
  expect(await parquet("snappy").explain()).toContain(`-- rows: parquet: 1 files ${WITHOUT}; other actions run:`);
  expect((await parquet("snappy").repartition(2).selectFields(["n"]).explanation()).engine).toContain(WITHOUT);
  // this codec is not read without it; nor is what a query computes
  expect(await parquet("zstd").explain()).not.toContain(WITHOUT);
  expect(await parquet("snappy").filter("n > 3").explain()).not.toContain(WITHOUT);
  expect(await json().explain()).toContain(STRAIGHT);
});

test("a pass through a function: as text, as data and on the page", async () => {
  const f = (record: object) => ({ ...record, more: 1 });
  for (const [frame, how] of [
    [parquet("snappy").map(f), WITHOUT],
    [parquet("zstd").map(f), BY_QUERY],
    [parquet("snappy").filter("n > 3").map(f), BY_QUERY],
    [json().map(f), STRAIGHT],
    [parquet("snappy").repartition(3).map(f), WITHOUT],
    [json().mapPartitions((records) => records), STRAIGHT],
  ] as const) {
    const label = `rows through a function: ${how}`;
    expect(stagesOf(await frame.explain())).toMatch(
      new RegExp(
        `^  1\\. .*: (json|parquet) files\n  2\\. ${label}, of 1\n  3\\. .*\n  4\\. the frame's rows, of 3$`,
        "m",
      ),
    );
    expect(
      (await frame.explanation()).stages.filter(({ kind }) => kind === "pass").map((stage) => stage.label),
    ).toEqual([label]);
    expect(await frame.explain({ html: true })).toContain(label.slice(0, 30));
    for (const other of [WITHOUT, BY_QUERY, STRAIGHT].filter((other) => other !== how))
      expect(stagesOf(await frame.explain())).not.toContain(other);
  }
});

test("stages of a plan: what is staged, what is read twice, and into how many partitions", async () => {
  const frame = parquet("snappy");
  const joined = frame.join("n", "n", frame.selectFields(["n"]));
  expect(stagesOf(await joined.explain())).toMatch(
    / {2}1\. .*snappy: parquet files\n {2}2\. the frame's rows, of 1 \(read twice\)/,
  );
  expect(stagesOf(await json().resolveChoice({ choice: "make_cols" }).filter("n > 1").explain())).toMatch(
    / {2}2\. staged as Parquet, of 1\n {2}3\. the frame's rows, of 2/,
  );
  const { size } = await stat(join(folder, "a.json"));
  expect((await json({ groupFiles: "inPartition", groupSize: size }).explanation()).relation).toContain(
    "scan json 1 files, 1 partitions",
  );
});

test("constants past 53 bits are told with all their digits", async () => {
  const rows = glue.createDynamicFrame.fromRows([{ n: 1, wide: 9007199254740993n }]);
  for (const frame of [
    rows.splitRows({ wide: { ">": 9007199254740993n } }).select("frame2"),
    rows.filter("wide <= 9007199254740993"),
  ]) {
    const told = await frame.explanation();
    expect(told.steps.at(-1)?.args).toContain("9007199254740993");
    expect(told.relation).toContain("9007199254740993");
    expect(await frame.explain({ html: true })).toContain("9007199254740993");
  }
});
