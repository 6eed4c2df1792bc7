/** Options of file sources: which files they leave, on both engines, by path and from the catalog. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { tableInputOf } from "../../../src/catalog/table-input.js";
import type { FromCatalogOptions, FromOptionsOptions } from "../../../src/index.js";
import { checkSourceOptions, fileFilter, sourceSelection } from "../../../src/dynamicframe/sources/source-options.js";
import { temporaryContext, type TemporaryContext } from "../../../src/testing/index.js";

const FILES = {
  "a.json": '{"n":1}\n',
  "b.json": '{"n":2}\n',
  "notes.pdf": '{"n":99}\n',
  "deep/c.json": '{"n":3}\n',
  "deep/er/d.json": '{"n":4}\n',
  "deep/er/skip-me.json": '{"n":5}\n',
};

describe.each(["duckdb", "reference"])("on %s", (engine) => {
  let context: TemporaryContext;
  let data: string;
  const warnings: string[] = [];
  beforeAll(async () => {
    context = await temporaryContext({
      engine,
      threads: 1,
      onWarning: (code) => {
        warnings.push(code);
      },
    });
    data = join(context.directory, "data");
    await put(data, FILES);
  });
  afterAll(() => context.close());

  type Connection = FromOptionsOptions["connectionOptions"];
  const read = async (connectionOptions: Connection, more: Partial<FromOptionsOptions> = {}): Promise<unknown[]> => {
    const frame = context.glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { paths: [data], ...connectionOptions },
      format: "json",
      ...more,
    });
    return (await frame.records()).map((r) => r["n"]).sort();
  };

  test("exclusions are Java globs relative to the path, as a list or as JSON text", async () => {
    expect(await read({})).toEqual([1, 2, 3, 4, 5, 99]);
    expect(await read({ exclusions: '["**.pdf"]' })).toEqual([1, 2, 3, 4, 5]);
    // one star stays within a level
    expect(await read({ exclusions: ["*.json", "*.pdf"] })).toEqual([3, 4, 5]);
    expect(await read({ exclusions: ["deep/**", "**.pdf"] })).toEqual([1, 2]);
    expect(await read({ exclusions: ["**/skip-*", "{a,b}.json", "*.pdf"] })).toEqual([3, 4]);
    // whole addresses, as scripts for S3 write them
    expect(await read({ exclusions: [`${data}/deep/**`, "*.pdf"] })).toEqual([1, 2]);
    await expect(read({ exclusions: ["**"] })).rejects.toMatchObject({
      code: "NO_FILES",
      hint: expect.stringContaining("All 6 files are excluded"),
    });
    await expect(read({ exclusions: ["[a"] })).rejects.toMatchObject({ code: "BAD_GLOB" });
  });

  test("recurse false stays in the folder; the text false counts", async () => {
    expect(await read({ recurse: false })).toEqual([1, 2, 99]);
    expect(await read({ recurse: "false", exclusions: ["*.pdf"] })).toEqual([1, 2]);
    expect(await read({ recurse: true })).toHaveLength(6);
  });

  test("isFailFast: the first malformed record fails, with its place", async () => {
    const bad = join(context.directory, "bad");
    await put(bad, { "x.json": '{"n":1}\n{"n":\n{"n":3}\n' });
    expect(await read({ paths: [bad] })).toEqual([1, 3]);
    await expect(read({ paths: [bad], isFailFast: true })).rejects.toMatchObject({
      code: "MALFORMED_INPUT",
      file: join(bad, "x.json"),
      offset: 8,
    });
    await expect(read({ paths: [bad], isFailFast: "true" })).rejects.toMatchObject({ code: "MALFORMED_INPUT" });
    expect(await read({ isFailFast: true, exclusions: ["*.pdf"] })).toHaveLength(5);
  });

  test("malformed records are errors of the reader's own stage, with its context and info", async () => {
    const frame = context.glue.createDynamicFrame.fromOptions({
      connectionType: "s3",
      connectionOptions: { path: join(context.directory, "bad") },
      format: "json",
      transformationCtx: "raw",
      info: "nightly",
    });
    expect([await frame.stageErrorsCount(), await frame.errorsCount()]).toEqual([1, 1]);
    expect(await frame.selectFields("n").stageErrorsCount()).toBe(0);
    expect(await frame.errorsAsDynamicFrame().records()).toMatchObject([
      { error: { callsite: { site: "raw", info: "nightly" } } },
    ]);
    const strict = context.glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { path: join(context.directory, "bad") },
      format: "json",
      totalThreshold: 1,
    });
    expect(await strict.count()).toBe(2);
  });

  test("a predicate over folders selects files before they are read", async () => {
    const sales = join(context.directory, "sales");
    await put(sales, { "year=2023/a.json": "{broken", "year=2024/month=1/b.json": '{"n":1}\n' });
    await rm(join(sales, "year=2023"), { recursive: true });
    await put(sales, { "year=2023/month=12/a.json": "{broken", "year=2024/month=2/c.json": '{"n":2}\n' });
    const before = context.glue.counters.bytesScanned;
    expect(await read({ paths: [sales] }, { pushDownPredicate: "year == '2024' and month > '1'" })).toEqual([2]);
    expect(context.glue.counters.bytesScanned - before).toBe(8);
    await expect(read({ paths: [sales] }, { pushDownPredicate: "yaer == '2024'" })).rejects.toMatchObject({
      code: "INVALID_PREDICATE",
      hint: "did you mean year?",
    });
  });

  test("bounds are checked, and said to need bookmarks", async () => {
    warnings.length = 0;
    expect(await read({ boundedFiles: "2" })).toHaveLength(6);
    expect(warnings).toEqual(["BOUND_WITHOUT_BOOKMARK"]);
    await expect(async () => read({ boundedFiles: "2", boundedSize: "100" })).rejects.toMatchObject({
      code: "BAD_OPTION",
      message: expect.stringContaining("exclude each other"),
    });
  });

  test("wrong values and unknown names", async () => {
    const wrong: [object, string][] = [
      [{ exclusions: "*.pdf" }, "exclusions"],
      [{ exclusions: [1] }, "exclusions"],
      [{ recurse: 1 }, "recurse"],
      [{ groupFiles: "always" }, "groupFiles"],
      [{ groupSize: "1 MB" }, "groupSize"],
      [{ maxBand: -1 }, "maxBand"],
      [{ maxFilesInBand: "x" }, "maxFilesInBand"],
      [{ useS3ListImplementation: "yes" }, "useS3ListImplementation"],
      [{ excludeStorageClasses: "GLACIER" }, "excludeStorageClasses"],
      [{ compressionType: "rar" }, "compressionType"],
      [{ isFailFast: "no" }, "isFailFast"],
      [{ boundedFiles: 5 }, "boundedFiles"],
      [{ boundedSize: "0" }, "boundedSize"],
    ];
    for (const [options, path] of wrong)
      await expect(async () => read(options)).rejects.toMatchObject({ code: "BAD_OPTION", path });
    const fine = {
      groupFiles: "inPartition",
      groupSize: "1048576",
      maxBand: 900000,
      maxFilesInBand: "1000",
      useS3ListImplementation: true,
      excludeStorageClasses: ["GLACIER"],
      compressionType: "gzip",
    } as const;
    expect(await read(fine)).toHaveLength(6);
    await expect(async () => read({ exclusion: ["x"] } as never)).rejects.toMatchObject({
      code: "BAD_OPTION",
      path: "exclusion",
      hint: expect.stringContaining("Did you mean exclusions?"),
    });
    expect(await read({ exclusion: ["x"] } as never, { strictPaths: false })).toHaveLength(6);
  });

  test("from the catalog: options of the call above the table's parameters", async () => {
    const { glue, catalog } = context;
    const shop = join(context.directory, "shop");
    await put(shop, { "p=1/a.json": '{"n":1}\n', "p=2/c.json": '{"n":3}\n' });
    await glue.crawl({ database: "shop", includes: [shop] });
    // unknown to the catalog: scanned whenever it is read
    await put(shop, { "p=1/deep/b.json": '{"n":2}\n' });
    const [table] = (await catalog.getTables("shop")).items;
    if (!table) throw new Error("no table");
    const names = async (options: Partial<FromCatalogOptions> = {}): Promise<unknown[]> =>
      (await glue.createDynamicFrame.fromCatalog({ database: "shop", tableName: table.Name, ...options }).records())
        .map((r) => r["n"])
        .sort();
    expect(await names()).toEqual([1, 2, 3]);
    // what the options leave out has not vanished, and nothing is scanned again
    expect(await names({ additionalOptions: { exclusions: ["p=2/**"] } })).toEqual([1, 2]);
    expect(await names({ nameSpace: "shop", database: undefined } as never)).toEqual([1, 2, 3]);
    const before = glue.counters.bytesScanned;
    expect(await names({ additionalOptions: { recurse: false } })).toEqual([1, 3]);
    expect(await names({ additionalOptions: { exclusions: '["**/deep/**"]' } })).toEqual([1, 3]);
    expect(await names({ additionalOptions: { catalogPartitionPredicate: "p = 2" } })).toEqual([3]);
    expect(glue.counters.bytesScanned).toBe(before);
    for (const given of [{ nameSpace: "shop" }, { database: undefined }])
      await expect(async () => names(given as never)).rejects.toMatchObject({ code: "BAD_ARGUMENT", path: "database" });
    await expect(async () =>
      names({ additionalOptions: { catalogPartitionPredicat: "p = 2" } as never }),
    ).rejects.toMatchObject({ code: "BAD_OPTION", hint: expect.stringContaining("catalogPartitionPredicate") });

    const input = tableInputOf(table);
    await catalog.updateTable("shop", {
      ...input,
      Parameters: { ...input.Parameters, recurse: "false", boundedFiles: "1" },
    });
    warnings.length = 0;
    expect(await names()).toEqual([1, 3]);
    expect(warnings).toEqual(["BOUND_WITHOUT_BOOKMARK"]);
    expect(await names({ additionalOptions: { recurse: true } })).toEqual([1, 2, 3]);
    await catalog.updateTable("shop", { ...input, Parameters: { ...input.Parameters, groupFiles: "often" } });
    await expect(names()).rejects.toMatchObject({ code: "BAD_OPTION", path: "groupFiles" });
  });

  test("samples read a few files of a few folders, and a write of one adds up", async () => {
    const { glue } = context;
    const many = join(context.directory, "many");
    for (const p of [1, 2, 3])
      for (const f of ["a", "b", "c"])
        await put(many, { [`p=${p}/${f}.json`]: `{"n":"${p}${f}1"}\n{"n":"${p}${f}2"}\n{oops\n` });
    const sample = glue.createSampleDynamicFrameFromOptions({
      connectionType: "file",
      connectionOptions: { path: many },
      format: "json",
      num: 5,
      sampleOptions: { maxSamplePartitions: 2, maxSampleFilesPerPartition: 2 },
    });
    const taken = (await sample.records()).map((r) => String(r["n"]));
    expect(taken).toHaveLength(5);
    for (const n of taken) expect(n).toMatch(/^[12][ab]/);
    const report = await glue.writeDynamicFrame.fromOptions({
      frame: sample,
      connectionType: "file",
      connectionOptions: { path: join(context.directory, "sample-out") },
      format: "json",
    });
    expect(report).toMatchObject({ read: 12, written: 5, errors: 4, filtered: 3, balanced: true });

    await glue.crawl({ database: "many", includes: [many] });
    const scanned = glue.counters.bytesScanned;
    const fromCatalog = glue.createSampleDynamicFrameFromCatalog({
      database: "many",
      tableName: "many",
      num: 100,
      sampleOptions: { maxSamplePartitions: 1 },
    });
    expect((await fromCatalog.records()).map((r) => String(r["n"])).sort()).toEqual([
      "1a1",
      "1a2",
      "1b1",
      "1b2",
      "1c1",
      "1c2",
    ]);
    expect(glue.counters.bytesScanned).toBe(scanned);
    expect(() => glue.createSampleDynamicFrameFromCatalog({ database: "many", tableName: "many", num: -1 })).toThrow(
      expect.objectContaining({ code: "BAD_ARGUMENT" }),
    );
    expect(() =>
      glue.createSampleDynamicFrameFromCatalog({
        database: "many",
        tableName: "many",
        num: 1,
        sampleOptions: { maxSamplePartition: 1 } as never,
      }),
    ).toThrow(expect.objectContaining({ hint: "Did you mean maxSamplePartitions?" }));
  });
});

test("storage classes are passed over where files have them", () => {
  const passes = fileFilter(sourceSelection({ excludeStorageClasses: '["GLACIER","DEEP_ARCHIVE"]' }), "s3://b/k");
  const file = { path: "s3://b/k/x", size: 1, etag: "e", modified: 0 };
  expect([
    passes(file),
    passes({ ...file, storageClass: "STANDARD" }),
    passes({ ...file, storageClass: "GLACIER" }),
  ]).toEqual([true, true, false]);
});

test("names that a caller reads itself are not unknown", () => {
  expect(() => checkSourceOptions("x", { mine: 1, recurse: true }, ["mine"], true)).not.toThrow();
  expect(() => checkSourceOptions("x", { mine: 1 }, [], true)).toThrow(expect.objectContaining({ code: "BAD_OPTION" }));
});

async function put(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}
