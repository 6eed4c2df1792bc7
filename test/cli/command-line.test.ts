import { spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext } from "../../src/index.js";
import { buildIfStale, cli, mainFile } from "./cli-process.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-cli-"));
const catalog = join(folder, "catalog");
const data = join(folder, "data", "orders");

// ten orders: ids 0–7 are int, 8 and 9 text; price is a double but for one text that is no number
const orders = Array.from({ length: 10 }, (_, i) => ({
  id: i < 8 ? i : `A-${i}`,
  price: i === 3 ? "dear" : i + 0.5,
  note: i % 2 === 0 ? null : "n",
  items: [{ sku: `s${i}`, qty: i }],
}));

beforeAll(async () => {
  buildIfStale();
  mkdirSync(data, { recursive: true });
  writeFileSync(
    join(data, "a.json"),
    orders
      .slice(0, 6)
      .map((order) => `${JSON.stringify(order)}\n`)
      .join(""),
  );
  writeFileSync(
    join(data, "b.json"),
    `${orders
      .slice(6)
      .map((order) => `${JSON.stringify(order)}\n`)
      .join("")}{"id": 1,}\n`,
  );
  // a second folder of another shape, so that each folder is a table
  mkdirSync(join(folder, "data", "customers"), { recursive: true });
  writeFileSync(join(folder, "data", "customers", "c.json"), '{"name":"Ada","born":1815,"city":"London"}\n');
  const glue = await GlueContext.open({ catalog });
  await glue.catalog.createDatabase({ Name: "empty" });
  await glue.close();
  const crawled = await cli(["crawl", join(folder, "data"), "--database", "shop"], { catalog });
  expect(crawled).toMatchObject({ status: 0 });
  expect(crawled.out).toMatch(
    /^TABLE .*\nshop\.customers +create +json +1 +1 +\d+ B\nshop\.orders +create +json +2 +10 +\d+ B +2 +1\n/,
  );
  expect(crawled.out).toContain("changed 2 tables of 2; read 3 files, 0 known from before\n");
}, 180_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: string[]) => cli(args, { catalog });
const json = async (...args: string[]): Promise<unknown> => JSON.parse((await run(...args, "--json")).out) as unknown;
/** Cells of a printed table, without its heading. */
const cells = (text: string): string[][] =>
  text
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/ {2,}/));

test("a second crawl reads nothing and changes nothing", async () => {
  expect((await run("crawl", join(folder, "data"), "--database", "shop")).out).toContain(
    "changed 0 tables of 2; read 0 files, 3 known from before\n",
  );
});

test("commands that need a catalog make none: where there is none, they say so", async () => {
  const nowhere = join(folder, "no", "catalog");
  for (const args of [
    ["tables"],
    ["drift", "shop.orders"],
    ["sql", "select 1"],
    ["crawler", "list"],
    ["job", "list"],
    ["connections"],
    ["write", "shop.orders", "--to", join(folder, "never"), "--format", "json"],
    ["catalog", "export", join(folder, "never")],
  ]) {
    const { status, out, err } = await cli(args, { catalog: nowhere });
    expect([args, status, out, err]).toEqual([
      args,
      1,
      "",
      expect.stringMatching(/^error CATALOG_NOT_FOUND: there is no catalog in .*\/no\/catalog\n/),
    ]);
  }
  expect([existsSync(join(folder, "no")), existsSync(join(folder, "never"))]).toEqual([false, false]);
}, 120_000);

test("a dry run makes no catalog either: its plan is of an empty one, and can be applied", async () => {
  const nowhere = join(folder, "fresh", "yet");
  const plan = join(folder, "first.json");
  const dry = await cli(["crawl", join(folder, "data"), "--database", "shop", "--dry-run", "--out", plan], {
    catalog: nowhere,
  });
  expect([dry.status, dry.out, existsSync(join(folder, "fresh"))]).toEqual([
    0,
    expect.stringContaining("would change 2 tables of 2"),
    false,
  ]);
  expect(await cli(["apply", plan], { catalog: nowhere })).toMatchObject({
    status: 0,
    out: expect.stringContaining("changed 2 tables of 2"),
  });
});

test("a misspelt table or database is told with the nearest name", async () => {
  for (const [args, hint] of [
    [["show", "shop.ordres"], "shop.orders"],
    [["read", "shop.customer"], "shop.customers"],
    [["tables", "shopp"], "shop"],
    [["drift", "shpo.orders"], "shop"],
    [["sql", "select count(*) from shop.ordres"], "shop.orders"],
    [["sql", "select o.id from shpo.orders o"], "shop"],
    [["sql", "select id from orders"], "shop.orders"],
  ] as const) {
    const { status, err } = await run(...args);
    expect([args, status, err]).toEqual([args, 1, expect.stringContaining(`Did you mean ${hint}?`)]);
  }
  expect((await run("show", "shop.zzzzzzzz")).err).not.toContain("Did you mean");
});

