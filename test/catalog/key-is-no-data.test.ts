/** Whoever may say where a table lies could say: where the key lies. What reads data for them does not see it. */
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext } from "../../src/index.js";

let folder: string;
let glue: GlueContext;
let key: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "dynaframe-key-"));
  glue = await GlueContext.open({ catalog: join(folder, "catalog") });
  await glue.catalog.createConnection({
    Name: "c",
    ConnectionType: "JDBC",
    ConnectionProperties: { JDBC_CONNECTION_URL: "jdbc:postgresql://localhost:5432/d", USERNAME: "u", PASSWORD: "p" },
  });
  key = readFileSync(join(folder, "catalog", "key"), "utf8").trim();
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "data", "a.csv"), "one\ntwo\n");
  symlinkSync(join(folder, "catalog", "key"), join(folder, "data", "b.csv"));
  linkSync(join(folder, "catalog", "key"), join(folder, "data", "c.csv"));
  symlinkSync(join(folder, "catalog"), join(folder, "data", "more"));
});
afterAll(async () => {
  await glue.close();
  rmSync(folder, { recursive: true, force: true });
});

const read = (path: string, format: "csv" | "json") =>
  glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { paths: [path] },
    format,
    formatOptions: format === "csv" ? { withHeader: false } : {},
  });

test("of a folder with links to it, the key is left out", async () => {
  const text = JSON.stringify(await read(join(folder, "data"), "csv").records());
  expect(text).toContain("two");
  expect(text).not.toContain(key);
});

test.each(["catalog/key", "data/b.csv", "data/c.csv", "data/more/key"])("%s is ACCESS_DENIED", async (path) => {
  for (const format of ["csv", "json"] as const)
    await expect(read(join(folder, path), format).errorsAsDynamicFrame().records()).rejects.toMatchObject({
      code: "ACCESS_DENIED",
    });
});

test("a table whose location is the folder of the key has what else lies there", async () => {
  await glue.catalog.createDatabase({ Name: "found" });
  await glue.catalog.createTable("found", {
    Name: "lines",
    Parameters: { classification: "csv" },
    StorageDescriptor: {
      Location: join(folder, "data"),
      Columns: [{ Name: "line", Type: "string" }],
      SerdeInfo: { Parameters: { "field.delim": "," } },
    },
  });
  const text = JSON.stringify(
    await glue.createDynamicFrame.fromCatalog({ database: "found", tableName: "lines" }).records(),
  );
  expect(text).toContain("two");
  expect(text).not.toContain(key);
});
