/** Opening a catalog in every state a folder can be in. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { openSqliteCatalog } from "../../../../src/catalog/stores/sqlite/index.js";
import { MIGRATIONS, migrate, schemaVersion } from "../../../../src/catalog/stores/sqlite/migrations.js";
import { openSession } from "../../../../src/catalog/stores/sqlite/open-session.js";

const root = mkdtempSync(join(tmpdir(), "dynaframe-open-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const folder = (): string => join(root, `c${(count += 1)}`);
const mode = (path: string): number => statSync(path).mode & 0o777;

it("makes folder and file for the owner alone", async () => {
  const address = join(folder(), "nested");
  const catalog = await openSqliteCatalog(address);
  expect(mode(address)).toBe(0o700);
  for (const file of ["catalog.db", "catalog.db-wal", "catalog.db-shm"]) expect(mode(join(address, file))).toBe(0o600);
  await catalog.close();
  await catalog.close();
  await expect(catalog.getDatabases()).rejects.toMatchObject({ code: "CATALOG_CLOSED" });
});

it("takes sqlite: before the folder, and keeps the address as given", async () => {
  const address = `sqlite:${folder()}`;
  const catalog = await openSqliteCatalog(address);
  expect(catalog.address).toBe(address);
  await catalog.close();
  expect(existsSync(join(address.slice(7), "catalog.db"))).toBe(true);
});

it("makes none where it shall not", async () => {
  const address = join(folder(), "nested");
  await expect(openSqliteCatalog(address, { create: false })).rejects.toMatchObject({
    code: "CATALOG_NOT_FOUND",
    hint: expect.any(String) as string,
  });
  expect(existsSync(address)).toBe(false);
  await (await openSqliteCatalog(address)).close();
  const catalog = await openSqliteCatalog(address, { create: false });
  await catalog.createDatabase({ Name: "d" });
  await catalog.close();
});

it("a path that is a file, or goes through one", async () => {
  const file = folder();
  writeFileSync(file, "x");
  await expect(openSqliteCatalog(file)).rejects.toMatchObject({ code: "CATALOG_NOT_A_FOLDER" });
  await expect(openSqliteCatalog(join(file, "below"))).rejects.toMatchObject({ code: "CATALOG_NOT_A_FOLDER" });
  await expect(openSqliteCatalog(file, { readOnly: true })).rejects.toMatchObject({ code: "CATALOG_NOT_A_FOLDER" });
  expect(readFileSync(file, "utf8")).toBe("x");
});

it.each([
  ["text", Buffer.from("this is no database, though long enough for a header of one: ".repeat(20))],
  ["zeros", Buffer.alloc(8192)],
  ["a torn file", undefined],
])("a catalog.db that is %s", async (what, bytes) => {
  const address = folder();
  mkdirSync(address);
  const file = join(address, "catalog.db");
  if (bytes === undefined) {
    const whole = folder();
    const catalog = await openSqliteCatalog(whole);
    await catalog.close();
    const good = readFileSync(join(whole, "catalog.db"));
    good.fill(0x5a, 100, good.length);
    writeFileSync(file, good);
  } else writeFileSync(file, bytes);
  await expect(openSqliteCatalog(address)).rejects.toMatchObject({
    code: what === "zeros" ? (expect.stringMatching(/^CATALOG_(CORRUPT|NOT_OURS)$/) as string) : "CATALOG_CORRUPT",
    file,
    hint: expect.any(String) as string,
  });
});

it("a database of another program", async () => {
  const address = folder();
  mkdirSync(address);
  const db = new DatabaseSync(join(address, "catalog.db"));
  db.exec("CREATE TABLE theirs (a)");
  db.close();
  await expect(openSqliteCatalog(address)).rejects.toMatchObject({ code: "CATALOG_NOT_OURS" });
});

it("a catalog of a newer version is refused and left alone", async () => {
  const address = folder();
  await (await openSqliteCatalog(address)).close();
  const file = join(address, "catalog.db");
  const db = new DatabaseSync(file);
  db.exec("UPDATE schema_version SET version = 999");
  db.close();
  await expect(openSqliteCatalog(address)).rejects.toMatchObject({ code: "CATALOG_TOO_NEW", found: "999" });
  await expect(openSqliteCatalog(address, { readOnly: true })).rejects.toMatchObject({ code: "CATALOG_TOO_NEW" });
});

it("migrations: the missing steps run in order, or none of them", () => {
  const db = new DatabaseSync(":memory:");
  const steps = ["CREATE TABLE a (x); INSERT INTO a VALUES (1)", "ALTER TABLE a ADD COLUMN y; UPDATE a SET y = x + 1"];
  migrate(db, steps.slice(0, 1));
  expect(schemaVersion(db)).toBe(1);
  expect(() => migrate(db, [...steps, "CREATE TABLE b (x); nonsense"])).toThrow("nonsense");
  expect(schemaVersion(db)).toBe(1);
  expect(db.prepare("SELECT count(*) AS n FROM pragma_table_info('a')").get()).toEqual({ n: 1 });
  migrate(db, steps);
  migrate(db, steps);
  expect([schemaVersion(db), db.prepare("SELECT x, y FROM a").all()]).toEqual([2, [{ x: 1, y: 2 }]]);
  db.close();
});

it("read-only: reads what is there, writes nothing, makes nothing", async () => {
  const address = folder();
  await expect(openSqliteCatalog(address, { readOnly: true })).rejects.toMatchObject({ code: "CATALOG_NOT_FOUND" });
  expect(existsSync(address)).toBe(false);
  const writer = await openSqliteCatalog(address);
  await writer.createDatabase({ Name: "db" });
  const reader = await openSqliteCatalog(address, { readOnly: true });
  expect((await reader.getDatabases()).items).toHaveLength(1);
  await writer.createDatabase({ Name: "db2" });
  expect((await reader.getDatabases()).items).toHaveLength(2);
  await expect(reader.createDatabase({ Name: "no" })).rejects.toMatchObject({ code: "CATALOG_READ_ONLY" });
  await expect(reader.deleteDatabase("db")).rejects.toMatchObject({ code: "CATALOG_READ_ONLY" });
  await reader.close();
  await writer.close();
});

// root may write everywhere, so permissions show only to others
const asUser = process.getuid?.() === 0 ? it.skip : it;
asUser("a folder that cannot be written", async () => {
  const address = folder();
  await (await openSqliteCatalog(address)).close();
  chmodSync(address, 0o500);
  chmodSync(join(address, "catalog.db"), 0o400);
  for (const options of [{}, { readOnly: true }]) {
    const reader = await openSqliteCatalog(address, options);
    expect((await reader.getDatabases()).items).toEqual([]);
    await expect(reader.createDatabase({ Name: "no" })).rejects.toMatchObject({ code: "CATALOG_READ_ONLY" });
    await reader.close();
  }
  await expect(openSqliteCatalog(join(address, "below"))).rejects.toMatchObject({ code: "CATALOG_READ_ONLY" });
  chmodSync(address, 0o700);
});

it("waits for another writer, then says that it is busy", async () => {
  const address = folder();
  const catalog = await openSqliteCatalog(address, { busyTimeoutMs: 300 });
  const other = new DatabaseSync(join(address, "catalog.db"));
  other.exec("BEGIN IMMEDIATE");
  const refused = catalog.createDatabase({ Name: "db" });
  await expect(refused).rejects.toMatchObject({ code: "CATALOG_BUSY" });
  expect((await catalog.getDatabases()).items).toEqual([]);
  const waiting = catalog.createDatabase({ Name: "db" });
  setTimeout(() => other.exec("COMMIT"), 60);
  await waiting;
  expect((await catalog.getDatabases()).items).toHaveLength(1);
  other.close();
  await catalog.close();
});

it("never runs on a SQLite that can corrupt a shared write-ahead log, nor with memory mapping", () => {
  const session = openSession(folder());
  const [major = 0, minor = 0, patch = 0] = String(session.row("SELECT sqlite_version() AS v")?.["v"])
    .split(".")
    .map(Number);
  expect(major * 1_000_000 + minor * 1000 + patch).toBeGreaterThanOrEqual(3_051_003);
  // a driver without memory mapping answers with no row
  expect(session.row("PRAGMA mmap_size")?.["mmap_size"] ?? 0).toBe(0);
  expect(session.row("PRAGMA journal_mode")?.["journal_mode"]).toBe("wal");
  expect(session.row("PRAGMA synchronous")?.["synchronous"]).toBe(2);
  expect(session.row("SELECT version FROM schema_version")?.["version"]).toBe(MIGRATIONS.length);
  session.close();
});
