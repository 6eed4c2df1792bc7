/**
 * What a call of a source or a sink does not know, and modes that there are not, are errors with the nearest name: a
 * misspelt option must not be passed over (decision 0041).
 */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext } from "../../src/index.js";

let folder: string;
let glue: GlueContext;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-calls-"));
  glue = await GlueContext.open({ catalog: join(folder, "catalog"), threads: 1 });
  await writeFile(join(folder, "a.json"), '{"n": 1, "k": "x"}\n{"n": 2, "k": "y"}\n');
  await writeFile(join(folder, "t.json"), "");
  await write({
    connectionOptions: {
      path: join(folder, "t"),
      partitionKeys: ["k"],
      enableUpdateCatalog: true,
      catalogDatabase: "shop",
      catalogTableName: "t",
    },
  });
});
afterAll(async () => {
  await glue.close();
  await rm(folder, { recursive: true, force: true });
});

const source = () =>
  glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { paths: [join(folder, "a.json")] },
    format: "json",
  });
async function write(more: object) {
  await glue.catalog.createDatabase({ Name: "shop" }).catch(() => undefined);
  return glue.writeDynamicFrame.fromOptions({
    frame: source(),
    connectionType: "file",
    connectionOptions: { path: join(folder, "out") },
    format: "json",
    ...more,
  });
}
const table = (more: object) =>
  glue.writeDynamicFrame.fromCatalog({ frame: source(), database: "shop", tableName: "t", ...more });
const rejected = async (call: () => unknown): Promise<unknown> => {
  try {
    await call();
    return "no error";
  } catch (error) {
    return error;
  }
};
const bad = (path: string, hint: string) =>
  expect.objectContaining({ code: "BAD_OPTION", path, hint: expect.stringContaining(hint) as unknown });

test.each([
  [
    "fromCatalog",
    "pushDownPredicat",
    () =>
      glue.createDynamicFrame.fromCatalog({ database: "shop", tableName: "t", pushDownPredicat: "k = 'x'" } as never),
    "pushDownPredicate",
  ],
  [
    "open",
    "stagingDirectory",
    () => GlueContext.open({ stagingDirectory: folder } as never),
    "Its options are catalog, createCatalog, engine",
  ],
  ["open", "memorylimit", () => GlueContext.open({ memorylimit: "1GB" } as never), "memoryLimit"],
  [
    "fromOptions",
    "formatOption",
    () =>
      glue.createDynamicFrame.fromOptions({
        connectionType: "file",
        connectionOptions: { path: folder },
        format: "csv",
        formatOption: { withHeader: true },
      } as never),
    "formatOptions",
  ],
  ["a sink of files", "formatOption", () => write({ formatOption: {} }), "formatOptions"],
  [
    "a sink of a database",
    "formatOption",
    () =>
      write({
        connectionType: "sqlite",
        connectionOptions: { url: join(folder, "a.db"), dbtable: "t" },
        formatOption: {},
      }),
    "formatOptions",
  ],
  ["fromRows", "schem", () => glue.createDynamicFrame.fromRows([{ a: 1 }], { schem: {} } as never), "schema"],
  [
    "a source of a database",
    "transformationContext",
    () =>
      glue.createDynamicFrame.fromOptions({
        connectionType: "sqlite",
        connectionOptions: { url: join(folder, "a.db"), dbtable: "t" },
        transformationContext: "x",
      } as never),
    "transformationCtx",
  ],
  [
    "a source of a database",
    "pushDownPredicate",
    () =>
      glue.createDynamicFrame.fromOptions({
        connectionType: "sqlite",
        connectionOptions: { url: join(folder, "a.db"), dbtable: "t" },
        pushDownPredicate: "a = 1",
      } as never),
    "Its options are",
  ],
  [
    "a source of Kafka",
    "formatOption",
    () =>
      glue.createDynamicFrame.fromOptions({
        connectionType: "kafka",
        connectionOptions: { "bootstrap.servers": "x:1", topicName: "t" },
        formatOption: {},
      } as never),
    "formatOptions",
  ],
  [
    "a sink by a connection",
    "moed",
    () =>
      glue.writeDynamicFrame.fromJdbcConf({
        frame: source(),
        catalogConnection: "c",
        connectionOptions: { dbtable: "t" },
        moed: "overwrite",
      } as never),
    "mode",
  ],
  ["a table", "modes", () => table({ modes: "append" }), "mode"],
  [
    "options of a table",
    "partitionkeys",
    () => table({ additionalOptions: { partitionkeys: ["k"] } }),
    "partitionKeys",
  ],
])("%s: %s", async (_, name, call, near) => {
  expect(await rejected(call)).toEqual(bad(name, near));
});

test("a mode that there is not is not taken for append", async () => {
  expect(await rejected(() => write({ mode: "overwrit" }))).toEqual(bad("mode", "overwrite"));
  expect(await rejected(() => write({ mode: "merge" }))).toEqual(bad("mode", "append"));
  expect(await rejected(() => table({ mode: "replace" }))).toEqual(bad("mode", "append"));
  expect(
    await rejected(() =>
      write({
        connectionType: "sqlite",
        connectionOptions: { url: `jdbc:sqlite:${join(folder, "a.db")}`, dbtable: "t" },
        mode: "merg",
      }),
    ),
  ).toEqual(bad("mode", "merge"));
  expect(await readdir(folder)).not.toContain("out");
});

