import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { GlueContext } from "../../src/index.js";

let root = "";
let glue: GlueContext;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "dyna-delta-"));
  glue = await GlueContext.open({ catalog: join(root, "catalog") });
});
afterEach(async () => {
  await glue.close();
  rmSync(root, { recursive: true, force: true });
});

const table = (): string => join(root, "data", "events");
/** A Parquet file below the table's folder; its name. */
async function parquet(folder: string, rows: readonly Record<string, unknown>[]): Promise<string> {
  const path = join(table(), folder);
  const before = new Set(existsSync(path) ? readdirSync(path) : []);
  await glue.writeDynamicFrame.fromOptions({
    frame: glue.createDynamicFrame.fromRows([...rows]),
    connectionType: "file",
    connectionOptions: { path },
    format: "parquet",
  });
  const name = readdirSync(path).find((file) => file.endsWith(".parquet") && !before.has(file));
  if (name === undefined) throw new Error("nothing was written");
  return folder === "" ? name : `${folder}/${name}`;
}
function commit(version: number, ...actions: readonly object[]): void {
  mkdirSync(join(table(), "_delta_log"), { recursive: true });
  writeFileSync(
    join(table(), "_delta_log", `${String(version).padStart(20, "0")}.json`),
    actions.map((action) => `${JSON.stringify(action)}\n`).join(""),
  );
}
const metaData = (partitionColumns: readonly string[], configuration = {}) => ({
  metaData: { id: "1", format: { provider: "parquet" }, schemaString: "{}", partitionColumns, configuration },
});
const add = (path: string, partitionValues = {}, more = {}) => ({
  add: {
    path: encodeURIComponent(path).replaceAll("%2F", "/"),
    partitionValues,
    size: 1,
    modificationTime: 1,
    dataChange: true,
    ...more,
  },
});
const protocol = { protocol: { minReaderVersion: 1, minWriterVersion: 2 } };
const crawl = () => glue.crawl({ database: "d", includes: [join(root, "data")] });
const ids = async (): Promise<unknown[]> =>
  (await glue.createDynamicFrame.fromCatalog({ database: "d", tableName: "events" }).toDF().rows())
    .map(({ id }) => id)
    .sort();

test("only the files that the log names are crawled and read; a commit that removes one is seen at once", async () => {
  const [first, second, orphan] = [
    await parquet("", [{ id: 1 }]),
    await parquet("", [{ id: 2, note: "n" }]),
    await parquet("", [{ id: 99 }]),
  ];
  commit(0, protocol, metaData([]), add(first));
  commit(1, add(second));
  const report = await crawl();
  expect(report.skipped.filter(({ why }) => why === "NOT_IN_DELTA_LOG").map(({ file }) => file)).toEqual([
    join(table(), orphan),
  ]);
  expect(report.tables.map(({ name, contents }) => [name, contents.records])).toEqual([["events", 2]]);
  expect((await glue.catalog.getTable("d", "events")).Parameters).toMatchObject({
    table_type: "DELTA",
    classification: "parquet",
  });
  expect(await ids()).toEqual([1, 2]);
  commit(2, { remove: { path: first, deletionTimestamp: 1, dataChange: true } });
  expect((await crawl()).tables.map(({ action, contents }) => [action, contents.records])).toEqual([["update", 1]]);
  expect(await ids()).toEqual([2]);
  expect((await crawl()).totals).toMatchObject({ scanned: 0, kept: 1 });
});

test("partitions are those of the log", async () => {
  const files = [await parquet("day=a b", [{ id: 1 }]), await parquet("day=c", [{ id: 2 }])];
  commit(0, protocol, metaData(["day"]), add(files[0] ?? "", { day: "a b" }), add(files[1] ?? "", { day: "c" }));
  await crawl();
  expect((await glue.catalog.getPartitions("d", "events")).items.map(({ Values }) => Values)).toEqual([["a b"], ["c"]]);
  expect(
    await glue.createDynamicFrame
      .fromCatalog({ database: "d", tableName: "events", pushDownPredicate: "day == 'a b'" })
      .count(),
  ).toBe(1);
});

