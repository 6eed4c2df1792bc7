/** What a context has beside readers and writers: sources, sinks, DataFrames, times, logs. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DynamicFrame, DynamicFrameCollection } from "../../../src/index.js";
import { temporaryContext, type TemporaryContext } from "../../../src/testing/index.js";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

describe.each(["duckdb", "reference"])("on %s", (engine) => {
  let context: TemporaryContext;
  let csv: string;
  const logged: string[] = [];
  beforeAll(async () => {
    context = await temporaryContext({
      engine,
      threads: 1,
      now: () => NOW,
      onLog: (level, message) => {
        logged.push(`${level} ${message}`);
      },
    });
    csv = join(context.directory, "in.csv");
    await writeFile(csv, "id;name\n1;Ada\n2;Bo\n");
  });
  afterAll(() => context.close());
  const out = (name: string): string => join(context.directory, name);
  const readBack = async (path: string, format: "json" | "csv"): Promise<unknown[]> =>
    context.glue.createDynamicFrame
      .fromOptions({ connectionType: "file", connectionOptions: { path }, format })
      .records();

  test("getSource", async () => {
    const { glue } = context;
    const source = glue.getSource("file", { paths: [csv], transformationCtx: "people" });
    expect(() => source.getFrame()).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT", path: "format" }));
    source.setFormat("csv", { withHeader: true, separator: ";" });
    expect(await source.getFrame().records()).toEqual([
      { id: "1", name: "Ada" },
      { id: "2", name: "Bo" },
    ]);
    expect(await source.getSampleFrame(1).count()).toBe(1);
    expect(await source.getDataFrame().rows()).toHaveLength(2);
    expect(source.getFrame().node.options.transformationCtx).toBe("people");
    expect(() => {
      source.setFormat("csv", { seperator: ";" });
      source.getFrame();
    }).toThrow(expect.objectContaining({ hint: "Did you mean separator?" }));
    expect(await glue.getSource("s3", { path: csv, format: "csv" }).getFrame().count()).toBe(3);
  });

  test("getSource and getSink of a database, which has no format; a sample of it", async () => {
    const { glue } = context;
    const url = `jdbc:sqlite:${out("kept.db")}`;
    const frame = glue.createDynamicFrame.fromRows([{ id: 1 }, { id: 2 }, { id: 3 }]);
    expect(await glue.getSink("sqlite", { url, dbtable: "t" }).writeFrame(frame)).toMatchObject({ written: 3 });
    expect(await glue.getSink("sqlite", { url, dbtable: "t", mode: "overwrite" }).write(frame)).toMatchObject({
      written: 3,
    });
    expect(await glue.getSink("sqlite", { url }).write(DynamicFrameCollection.of({ u: frame }))).toMatchObject({
      tables: { u: { written: 3 } },
    });
    const source = glue.getSource("sqlite", { url, dbtable: "t", transformationCtx: "kept" });
    expect([
      await source.getFrame().count(),
      await source.getDataFrame().rows(),
      await source.getSampleFrame(2).count(),
    ]).toEqual([3, [{ id: 1 }, { id: 2 }, { id: 3 }], 2]);
    expect(
      await glue
        .createSampleDynamicFrameFromOptions({
          connectionType: "sqlite",
          connectionOptions: { url, sampleQuery: "select id from t where id > 1" },
          num: 5,
        })
        .count(),
    ).toBe(2);
  });

  test("getSink writes frames, collections and DataFrames, and registers", async () => {
    const { glue, catalog } = context;
    await catalog.createDatabase({ Name: "w" });
    const frame = glue.createDynamicFrame.fromRows([
      { id: 1, p: "a" },
      { id: 2, p: "b" },
    ]);
    const sink = glue.getSink("file", {
      path: out("sink"),
      partitionKeys: ["p"],
      enableUpdateCatalog: true,
      updateBehavior: "LOG",
    });
    await expect(async () => sink.writeFrame(frame)).rejects.toMatchObject({ code: "BAD_ARGUMENT", path: "format" });
    // the reference engine writes text only
    sink.setFormat(engine === "duckdb" ? "glueparquet" : "json");
    await expect(sink.writeFrame(frame)).rejects.toMatchObject({ message: expect.stringContaining("catalogDatabase") });
    sink.setCatalogInfo({ catalogDatabase: "w", catalogTableName: "t" });
    sink.setAccumulableSize(1024);
    expect(() => sink.setAccumulableSize(-1)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    expect(await sink.writeFrame(frame)).toMatchObject({ written: 2, balanced: true });
    expect(
      await glue.createDynamicFrame
        .fromCatalog({ database: "w", tableName: "t", pushDownPredicate: "p = 'b'" })
        .records(),
    ).toEqual([{ id: 2, p: "b" }]);

    const plain = glue.getSink("file", { path: out("plain"), format: "json", mode: "overwrite" });
    expect(await plain.write(DynamicFrameCollection.of({ one: frame, two: frame }))).toMatchObject({
      tables: { one: { written: 2 }, two: { written: 2 } },
    });
    expect(await readBack(out("plain/two"), "json")).toHaveLength(2);
    const packed = await glue
      .getSink("file", { path: out("packed"), format: "json", compression: "gzip" })
      .writeFrame(frame);
    expect(packed.files[0]?.path).toMatch(/\.json\.gz$/);
    expect(await readBack(out("packed"), "json")).toHaveLength(2);
    expect(await plain.writeDataFrame(frame.toDF())).toMatchObject({ written: 2 });
    await expect(async () => plain.write({} as DynamicFrame)).rejects.toMatchObject({
      code: "BAD_ARGUMENT",
      name: "TypeError",
    });
  });

  test("with LOG, new partitions come only while the frame's columns are the table's", async () => {
    const { glue, catalog } = context;
    const write = (records: object[], updateBehavior: "LOG" | "UPDATE_IN_DATABASE", partitionKeys = ["p", "q"]) =>
      glue.writeDynamicFrame.fromOptions({
        frame: glue.createDynamicFrame.fromRows(records),
        connectionType: "file",
        format: "json",
        connectionOptions: {
          path: out("log"),
          partitionKeys,
          enableUpdateCatalog: true,
          updateBehavior,
          catalogDatabase: "w",
          catalogTableName: "log",
        },
      });
    const state = async (): Promise<unknown> => [
      (await catalog.getTable("w", "log")).StorageDescriptor?.Columns?.map((c) => c.Name),
      (await catalog.getPartitions("w", "log")).items.map((p) => p.Values.join("/")).sort(),
      await glue.createDynamicFrame.fromCatalog({ database: "w", tableName: "log" }).count(),
    ];
    await write([{ id: 1, p: "a", q: "x" }], "LOG");
    expect(await state()).toEqual([["id"], ["a/x"], 1]);
    await write([{ id: 2, p: "b", q: "x" }], "LOG");
    expect(await state()).toEqual([["id"], ["a/x", "b/x"], 2]);
    await write([{ id: 3, more: true, p: "c", q: "x" }], "LOG");
    expect(await state()).toEqual([["id"], ["a/x", "b/x"], 2]);
    await write([{ id: 4, more: true, p: "d", q: "x" }], "UPDATE_IN_DATABASE");
    expect(await state()).toEqual([["id", "more"], ["a/x", "b/x", "d/x"], 3]);
    for (const keys of [["q", "p"], ["p"], []])
      await expect(write([{ id: 5, p: "e", q: "x" }], "LOG", keys)).rejects.toMatchObject({
        code: "BAD_PARTITION_KEY",
        expected: "p, q",
      });
    // refused before anything was written
    expect(await state()).toEqual([["id", "more"], ["a/x", "b/x", "d/x"], 3]);
    await expect(write([{ id: 5 }], "NEVER" as "LOG")).rejects.toMatchObject({
      code: "BAD_OPTION",
      path: "updateBehavior",
    });
  });

  test("a table does not get files that it would not see", async () => {
    const { glue } = context;
    const write = (path: string) =>
      glue.writeDynamicFrame.fromOptions({
        frame: glue.createDynamicFrame.fromRows([{ id: 1 }]),
        connectionType: "file",
        format: "json",
        connectionOptions: { path, enableUpdateCatalog: true, catalogDatabase: "w", catalogTableName: "here" },
      });
    await write(out("here"));
    const unknown = { enableUpdateCatalog: true, catalogDatabase: "nowhere", catalogTableName: "t" };
    await expect(
      glue.createDynamicFrame.fromRows([{ id: 1 }]).write("file", { path: out("unregistered"), ...unknown }, "json"),
    ).rejects.toMatchObject({ code: "ENTITY_NOT_FOUND" });
    await expect(readBack(out("unregistered"), "json")).rejects.toMatchObject({ code: "PATH_NOT_FOUND" });
    await expect(write(out("there"))).rejects.toMatchObject({
      code: "BAD_ARGUMENT",
      expected: out("here"),
      found: out("there"),
    });
    await expect(readBack(out("there"), "json")).rejects.toMatchObject({ code: "PATH_NOT_FOUND" });
    await expect(
      glue.createDynamicFrame
        .fromRows([{ a: 1 }])
        .write("file", { path: out("x"), partitionKey: ["a"] } as never, "json"),
    ).rejects.toMatchObject({ code: "BAD_OPTION", hint: "Did you mean partitionKeys?" });
    for (const [format, formatOptions, code] of [
      ["csv", { seperator: ";" }, "BAD_OPTION"],
      ["ion", {}, "UNSUPPORTED_FORMAT"],
    ] as const) {
      await expect(
        glue.createDynamicFrame.fromRows([{ a: 1 }]).write("file", { path: out("x") }, format as "csv", formatOptions),
      ).rejects.toMatchObject({ code });
    }
  });

  test("DataFrames by catalog, by path, and back", async () => {
    const { glue, catalog } = context;
    const frame = glue.createDynamicFrame.fromRows([{ v: 1 }, { v: "x" }]);
    await frame.write("file", { path: out("choice") }, "json");
    const df = glue.createDataFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { path: out("choice") },
      format: "json",
    });
    expect(await df.schemaTree()).toBe("root\n|-- v: struct\n|    |-- int: int\n|    |-- string: string\n");
    expect(
      await glue.writeDataFrame.fromOptions({
        frame: df,
        connectionType: "file",
        connectionOptions: { path: out("df"), enableUpdateCatalog: true, catalogDatabase: "w", catalogTableName: "df" },
        format: "json",
      }),
    ).toMatchObject({ written: 2 });
    expect(await glue.writeDataFrame.fromCatalog({ frame: df, database: "w", tableName: "df" })).toMatchObject({
      written: 2,
    });
    expect(await glue.createDataFrame.fromCatalog({ database: "w", tableName: "df" }).count()).toBe(4);
    expect(await catalog.getTable("w", "df")).toMatchObject({ Name: "df" });
    const { fields } = await glue.getCatalogSchemaAsSparkSchema("w", "t");
    expect(fields.map((f) => `${f.name}:${f.type.kind}`)).toEqual(["id:int", "p:string"]);
  });

  test("ingestion time columns, in UTC", async () => {
    const { glue } = context;
    const df = glue.createDynamicFrame.fromRows([{ id: 1, ingest_day: "old" }]).toDF();
    expect(await glue.addIngestionTimeColumns(df, "day").rows()).toEqual([
      { id: 1, ingest_year: 2026, ingest_month: 1, ingest_day: 2 },
    ]);
    expect(await glue.addIngestionTimeColumns(df, "hour").rows()).toEqual([
      { id: 1, ingest_year: 2026, ingest_month: 1, ingest_day: 2, ingest_hour: 3 },
    ]);
    expect(await glue.addIngestionTimeColumns(df, "minute").rows()).toEqual([
      { id: 1, ingest_year: 2026, ingest_month: 1, ingest_day: 2, ingest_hour: 3, ingest_minute: 4 },
    ]);
    expect(() => glue.addIngestionTimeColumns(df, "second" as "day")).toThrow(
      expect.objectContaining({ code: "BAD_ARGUMENT" }),
    );
  });

  test("logger, names, transitions", async () => {
    const { glue } = context;
    const log = glue.getLogger();
    log.info("started");
    log.error("gone wrong");
    expect(logged).toEqual(["info started", "error gone wrong"]);
    expect(glue.createDynamicFrame.fromRows([]).withName("other").name).toBe("other");
    await expect(glue.transitionTable("w", "t", "GLACIER")).rejects.toMatchObject({ code: "UNSUPPORTED", path: "w.t" });
    await expect(glue.transitionS3Path("s3://b/k", "GLACIER")).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });
});
