/** What `dynaframe job new` writes runs as it is, and passes its own test. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildIfStale, cli } from "./cli-process.js";

const folder = mkdtempSync(join(tmpdir(), "job-new-"));
const catalog = join(folder, "catalog");
beforeAll(() => {
  buildIfStale();
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(process.cwd(), join(folder, "node_modules", "dynaframe"));
  mkdirSync(join(folder, "orders"));
  writeFileSync(join(folder, "orders", "a.json"), '{"id":1,"price":10,"day":"2024-03-01","lines":[{"sku":"x"}]}\n{"id":2,"price":"20.5","day":"2024-03-02","lines":[]}\n');
}, 600_000);
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

test.each([
  ["from a folder", "plain", ["--source", "orders", "--mapping", "id:long:order_id:long", "--mapping", "day:string"], ['["id", "long", "order_id", "long"]', '["day", "string", "day", "string"]']],
  ["from a table, every field, into a table", "whole", ["--source", "shop.orders", "--partition-keys", "day", "--table", "shop.clean"], ['"price"', 'partitionKeys: ["day"]', 'catalogTableName: "clean"']],
])("%s", async (_, name, options, parts) => {
  expect((await cli(["crawl", join(folder, "orders"), "--database", "shop"], { catalog })).status).toBe(0);
  expect(await cli(["job", "new", name, "--target", "out", ...options], { catalog, cwd: folder })).toMatchObject({ status: 0, out: `wrote ${name}.ts\nwrote ${name}.test.mjs\nwrote ${name}.fixture.json\n` });
  const text = readFileSync(join(folder, `${name}.ts`), "utf8");
  for (const part of parts) expect(text).toContain(part);
  execFileSync(process.execPath, ["--test", `${name}.test.mjs`], { cwd: folder, encoding: "utf8", env: { ...process.env, NODE_TEST_CONTEXT: "" } });
  expect(await cli(["job", "new", name, "--target", "out", ...options], { catalog, cwd: folder })).toMatchObject({ status: 2, err: expect.stringContaining("--force") });
}, 180_000);
