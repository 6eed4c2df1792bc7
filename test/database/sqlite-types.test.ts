/** SQLite's cells have types of their own; declarations are hints. */
import { TimestampValue, type DynamicFrame } from "../../src/index.js";
import { startDatabase, type TestDatabase } from "./servers.js";

let db: TestDatabase;
beforeAll(async () => {
  const started = await startDatabase("sqlite");
  if (started === undefined) throw new Error("SQLite needs no server");
  db = started;
});
afterAll(() => db.stop());

const read = (connectionOptions: { readonly dbtable?: string; readonly query?: string }): DynamicFrame =>
  db.glue.createDynamicFrame.fromOptions({
    connectionType: "sqlite",
    connectionOptions: { ...db.options, ...connectionOptions },
  });

test("cells of several kinds make a choice, which resolveChoice resolves", async () => {
  await db.sql(
    "CREATE TABLE mixed (a, b INTEGER, c TEXT, d NUMERIC); INSERT INTO mixed VALUES (1, 1, 'x', 1.0), ('one', 'two', X'00', 2.5), (2.5, 9223372036854775807, NULL, NULL), (X'01', NULL, 'y', 3)",
  );
  const frame = read({ dbtable: "mixed" });
  expect((await frame.schemaTree()).trim().split("\n")).toEqual([
    "root",
    "|-- a: choice",
    "|    |-- binary",
    "|    |-- double",
    "|    |-- int",
    "|    |-- string",
    "|-- b: choice",
    "|    |-- long",
    "|    |-- string",
    "|-- c: choice",
    "|    |-- binary",
    "|    |-- string",
    "|-- d: double",
  ]);
  expect(await frame.records()).toEqual([
    { a: 1, b: 1, c: "x", d: 1 },
    { a: "one", b: "two", c: new Uint8Array([0]), d: 2.5 },
    { a: 2.5, b: 9223372036854775807n, c: null, d: null },
    { a: new Uint8Array([1]), b: null, c: "y", d: 3 },
  ]);
  expect(
    await frame
      .resolveChoice({
        specs: [
          ["b", "cast:string"],
          ["a", "project:int"],
          ["c", "project:string"],
        ],
      })
      .selectFields(["a", "b"])
      .records(),
  ).toEqual([
    { a: 1, b: "1" },
    { a: null, b: "two" },
    { a: null, b: "9223372036854775807" },
    { a: null, b: null },
  ]);
});

test("declared dates hold as long as every cell is one; else a note says how many are not", async () => {
  await db.sql(
    "CREATE TABLE dated (at DATETIME, odd DATE); INSERT INTO dated VALUES ('2024-02-29 12:00:00', '2024-02-30'), ('2024-02-29T12:00:00.5', '2024-01-01')",
  );
  const frame = read({ dbtable: "dated" });
  expect(await frame.records()).toEqual([
    { at: new TimestampValue(1_709_208_000_000_000n), odd: "2024-02-30" },
    { at: new TimestampValue(1_709_208_000_500_000n), odd: "2024-01-01" },
  ]);
  const { sources } = await frame.environment.resolve(frame.node);
  expect(sources.flatMap((s) => s.notes)).toContainEqual(
    expect.stringMatching(/Column odd is declared for date, which 1 of its cells are not/),
  );
});

test("texts do not turn into numbers, numbers not into texts", async () => {
  await db.sql("CREATE TABLE affine (i INTEGER, t TEXT, n DECIMAL(10,2))");
  const write = (record: object): Promise<unknown> =>
    db.glue.writeDynamicFrame.fromOptions({
      frame: db.glue.createDynamicFrame.fromRows([record]),
      connectionType: "sqlite",
      connectionOptions: { ...db.options, dbtable: "affine" },
    });
  await expect(write({ i: "12" })).rejects.toMatchObject({ code: "TYPE_NOT_HELD", path: "i" });
  await expect(write({ t: 12 })).rejects.toMatchObject({ code: "TYPE_NOT_HELD", path: "t" });
  await write({ i: 12, t: "012", n: 1.25 });
  expect(await db.sql("SELECT *, typeof(i), typeof(t), typeof(n) FROM affine")).toEqual([
    ["12", "012", "1.25", "integer", "text", "real"],
  ]);
});

test("a file that is not there is no source; one that is no database says so", async () => {
  const at = (url: string): Promise<number> =>
    db.glue.createDynamicFrame
      .fromOptions({ connectionType: "sqlite", connectionOptions: { url, dbtable: "t" } })
      .count();
  await expect(at(`${db.folder}/none.db`)).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
  await expect(at(__filename)).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
});

test("a reader that stops early does not keep the file locked", async () => {
  await db.sql(
    "CREATE TABLE long_table (id INTEGER); INSERT INTO long_table WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) SELECT i FROM n",
  );
  const stop = new AbortController();
  const reading = read({ dbtable: "long_table" }).count({ signal: stop.signal });
  setTimeout(() => {
    stop.abort();
  }, 20);
  await reading.catch(() => undefined);
  await db.sql("INSERT INTO long_table VALUES (0)");
  expect(await read({ dbtable: "long_table" }).count()).toBe(50_001);
});