test.each<[string, string, (file: string) => void]>([
  [
    "deletion vectors",
    "DELTA_UNSUPPORTED",
    (file) => {
      commit(0, protocol, metaData([]), add(file, {}, { deletionVector: { storageType: "u" } }));
    },
  ],
  [
    "column mapping",
    "DELTA_UNSUPPORTED",
    (file) => {
      commit(0, protocol, metaData([], { "delta.columnMapping.mode": "name" }), add(file));
    },
  ],
  [
    "a feature that is not known",
    "DELTA_UNSUPPORTED",
    (file) => {
      commit(
        0,
        { protocol: { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ["rowsElsewhere"] } },
        metaData([]),
        add(file),
      );
    },
  ],
  [
    "a log cleaned up",
    "DELTA_UNSUPPORTED",
    (file) => {
      commit(7, protocol, metaData([]), add(file));
    },
  ],
  [
    "a gap in the log",
    "DELTA_INVALID",
    (file) => {
      commit(0, protocol, metaData([]), add(file));
      commit(2, add(file));
    },
  ],
  [
    "a damaged commit",
    "DELTA_INVALID",
    (file) => {
      commit(0, protocol, metaData([]), add(file));
      writeFileSync(join(table(), "_delta_log", `${"1".padStart(20, "0")}.json`), "{");
    },
  ],
])("%s: a problem, and no table of wrong data", async (_, code, write) => {
  write(await parquet("", [{ id: 1 }]));
  const report = await crawl();
  expect(report.problems.map((problem) => problem.code)).toEqual([code]);
  expect(report.tables).toEqual([]);
});