test.each(["dynamodb", "redshift", "kinesis", "parquet", "custom.jdbc", "marketplace.spark", "files", "S3"])(
  "a connectionType that there is not reads and writes nothing: %s",
  async (connectionType) => {
    const refused = {
      code: "UNSUPPORTED_CONNECTION",
      path: "connectionType",
      found: connectionType,
      hint: expect.stringMatching(/client|files|stream|format|path/i) as unknown,
    };
    expect(
      await rejected(() =>
        glue.createDynamicFrame.fromOptions({
          connectionType,
          connectionOptions: { path: folder },
          format: "json",
        } as never),
      ),
    ).toMatchObject(refused);
    expect(await rejected(() => write({ connectionType }))).toMatchObject(refused);
    const sink = glue.getSink(connectionType as "file", { path: join(folder, "out"), format: "json" });
    expect(await rejected(() => sink.writeFrame(source()))).toMatchObject(refused);
    expect(await readdir(folder)).not.toContain("out");
  },
);

test("what Glue's scripts name and nothing here needs is taken and checked (decision 0181)", async () => {
  const database = {
    url: `jdbc:sqlite:${join(folder, "taken.db")}`,
    redshiftTmpDir: "s3://tmp/",
    customJdbcDriverS3Path: "s3://jars/driver.jar",
    customJdbcDriverClassName: "org.example.Driver",
  };
  expect(await write({ connectionType: "sqlite", connectionOptions: { ...database, dbtable: "t" } })).toMatchObject({
    written: 2,
  });
  expect(
    await glue.createDynamicFrame
      .fromOptions({ connectionType: "sqlite", connectionOptions: { ...database, dbtable: "t" } })
      .count(),
  ).toBe(2);
  expect(
    await rejected(() =>
      glue.createDynamicFrame.fromOptions({
        connectionType: "sqlite",
        connectionOptions: { ...database, dbtable: "t", redshiftTmpDir: 5 as never },
      }),
    ),
  ).toMatchObject({ code: "BAD_OPTION", path: "redshiftTmpDir" });
  expect(
    await source().write("file", { path: join(folder, "accumulated") }, "json", {}, { accumulatorSize: 10 }),
  ).toMatchObject({ written: 2 });
  expect(
    await rejected(() =>
      source().write("file", { path: join(folder, "accumulated") }, "json", {}, { accumulatorSize: -1 }),
    ),
  ).toMatchObject({ code: "BAD_OPTION", path: "accumulatorSize" });
  expect(await glue.createDynamicFrame.fromRows([{ a: 1 }], { name: "n", sampleRatio: 0.5 }).count()).toBe(1);
});

test("fromRows takes a schema as a type, as Glue's JSON of one, or from a function", async () => {
  const json = { dataType: "struct", fields: [{ name: "a", container: { dataType: "long" } }] };
  for (const schema of [json, () => json])
    expect(await glue.createDynamicFrame.fromRows([{ a: 1 }], { schema }).schemaTree()).toBe("root\n|-- a: long\n");
  expect(
    await rejected(() => glue.createDynamicFrame.fromRows([{ a: 1 }], { schema: "a long" as never })),
  ).toMatchObject({ code: "BAD_ARGUMENT" });
});

test("calls without connectionOptions say what they lack", async () => {
  expect(await rejected(() => write({ connectionOptions: undefined }))).toMatchObject({ code: "BAD_ARGUMENT" });
  expect(
    await rejected(() => glue.createDynamicFrame.fromOptions({ connectionType: "file", format: "json" } as never)),
  ).toMatchObject({ code: "BAD_ARGUMENT" });
});

test("strictPaths: false passes names of sources over, as Glue does; redshiftTmpDir and catalogId are taken", async () => {
  expect(
    await glue.createDynamicFrame
      .fromCatalog({ database: "shop", tableName: "t", pushDownPredicat: "k = 'x'", strictPaths: false } as never)
      .count(),
  ).toBe(2);
  expect(
    await glue.createDynamicFrame
      .fromCatalog({
        database: "shop",
        tableName: "t",
        redshiftTmpDir: "",
        catalogId: "1",
        transformationCtx: "x",
      } as never)
      .count(),
  ).toBe(2);
});

test("enableUpdateCatalog: false writes the files, and the catalog does not learn of new partitions", async () => {
  await writeFile(join(folder, "b.json"), '{"n": 3, "k": "z"}\n');
  const frame = glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { paths: [join(folder, "b.json")] },
    format: "json",
  });
  const partitions = async () =>
    (await glue.catalog.getPartitions("shop", "t")).items.map(({ Values }) => Values[0]).sort();
  await table({ frame, additionalOptions: { enableUpdateCatalog: false } });
  expect([await partitions(), await readdir(join(folder, "t", "k=z"))]).toEqual([["x", "y"], [expect.any(String)]]);
  await table({ frame, additionalOptions: { enableUpdateCatalog: true, updateBehavior: "UPDATE_IN_DATABASE" } });
  expect(await partitions()).toEqual(["x", "y", "z"]);
});
