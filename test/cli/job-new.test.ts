/** What `dynaframe job new` writes runs as it is, and passes its own test. */
import { execFileSync, spawnSync } from "node:child_process";
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
  writeFileSync(
    join(folder, "orders", "a.json"),
    '{"id":1,"price":10,"day":"2024-03-01","lines":[{"sku":"x"}]}\n{"id":2,"price":"20.5","day":"2024-03-02","lines":[]}\n',
  );
}, 600_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  [
    "from a folder",
    "plain",
    ["--source", "orders", "--mapping", "id:long:order_id:long", "--mapping", "day:string"],
    ['["id", "long", "order_id", "long"]', '["day", "string", "day", "string"]'],
  ],
  [
    "from a table, every field, into a table",
    "whole",
    ["--source", "shop.orders", "--partition-keys", "day", "--table", "shop.clean"],
    ['"price"', 'partitionKeys: ["day"]', 'catalogTableName: "clean"'],
  ],
])(
  "%s",
  async (_, name, options, parts) => {
    expect((await cli(["crawl", join(folder, "orders"), "--database", "shop"], { catalog })).status).toBe(0);
    expect(await cli(["job", "new", name, "--target", "out", ...options], { catalog, cwd: folder })).toMatchObject({
      status: 0,
      out: `wrote ${name}.ts\nwrote ${name}.test.mjs\nwrote ${name}.fixture.json\n`,
    });
    const text = readFileSync(join(folder, `${name}.ts`), "utf8");
    for (const part of parts) expect(text).toContain(part);
    execFileSync(process.execPath, ["--test", `${name}.test.mjs`], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, NODE_TEST_CONTEXT: "" },
    });
    expect(await cli(["job", "new", name, "--target", "out", ...options], { catalog, cwd: folder })).toMatchObject({
      status: 2,
      err: expect.stringContaining("--force"),
    });
  },
  180_000,
);

test("what is missing is asked for, and asked again when the answer will not do", async () => {
  const main = join(process.cwd(), "dist", "esm", "cli", "main.js");
  const ask = (name: string, answers: readonly string[], ...options: readonly string[]) =>
    spawnSync(process.execPath, [main, "--catalog", catalog, "job", "new", name, "--ask", ...options], {
      cwd: folder,
      encoding: "utf8",
      input: answers.map((answer) => `${answer}\n`).join(""),
    });
  const asked = ask("asked", [
    "orders",
    "",
    "",
    "out",
    "orc",
    "json",
    "shop.asked",
    "id:long:order_id:long, price:double:price:decimal(10,2), day:string",
    "day",
    "maybe",
    "no",
  ]);
  expect([asked.status, asked.stdout]).toEqual([0, "wrote asked.ts\nwrote asked.test.mjs\nwrote asked.fixture.json\n"]);
  expect(asked.stderr).toContain(
    "Source: a folder, a file, or database.table: Its format: json, csv, parquet, avro, xml [json]: Target: a folder: Target: a folder: ",
  );
  expect(asked.stderr.match(/Format of what it writes/g)).toHaveLength(2); // orc is none
  expect(asked.stderr.match(/yes or no/g)).toHaveLength(2);
  const text = readFileSync(join(folder, "asked.ts"), "utf8");
  for (const part of [
    '["id", "long", "order_id", "long"]',
    '["price", "double", "price", "decimal(10,2)"]',
    'partitionKeys: ["day"]',
    'catalogTableName: "asked"',
    'format: "json",\n});',
  ])
    expect(text).toContain(part);
  expect(text).not.toContain("--bookmark enable");
  // all that was given is offered
  const offered = ask(
    "offered",
    ["", "", "", "", "", "", "", ""],
    "--source",
    "orders",
    "--target",
    "out",
    "--partition-keys",
    "day",
  );
  expect([offered.status, offered.stderr]).toEqual([
    0,
    expect.stringContaining("divided, with commas, or none [day]: "),
  ]);
  expect(readFileSync(join(folder, "offered.ts"), "utf8")).toContain("--bookmark enable");
  expect(ask("short", ["orders"])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('the input ended before "Its format') as string,
  });
  expect(await cli(["job", "new", "none"], { catalog, cwd: folder })).toMatchObject({
    status: 2,
    err: expect.stringContaining("--ask") as string,
  });
}, 180_000);