test("a plan changes nothing until it is applied, and not when files changed meanwhile", async () => {
  const own = join(folder, "own-catalog");
  const run = (...args: string[]) => cli(args, { catalog: own });
  const plan = join(folder, "plan.json");
  const source = join(folder, "planned");
  mkdirSync(source);
  writeFileSync(join(source, "a.json"), '{"a":1}\n');
  const dry = () =>
    run("crawl", source, "--database", "later", "--prefix", "p_", "--exclude", "**.tmp", "--dry-run", "--out", plan);
  expect((await dry()).out).toContain("would change 1 table of 1");
  expect((await run("tables", "later")).status).toBe(1);
  writeFileSync(join(source, "b.json"), '{"a":2}\n');
  const stale = await run("apply", plan);
  expect(stale.status).toBe(3);
  expect(stale.err).toMatch(/^error PLAN_STALE: /);
  await dry();
  writeFileSync(join(source, "c.tmp"), "left out");
  expect(await cli(["apply", plan], { catalog: own, cwd: folder })).toMatchObject({ status: 0 });
  expect(JSON.parse((await run("tables", "later", "--json")).out)).toMatchObject([{ Name: "p_planned" }]);
});

test("files given to a command are checked", async () => {
  const bad = join(folder, "bad.json");
  writeFileSync(bad, '{"tablePrefx": "x"}');
  const crawl = await run("crawl", data, "--database", "shop", "--config", bad);
  expect(crawl.status).toBe(1);
  expect(crawl.err).toMatch(/^error INVALID_CRAWLER: .*tablePrefx\n {2}at .*bad\.json\n/);
  expect((await run("apply", bad)).err).toMatch(/^error PLAN_INVALID: /);
  expect((await run("write", "shop.orders", "--to", "x", "--map", bad)).err).toMatch(/^error MAPPING_INVALID: /);
  expect((await run("apply", join(folder, "nowhere.json"))).err).toMatch(/^error PATH_NOT_FOUND: /);
  expect((await run("crawl", join(folder, "nowhere"), "--database", "shop")).err).toMatch(/^error PATH_NOT_FOUND: /);
});

test("databases, with the number of their tables", async () => {
  const { out, status } = await run("databases");
  expect(status).toBe(0);
  expect(cells(out).map(([name, tables]) => [name, tables])).toEqual([
    ["empty", "0"],
    ["shop", "2"],
  ]);
  expect(await json("databases")).toMatchObject([{ Name: "empty" }, { Name: "shop" }]);
});

test("tables of all databases, or of one", async () => {
  expect((await run("tables")).out).toMatch(/^TABLE .*\nshop\.customers .*\nshop\.orders +json +4 +2 +10 +\d+ B +0 /);
  expect((await run("tables", "empty")).out).toBe("no tables in empty\n");
  expect(await json("tables", "shop")).toMatchObject([{ Name: "customers" }, { Name: "orders", DatabaseName: "shop" }]);
});

test("show: exact schema and catalog columns", async () => {
  const { out } = await run("show", "shop.orders");
  expect(out).toContain(
    "|-- id: choice\n|    |-- int\n|    |-- string\n|-- price: choice\n|    |-- double\n|    |-- string\n",
  );
  expect(out).toMatch(/\n {2}id +string\n {2}price +string\n/);
  expect(out).toMatch(/\n {2}malformed +1 record\n/);
  expect(await json("show", "SHOP.Orders")).toMatchObject({
    table: { Name: "orders" },
    schema: { kind: "struct" },
    partitions: [],
  });
});

test("versions", async () => {
  expect((await run("versions", "shop.orders")).out).toMatch(/0 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ +4 +created\n$/);
  expect(await json("versions", "shop.orders")).toHaveLength(1);
});