describe("a log whose first commits were cleaned up", () => {
  /**
   * Written by DuckDB itself, in the form of the protocol: a row for each action, maps and lists, columns of the others
   * null.
   */
  async function checkpoint(name: string, rows: readonly string[]): Promise<void> {
    const types = "STRUCT(path VARCHAR, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT, dataChange BOOLEAN)";
    const meta = "STRUCT(id VARCHAR, partitionColumns VARCHAR[], configuration MAP(VARCHAR, VARCHAR))";
    mkdirSync(join(table(), "_delta_log"), { recursive: true });
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    await connection.run(
      `CREATE TABLE t ("add" ${types}, remove STRUCT(path VARCHAR), "metaData" ${meta}, protocol STRUCT("minReaderVersion" INTEGER, "minWriterVersion" INTEGER))`,
    );
    for (const row of rows) await connection.run(`INSERT INTO t BY NAME SELECT ${row}`);
    await connection.run(`COPY t TO '${join(table(), "_delta_log", name)}' (FORMAT parquet, COMPRESSION snappy)`);
    connection.closeSync();
  }
  const row = {
    protocol: "{'minReaderVersion': 1, 'minWriterVersion': 2} AS protocol",
    metaData: "{'id': '1', 'partitionColumns': ['day'], 'configuration': MAP {'a': 'b'}} AS \"metaData\"",
  };
  const added = (path: string, day: string): string =>
    `{'path': '${encodeURI(path)}', 'partitionValues': MAP {'day': ${day}}, 'size': 1, 'dataChange': false} AS "add"`;

  test("is read from its newest checkpoint, and the commits after it count", async () => {
    const [a, b, c, gone] = [
      await parquet("day=x y", [{ id: 1 }]),
      await parquet("day=2", [{ id: 2 }]),
      await parquet("day=3", [{ id: 3 }]),
      await parquet("day=4", [{ id: 4 }]),
    ];
    await checkpoint("00000000000000000003.checkpoint.parquet", [row.protocol]);
    await checkpoint("00000000000000000007.checkpoint.parquet", [
      row.protocol,
      row.metaData,
      added(a, "'x y'"),
      added(b, "NULL"),
      added(gone, "'4'"),
    ]);
    commit(7, { commitInfo: {} });
    commit(8, { remove: { path: gone, dataChange: true } }, add(c, { day: "3" }));
    const report = await crawl();
    expect(report.problems).toEqual([]);
    expect(
      report.tables.map(({ reasons, contents }) => [
        reasons.find(({ code }) => code === "DELTA_LOG")?.evidence,
        contents.records,
      ]),
    ).toEqual([[{ version: 8, files: 3 }, 3]]);
    expect((await glue.catalog.getPartitions("d", "events")).items.map(({ Values }) => Values[0])).toEqual([
      "3",
      "__HIVE_DEFAULT_PARTITION__",
      "x y",
    ]);
    expect(await ids()).toEqual([1, 2, 3]);
  });

  test("in several parts counts only when all are there", async () => {
    const [a, b] = [await parquet("day=1", [{ id: 1 }]), await parquet("day=2", [{ id: 2 }])];
    await checkpoint("00000000000000000005.checkpoint.0000000001.0000000002.parquet", [
      row.protocol,
      row.metaData,
      added(a, "'1'"),
    ]);
    commit(6, { commitInfo: {} });
    expect((await crawl()).problems).toMatchObject([{ code: "DELTA_UNSUPPORTED" }]);
    await checkpoint("00000000000000000005.checkpoint.0000000002.0000000002.parquet", [added(b, "'2'")]);
    expect((await crawl()).tables.map(({ contents }) => contents.records)).toEqual([2]);
    commit(8, add(b, { day: "2" }));
    expect((await crawl()).problems).toMatchObject([
      { code: "DELTA_INVALID", message: expect.stringContaining("commit 7 is missing") as string },
    ]);
  });

  const uuid = "80a083e8-7026-4e79-81be-64bd76c43a11";
  const v2 = {
    protocol: {
      minReaderVersion: 3,
      minWriterVersion: 7,
      readerFeatures: ["v2Checkpoint"],
      writerFeatures: ["v2Checkpoint"],
    },
  };
  const sidecar = (path: string) => ({ sidecar: { path, sizeInBytes: 1, modificationTime: 1 } });
  const lines = (name: string, ...actions: readonly object[]): void => {
    writeFileSync(join(table(), "_delta_log", name), actions.map((action) => `${JSON.stringify(action)}\n`).join(""));
  };

  test.each(["json", "parquet"])("of version 2 names its files in sidecars; its own rows are %s", async (form) => {
    const [a, b, c] = [
      await parquet("day=1", [{ id: 1 }]),
      await parquet("day=2", [{ id: 2 }]),
      await parquet("day=3", [{ id: 3 }]),
    ];
    mkdirSync(join(table(), "_delta_log", "_sidecars"), { recursive: true });
    await checkpoint("_sidecars/016ae953.parquet", [added(a, "'1'")]);
    await checkpoint("_sidecars/3a0d65cd.parquet", [added(b, "'2'")]);
    const name = `00000000000000000009.checkpoint.${uuid}.${form}`;
    if (form === "json")
      lines(
        name,
        { checkpointMetadata: { version: 9 } },
        v2,
        metaData(["day"]),
        sidecar("016ae953.parquet"),
        sidecar("3a0d65cd.parquet"),
      );
    else {
      const connection = await (await DuckDBInstance.create(":memory:")).connect();
      await connection.run(`COPY (SELECT ${row.metaData}, NULL::STRUCT(path VARCHAR) AS sidecar, NULL::STRUCT("minReaderVersion" INTEGER, "readerFeatures" VARCHAR[]) AS protocol
        UNION ALL BY NAME SELECT {'minReaderVersion': 3, 'readerFeatures': ['v2Checkpoint']} AS protocol
        UNION ALL BY NAME SELECT {'path': p} AS sidecar FROM (VALUES ('016ae953.parquet'), ('3a0d65cd.parquet')) t(p)) TO '${join(table(), "_delta_log", name)}' (FORMAT parquet)`);
      connection.closeSync();
    }
    commit(10, add(c, { day: "3" }));
    const report = await crawl();
    expect(report.problems).toEqual([]);
    expect(report.tables.map(({ reasons }) => reasons.find(({ code }) => code === "DELTA_LOG")?.evidence)).toEqual([
      { version: 10, files: 3 },
    ]);
    expect((await glue.catalog.getPartitions("d", "events")).items.map(({ Values }) => Values[0])).toEqual([
      "1",
      "2",
      "3",
    ]);
    expect(await ids()).toEqual([1, 2, 3]);
  });

  test("of version 2 without one of its sidecars is a problem, and no table of half the rows", async () => {
    const a = await parquet("day=1", [{ id: 1 }]);
    mkdirSync(join(table(), "_delta_log", "_sidecars"), { recursive: true });
    await checkpoint("_sidecars/016ae953.parquet", [added(a, "'1'")]);
    lines(
      `00000000000000000009.checkpoint.${uuid}.json`,
      v2,
      metaData(["day"]),
      sidecar("016ae953.parquet"),
      sidecar("gone.parquet"),
    );
    const report = await crawl();
    expect(report.problems).toMatchObject([
      { code: "DELTA_INVALID", message: expect.stringContaining("gone.parquet") as string },
    ]);
    expect(report.tables).toEqual([]);
  });

  test("with a checkpoint that is no Parquet file is a problem, and no table", async () => {
    await parquet("day=1", [{ id: 1 }]);
    mkdirSync(join(table(), "_delta_log"), { recursive: true });
    writeFileSync(join(table(), "_delta_log", "00000000000000000005.checkpoint.parquet"), "PAR1 but not really");
    const report = await crawl();
    expect(report.problems).toHaveLength(1);
    expect(report.tables).toEqual([]);
  });
});
