/** What a call of a source or a sink does not know, and modes that there are not, are errors with the nearest name: a misspelt option must not be passed over (decision 0041). */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext } from "../../src/index.js";

let folder: string, glue: GlueContext;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-calls-"));
  glue = await GlueContext.open({ catalog: join(folder, "catalog"), threads: 1 });
  await writeFile(join(folder, "a.json"), '{"n": 1, "k": "x"}\n{"n": 2, "k": "y"}\n');
  await writeFile(join(folder, "t.json"), "");
  await write({ connectionOptions: { path: join(folder, "t"), partitionKeys: ["k"], enableUpdateCatalog: true, catalogDatabase: "shop", catalogTableName: "t" } });
});
afterAll(async () => {
  await glue.close();
  await rm(folder, { recursive: true, force: true });
});

const source = () => glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { paths: [join(folder, "a.json")] }, format: "json" });
async function write(more: object) {
  await glue.catalog.createDatabase({ Name: "shop" }).catch(() => undefined);
  return glue.writeDynamicFrame.fromOptions({ frame: source(), connectionType: "file", connectionOptions: { path: join(folder, "out") }, format: "json", ...more });
}
const table = (more: object) => glue.writeDynamicFrame.fromCatalog({ frame: source(), database: "shop", tableName: "t", ...more });
const rejected = async (call: () => unknown): Promise<unknown> => { try { await call(); return "no error"; } catch (error) { return error; } };
const bad = (path: string, hint: string) => expect.objectContaining({ code: "BAD_OPTION", path, hint: expect.stringContaining(hint) as unknown });

test.each([
  ["fromCatalog", "pushDownPredicat", () => glue.createDynamicFrame.fromCatalog({ database: "shop", tableName: "t", pushDownPredicat: "k = 'x'" } as never), "pushDownPredicate"],
  ["open", "stagingDirectory", () => GlueContext.open({ stagingDirectory: folder } as never), "Its options are catalog, createCatalog, engine"],
  ["open", "memorylimit", () => GlueContext.open({ memorylimit: "1GB" } as never), "memoryLimit"],
  ["fromOptions", "formatOption", () => glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path: folder }, format: "csv", formatOption: { withHeader: true } } as never), "formatOptions"],
  ["a sink of files", "formatOption", () => write({ formatOption: {} }), "formatOptions"],
  ["a sink of a database", "formatOption", () => write({ connectionType: "sqlite", connectionOptions: { url: join(folder, "a.db"), dbtable: "t" }, formatOption: {} }), "formatOptions"],
  ["a table", "modes", () => table({ modes: "append" }), "mode"],
  ["options of a table", "partitionkeys", () => table({ additionalOptions: { partitionkeys: ["k"] } }), "partitionKeys"],
])("%s: %s", async (_, name, call, near) => {
  expect(await rejected(call)).toEqual(bad(name, near));
});

test("a mode that there is not is not taken for append", async () => {
  expect(await rejected(() => write({ mode: "overwrit" }))).toEqual(bad("mode", "overwrite"));
  expect(await rejected(() => write({ mode: "merge" }))).toEqual(bad("mode", "append"));
  expect(await rejected(() => table({ mode: "replace" }))).toEqual(bad("mode", "append"));
  expect(await rejected(() => write({ connectionType: "sqlite", connectionOptions: { url: `jdbc:sqlite:${join(folder, "a.db")}`, dbtable: "t" }, mode: "merg" }))).toEqual(bad("mode", "merge"));
  expect(await readdir(folder)).not.toContain("out");
});

test("calls without connectionOptions say what they lack", async () => {
  expect(await rejected(() => write({ connectionOptions: undefined }))).toMatchObject({ code: "BAD_ARGUMENT" });
  expect(await rejected(() => glue.createDynamicFrame.fromOptions({ connectionType: "file", format: "json" } as never))).toMatchObject({ code: "BAD_ARGUMENT" });
});

test("strictPaths: false passes names of sources over, as Glue does; redshiftTmpDir and catalogId are taken", async () => {
  expect(await glue.createDynamicFrame.fromCatalog({ database: "shop", tableName: "t", pushDownPredicat: "k = 'x'", strictPaths: false } as never).count()).toBe(2);
  expect(await glue.createDynamicFrame.fromCatalog({ database: "shop", tableName: "t", redshiftTmpDir: "", catalogId: "1", transformationCtx: "x" } as never).count()).toBe(2);
});

test("enableUpdateCatalog: false writes the files, and the catalog does not learn of new partitions", async () => {
  await writeFile(join(folder, "b.json"), '{"n": 3, "k": "z"}\n');
  const frame = glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { paths: [join(folder, "b.json")] }, format: "json" });
  const partitions = async () => (await glue.catalog.getPartitions("shop", "t")).items.map(({ Values }) => Values[0]).sort();
  await table({ frame, additionalOptions: { enableUpdateCatalog: false } });
  expect([await partitions(), await readdir(join(folder, "t", "k=z"))]).toEqual([["x", "y"], [expect.any(String)]]);
  await table({ frame, additionalOptions: { enableUpdateCatalog: true, updateBehavior: "UPDATE_IN_DATABASE" } });
  expect(await partitions()).toEqual(["x", "y", "z"]);
});