test("drift: arms, counts, shares, and where each began", async () => {
  const { out } = await run("drift", "shop.orders");
  const lines = (name: string, from: number): string =>
    readFileSync(join(data, name), "utf8").split("\n").slice(0, from).join("\n") + "\n";
  const idAt = lines("b.json", 2).length + '{"id":'.length;
  const priceAt = lines("a.json", 3).length + '{"id":3,"price":'.length;
  expect(out).toContain("2 paths with more than one type\n");
  const [id, idText, price, priceText] = cells(out.slice(out.indexOf("PATH")));
  expect(id).toEqual(["id", "int", "8", "80.0%", "a.json:0:6"]);
  expect(idText).toEqual(["string", "2", "20.0%", `b.json:2:${idAt}`]);
  expect(price).toEqual(["price", "double", "9", "90.0%", "a.json:0:16"]);
  expect(priceText).toEqual(["string", "1", "10.0%", `a.json:3:${priceAt}`]);
  expect(out).toMatch(/1 malformed record\n.*\nb\.json:\d+-\d+ +INVALID_JSON/);
  expect(await json("drift", "shop.orders")).toMatchObject({
    records: 10,
    malformed: 1,
    choices: [{ path: "id" }, { path: "price" }],
  });
});

test("read: a table, or one JSON object a line", async () => {
  const { out } = await run("read", "shop.orders", "--limit", "3", "--json");
  expect(
    out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual(orders.slice(0, 3));
  expect((await run("read", "shop.orders", "--limit", "1")).out).toBe(
    'id  price  note  items\n 0    0.5  null  [{"sku": "s0", "qty": 0}]\n',
  );
});

test("sql over catalog tables", async () => {
  expect((await run("sql", "select count(*) as n, sum(id.int) as s from shop.orders", "--json")).out).toBe(
    '{"n": 10, "s": 28}\n',
  );
  const failed = await run("sql", "select nope from shop.orders");
  expect(failed).toMatchObject({ status: 1, out: "" });
  expect(failed.err).toMatch(/^error [A-Z_]+: [^\n]*\n/m);
  expect(failed.err).not.toContain("    at ");
});

test("write: resolve, map, relationalize; the account balances", async () => {
  const to = join(folder, "written");
  const map = join(folder, "map.json");
  writeFileSync(
    map,
    '[["id_int", "int", "order_id", "long"], ["price", "double", "price", "double"], ["items", "array", "items", "array"]]',
  );
  const { out, status } = await run(
    "write",
    "shop.orders",
    "--resolve",
    "price=cast:double",
    "--resolve",
    "id=make_cols",
    "--map",
    map,
    "--relationalize",
    "--to",
    to,
    "--format",
    "json",
  );
  expect(status).toBe(0);
  expect(out).toContain("read 11 = written 10 + errors 1\n");
  expect(out).toContain("nulled price: 1 value could not be cast\n");
  expect(readdirSync(to).sort()).toEqual(["orders", "orders_items"]);
  const rows = readdirSync(join(to, "orders"))
    .flatMap((name) =>
      readFileSync(join(to, "orders", name), "utf8")
        .trimEnd()
        .split("\n"),
    )
    .map((line) => JSON.parse(line) as { readonly order_id?: number; readonly price?: number });
  expect(rows.map(({ order_id }) => order_id ?? -1).sort((a, b) => a - b)).toEqual([-1, -1, 0, 1, 2, 3, 4, 5, 6, 7]);
  expect(rows.find(({ order_id }) => order_id === 3)?.price ?? null).toBeNull();
});

test("write: modes, partition keys, registration", async () => {
  const to = join(folder, "modes");
  const write = (...more: string[]) => run("write", "shop.orders", "--choice", "make_struct", "--to", to, ...more);
  expect(await write("--mode", "error", "--partition-keys", "note", "--register", "shop.copied")).toMatchObject({
    status: 0,
  });
  expect(readdirSync(to).sort()).toEqual(["note=__HIVE_DEFAULT_PARTITION__", "note=n"]);
  const refused = await write("--mode", "error");
  expect(refused.status).toBe(1);
  expect(refused.err).toMatch(/^error TARGET_EXISTS: .*\n[\s\S]* hint: /);
  expect((await write("--mode", "ignore")).out).toContain("nothing was written");
  expect((await run("sql", "select count(*) as n from shop.copied", "--json")).out).toBe('{"n": 10}\n');
});

test("attach writes a database file with a view for each table, and says first what it would", async () => {
  const file = join(folder, "attached.duckdb");
  const dry = await run("attach", file, "--dry-run");
  expect(dry).toMatchObject({ status: 0 });
  expect(dry.out).toMatch(/^VIEW +READS +FILES +RECORDS +MALFORMED/);
  expect(cells(dry.out)).toEqual(
    expect.arrayContaining([
      ["shop.customers", "a copy", "1", "1"],
      ["shop.orders", "a copy", "2", "10", "1"],
    ]),
  );
  expect(dry.out).toMatch(/would write \d views to /);
  expect(existsSync(file)).toBe(false);
  expect(await json("attach", file, "--database", "shop")).toMatchObject({
    file,
    dryRun: false,
    tables: expect.arrayContaining([
      { database: "shop", table: "orders", kind: "copy", files: 2, records: 10, errors: 1 },
    ]),
  });
  expect(existsSync(file)).toBe(true);
  expect((await run("attach", file)).err).toMatch(/^error TARGET_EXISTS: /);
  expect((await run("attach", file, "--overwrite")).status).toBe(0);
});

test.each([
  ["no such command", ["sho"], "show"],
  ["an unknown option", ["tables", "--jsn"], "--json"],
  ["a missing argument", ["show"], "table"],
  ["a name without a dot", ["show", "orders"], "shop.orders"],
  ["a number that is none", ["read", "shop.orders", "--limit", "many"], "--limit"],
  ["a bad choice", ["write", "shop.orders", "--to", "x", "--format", "xml"], "parquet"],
  ["a resolve without an action", ["write", "shop.orders", "--to", "x", "--resolve", "price"], "price=cast:double"],
  ["no command at all", [], "Usage"],
  ["help for no command", ["help", "crwl"], "unknown command crwl; did you mean crawl?"],
])("%s is wrong usage: status 2, told on the error stream", async (_, args, told) => {
  const { status, out, err } = await cli(args, { catalog });
  expect(JSON.parse((await cli([...args, "--json"], { catalog })).out)).toEqual({
    error: expect.objectContaining({ code: "USAGE", message: expect.any(String) }),
  });
  expect(status).toBe(2);
  expect(out).toBe("");
  expect(err).toContain(told);
});

test("a memory limit that is no size is wrong usage", async () => {
  expect(await run("sql", "select 1", "--memory-limit", "5zb")).toMatchObject({
    status: 2,
    err: "error BAD_OPTION: memoryLimit is no size\n  expected: a size, such as 512MB or 4GiB\n  found: 5zb\n  hint: Write a number with its unit.\n",
  });
});

test("a missing table is status 1 with code, hint and, with --json, data", async () => {
  const { status, out, err } = await run("show", "shop.nope");
  expect(status).toBe(1);
  expect(out).toBe("");
  expect(err).toMatch(/^error ENTITY_NOT_FOUND: /);
  const asData = await run("show", "shop.nope", "--json");
  expect(JSON.parse(asData.out)).toMatchObject({
    error: { code: "ENTITY_NOT_FOUND", name: "EntityNotFoundException" },
  });
});

test("--debug shows the stack", async () => {
  expect((await run("show", "shop.nope", "--debug")).err).toMatch(/\n +at .*\.js/);
});

test("nothing piped is coloured, not even when colour is asked for", async () => {
  for (const args of [["tables"], ["drift", "shop.orders"], ["show", "shop.nope"]]) {
    const { out, err } = await cli(args, { catalog, env: { FORCE_COLOR: "1", TERM: "xterm-256color" } });
    expect(out + err).not.toContain("\u001b");
  }
});

test("a reader that goes away is no error", async () => {
  const long = "select i, repeat('x', 200) as t from range(200000) r(i)";
  const { status, err } = await cli(["sql", long, "--json"], { catalog, readAtMost: 1000 });
  expect(err).toBe("");
  expect(status).toBe(0);
});

test("results that their file cannot take are an error with a code, and no stack", async () => {
  if (!existsSync("/dev/full")) return;
  for (const args of [
    ["tables"],
    ["sql", "select range from range(100000)", "--json"],
    ["--help"],
    ["show", "shop.nope", "--json"],
  ]) {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(process.execPath, [mainFile, ...args], {
      env: { ...process.env, DYNAFRAME_CATALOG: catalog },
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });
    closeSync(full);
    expect([args, status, stderr]).toEqual([
      args,
      1,
      expect.stringMatching(
        args[0] === "show"
          ? /^error ENTITY_NOT_FOUND: /
          : /^error NO_SPACE: standard output cannot be written: the disk is full\n/,
      ),
    ]);
    expect(stderr).not.toContain("    at ");
  }
});

test("Ctrl-C ends with 130 and leaves nothing behind", async () => {
  const { status, err } = await cli(
    ["sql", "select count(*) from range(1000000000) a(i), range(1000000000) b(j) where (i * j) % 7 = 3", "--json"],
    { catalog, interruptAfter: 1500 },
  );
  expect(err).toContain("interrupted");
  expect(status).toBe(130);
  const staging = join(catalog, "staging");
  expect(existsSync(staging) ? readdirSync(staging) : []).toEqual([]);
});

test("every command has help with an example", async () => {
  const { out, status } = await run("--help");
  expect(status).toBe(0);
  const commands = [...out.matchAll(/^ {2}([a-z]+) /gm)]
    .map(([, name]) => name ?? "")
    .filter((name) => name !== "help");
  for (const name of [
    "crawl",
    "apply",
    "databases",
    "tables",
    "show",
    "versions",
    "drift",
    "read",
    "sql",
    "write",
    "attach",
  ])
    expect(commands).toContain(name);
  for (const name of commands) expect((await run(name, "--help")).out).toMatch(/Examples?:\n {2}\$ dynaframe /);
});

test("the version is the package's", async () => {
  const { version } = JSON.parse(readFileSync(join(__dirname, "..", "..", "package.json"), "utf8")) as {
    readonly version: string;
  };
  expect((await run("--version")).out).toBe(`${version}\n`);
});

test("explain-choice tells what each action would do", async () => {
  const shown = await run("explain-choice", "shop.orders", "price", "--cast", "int");
  expect(shown.status).toBe(0);
  const rows = cells(shown.out);
  // nine prices have a fraction, one is the text "dear"
  expect(rows).toContainEqual(expect.arrayContaining(["double", "9", "90.0%"]));
  expect(rows).toContainEqual(["cast:double", "9", "0", "1", "price: double", '"dear"']);
  expect(rows).toContainEqual(["cast:int", "0", "9", "1", "price: int", '"dear"']);
  const explained = (await json("explain-choice", "shop.orders", "items[].qty")) as {
    values: number;
    actions: { action: string; kept: number }[];
  };
  expect(explained.values).toBe(10);
  expect(explained.actions).toContainEqual(
    expect.objectContaining({ action: "cast:int", kept: 10, cast: 0, nulled: 0 }),
  );
  const unknown = await run("explain-choice", "shop.orders", "prise");
  expect(unknown).toMatchObject({ status: 1, err: expect.stringContaining("error UNKNOWN_PATH: ") as string });
});

test("explain tells steps and scans as text, JSON and a page", async () => {
  const text = await run("explain", "shop.orders", "--resolve", "id=cast:string");
  expect(text).toMatchObject({
    status: 0,
    out: expect.stringMatching(
      /shop\.orders: scanned once, 2 files, \d+ bytes; 11 records, 1 malformed, 0 bytes scanned for types/,
    ) as string,
  });
  const told = (await json(
    "explain",
    "shop.orders",
    "--resolve",
    "id=cast:string",
    "--relationalize",
    "o",
    "--table",
    "o_items",
    "--counts",
  )) as { steps: { kind: string; rows: number }[]; sources: { scans: number }[] };
  expect(told.steps.map(({ kind, rows }) => [kind, rows])).toEqual([
    ["fromCatalog", 10],
    ["resolveChoice", 10],
    ["relationalize", 10],
  ]);
  expect(told.sources).toMatchObject([{ scans: 1 }]);
  const page = join(folder, "plan.html");
  expect(await run("explain", "shop.orders", "--html", page)).toMatchObject({ status: 0, out: "" });
  expect(readFileSync(page, "utf8")).toMatch(/^<!doctype html>[^]*scanned once/);
  expect(await run("explain", "shop.orders", "--relationalize", "o", "--table", "x")).toMatchObject({
    status: 2,
    err: expect.stringContaining("--table is one of o, o_items") as string,
  });
  const nowhere = await run("explain", "shop.orders", "--html", join(folder, "none", "plan.html"));
  expect(nowhere).toMatchObject({ status: 1, err: expect.stringContaining("error PATH_NOT_FOUND: ") as string });
});

test("write --format avro is read back", async () => {
  const out = join(folder, "avro");
  expect(
    await run(
      "write",
      "shop.orders",
      "--resolve",
      "id=cast:string",
      "--resolve",
      "price=cast:double",
      "--to",
      out,
      "--format",
      "avro",
    ),
  ).toMatchObject({ status: 0 });
  const glue = await GlueContext.open({ catalog: join(folder, "avro-catalog") });
  try {
    const records = await glue.createDynamicFrame
      .fromOptions({ connectionType: "file", connectionOptions: { path: out }, format: "avro" })
      .records();
    expect(records.map((r) => r["id"]).sort()).toEqual(orders.map((o) => String(o.id)).sort());
    expect(records.find((r) => r["id"] === "9")).toBeUndefined();
    expect(records.find((r) => r["id"] === "7")).toMatchObject({
      price: 7.5,
      note: "n",
      items: [{ sku: "s7", qty: 7 }],
    });
  } finally {
    await glue.close();
  }
});
