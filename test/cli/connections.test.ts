import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { GlueContext } from "../../src/index.js";
import { buildIfStale, cli } from "./cli-process.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-connections-"));
const catalog = join(folder, "catalog");
const file = join(folder, "shop.db");
const SECRET = "cl1-s3cret";

beforeAll(() => {
  buildIfStale();
  const db = new DatabaseSync(file);
  db.exec("CREATE TABLE orders (id INTEGER)");
  db.close();
}, 180_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("a connection is created with a secret that nothing prints, tested, listed and deleted", async () => {
  const created = await cli(
    [
      "connections",
      "create",
      "shop",
      "--url",
      `jdbc:sqlite:${file}`,
      "--user",
      "etl",
      "--password-env",
      "PW",
      "--json",
    ],
    { catalog, env: { PW: SECRET } },
  );
  expect(created).toMatchObject({ status: 0, err: "" });
  const tested = await cli(["connections", "test", "shop"], { catalog });
  expect(tested.out).toMatch(/^shop: sqlite .*shop\.db answers, SQLite 3\.\d+\.\d+\n$/);
  const listed = await cli(["connections"], { catalog });
  expect(listed.out).toMatch(/^CONNECTION .*\nshop +JDBC +jdbc:sqlite:.*shop\.db +etl /);
  const asJson = await cli(["connections", "--json"], { catalog });
  expect([created.out, listed.out, asJson.out].join()).not.toContain(SECRET);
  expect(readFileSync(join(catalog, "catalog.db")).includes(SECRET)).toBe(false);
  const glue = await GlueContext.open({ catalog });
  expect(await glue.extractJdbcConf("shop")).toMatchObject({
    user: "etl",
    password: SECRET,
    vendor: "sqlite",
    fullUrl: `jdbc:sqlite:${file}`,
  });
  await glue.close();
  expect((await cli(["connections", "delete", "shop"], { catalog })).out).toBe("deleted connection shop\n");
  expect((await cli(["connections"], { catalog })).out).toMatch(/^no connections/);
});

test("a password from standard input, and one whose variable is not set", async () => {
  const main = join(__dirname, "..", "..", "dist", "esm", "cli", "main.js");
  execFileSync(
    process.execPath,
    [main, "connections", "create", "piped", "--url", "jdbc:mysql://h:1/d", "--password-stdin", "--catalog", catalog],
    { input: `${SECRET}\n` },
  );
  const glue = await GlueContext.open({ catalog });
  expect((await glue.catalog.getConnection("piped")).ConnectionProperties["PASSWORD"]).toBe(SECRET);
  await glue.close();
  const unset = await cli(
    ["connections", "create", "x", "--url", "jdbc:mysql://h/d", "--password-env", "NO_SUCH_VARIABLE"],
    { catalog },
  );
  expect(unset.status).toBe(2);
  expect(unset.err).toContain("NO_SUCH_VARIABLE");
});

test("rotate-key encrypts what is there with another key", async () => {
  const before = readFileSync(join(catalog, "key"), "utf8");
  const rotated = await cli(["connections", "rotate-key"], { catalog });
  expect([rotated.status, rotated.out]).toEqual([
    0,
    expect.stringMatching(/^1 secrets of 1 connections are encrypted with key [0-9a-f]{12}\n$/),
  ]);
  expect(readFileSync(join(catalog, "key"), "utf8")).not.toBe(before);
  const glue = await GlueContext.open({ catalog });
  expect((await glue.catalog.getConnection("piped")).ConnectionProperties["PASSWORD"]).toBe(SECRET);
  await glue.close();
  expect((await cli(["--catalog", "http://127.0.0.1:9", "connections", "rotate-key"], {})).err).toContain(
    "UNSUPPORTED_CATALOG",
  );
});

test("a test that fails says why and ends with status 1; a misspelt name names the nearest", async () => {
  const near = await cli(["connections", "test", "pipped"], { catalog });
  expect([near.status, near.err]).toEqual([1, expect.stringMatching(/ENTITY_NOT_FOUND[\s\S]*Did you mean piped\?/)]);
  await cli(["connections", "create", "gone", "--url", `jdbc:sqlite:${folder}/none.db`], { catalog });
  const gone = await cli(["connections", "test", "gone"], { catalog });
  expect([gone.status, gone.err]).toEqual([1, expect.stringContaining("CONNECTION_FAILED")]);
});
