import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import { buildIfStale, cli } from "./cli-process.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-catalog-command-"));
const source = join(folder, "source");
const target = join(folder, "target");
const file = join(folder, "lake.jsonl");

beforeAll(async () => {
  buildIfStale();
  const catalog = await openSqliteCatalog(source);
  await catalog.createDatabase({ Name: "shop" });
  await catalog.createTable("shop", { Name: "orders" });
  await catalog.createConnection({
    Name: "db",
    ConnectionType: "JDBC",
    ConnectionProperties: { JDBC_CONNECTION_URL: "jdbc:mysql://h/d", PASSWORD: "cl1-s3cret" },
  });
  await catalog.close();
}, 300_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("a catalog goes into a file and out of it, without its secrets", async () => {
  const exported = await cli(["catalog", "export", file], { catalog: source });
  expect(exported).toMatchObject({
    status: 0,
    out: `exported 1 database, 1 table, 1 version, 1 connection: ${file}\nThe secrets of the connections are not in the file.\n`,
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, "utf8")).not.toContain("s3cret");
  const imported = await cli(["catalog", "import", file, "--json"], { catalog: target });
  expect(JSON.parse(imported.out)).toMatchObject({ databases: 1, tables: 1, connections: 1, file });
  expect((await cli(["tables", "shop"], { catalog: target })).out).toContain("orders");
  const again = await cli(["catalog", "import", file], { catalog: target });
  expect([again.status, again.err]).toEqual([1, expect.stringContaining("ALREADY_EXISTS")]);
});

test("a file that is none, or is not there, changes nothing", async () => {
  const broken = join(folder, "broken.jsonl");
  writeFileSync(broken, readFileSync(file, "utf8").slice(0, -20));
  const other = join(folder, "other");
  expect((await cli(["catalog", "import", broken], { catalog: other })).err).toContain("EXPORT_INVALID");
  expect((await cli(["catalog", "import", join(folder, "none")], { catalog: other })).err).toContain("PATH_NOT_FOUND");
  expect((await cli(["catalog", "import", file, "--engine", "none"], { catalog: other })).err).toContain(
    "UNSUPPORTED_ENGINE",
  );
  expect(existsSync(other)).toBe(false);
  expect((await cli(["catalog", "export", join(folder, "none", "x")], { catalog: source })).err).toContain(
    "PATH_NOT_FOUND",
  );
  expect((await cli(["databases"], { catalog: other })).err).toContain("CATALOG_NOT_FOUND");
});

test("a definition that is none makes no catalog", async () => {
  const other = join(folder, "other");
  const bad = join(folder, "bad.json");
  writeFileSync(bad, "{}");
  for (const args of [
    ["job", "create", "j", "--file", bad],
    ["trigger", "create", bad],
    ["workflow", "create", bad],
    ["dev-endpoint", "create", "e", "--public-key", bad],
    ["crawler", "create", "c", folder, "--schedule", "never"],
    ["connections", "create", "c", "--url", "never"],
  ]) {
    const { status, out } = await cli(args, { catalog: other });
    expect([args, status === 0, out, existsSync(other)]).toEqual([args, false, "", false]);
  }
});
