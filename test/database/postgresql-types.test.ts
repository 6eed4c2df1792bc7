/** PostgreSQL's own types, read exactly; expectations are the server's texts and the documentation's ranges. */
import { Decimal, DateValue, TimestampValue, type DynamicFrame } from "../../src/index.js";
import { startDatabase, type TestDatabase } from "./servers.js";

let db: TestDatabase | undefined;
beforeAll(async () => {
  db = await startDatabase("postgresql");
});
afterAll(async () => {
  await db?.stop();
});

const check = (name: string, body: (database: TestDatabase) => Promise<void>): void =>
  test(name, async () => {
    if (db !== undefined) await body(db);
  });
const query = ({ glue, options }: TestDatabase, sql: string): DynamicFrame =>
  glue.createDynamicFrame.fromOptions({ connectionType: "postgresql", connectionOptions: { ...options, query: sql } });
const types = async (frame: DynamicFrame): Promise<Record<string, unknown>> =>
  Object.fromEntries(
    (await frame.schema()).fields.map((f) => [
      f.name,
      "precision" in f.type
        ? `decimal(${f.type.precision},${f.type.scale})`
        : "element" in f.type
          ? `array<${f.type.element.kind}>`
          : f.type.kind,
    ]),
  );
async function notesOf(frame: DynamicFrame): Promise<readonly string[]> {
  const { sources } = await frame.environment.resolve(frame.node);
  return sources.flatMap((s) => s.notes);
}

check("texts of types without a frame type", async (database) => {
  const texts: Record<string, string> = {
    "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    '\'{"b":1.50,  "a":null}\'::json': '{"b":1.50,  "a":null}',
    '\'{"b":1.50,"a":null}\'::jsonb': '{"a": null, "b": 1.50}',
    "'23:59:59.999999'::time": "23:59:59.999999",
    "'04:05+02'::timetz": "04:05:00+02",
    "'1 year 2 days 03:04:05.6'::interval": "1 year 2 days 03:04:05.6",
    "B'101'": "101",
    "'10.1.2.3/8'::inet": "10.1.2.3/8",
    "'[1,5)'::int4range": "[1,5)",
    "row(1,'a b')": '(1,"a b")',
    "'<a>x</a>'::xml": "<a>x</a>",
    "'ab'::char(4)": "ab  ",
  };
  const columns = Object.keys(texts).map((sql, i) => `${sql} AS c${i}`);
  const [record] = await query(database, `SELECT ${columns.join(", ")}`).records();
  expect(Object.values(record ?? {})).toEqual(Object.values(texts));
});

check("enums and domains", async (database) => {
  await database.sql(
    "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN price AS numeric(8,3); CREATE DOMAIN dear AS price CHECK (VALUE > 10); CREATE TABLE d (m mood, p dear, ps price[]); INSERT INTO d VALUES ('ok', 12.5, '{1.25,NULL}')",
  );
  const frame = query(database, "SELECT * FROM d");
  expect(await types(frame)).toEqual({ m: "string", p: "decimal(8,3)", ps: "array<decimal>" });
  expect(await frame.records()).toEqual([{ m: "ok", p: new Decimal(12_500n, 3), ps: [new Decimal(1250n, 3), null] }]);
});

check("numeric without a precision takes that of its values", async (database) => {
  const frame = query(
    database,
    "SELECT v::numeric AS n FROM (VALUES ('1.50'), ('-12345678901234567890123456789.123456789'), (NULL), ('0.0')) t(v)",
  );
  expect(await types(frame)).toEqual({ n: "decimal(38,9)" });
  expect((await frame.records()).map((r) => (r["n"] === null ? null : String(r["n"])))).toEqual([
    "1.500000000",
    "-12345678901234567890123456789.123456789",
    null,
    "0.000000000",
  ]);
});

check("what decimal, date and timestamp cannot hold is text, and a note counts why", async (database) => {
  const frame = query(
    database,
    "SELECT * FROM (VALUES (1e40::numeric, 'NaN'::numeric(5,2), 'infinity'::date, 'infinity'::timestamptz), (0.5, 1.25, '2024-01-01', '2024-01-01 00:00+00')) t(big, nan, day, at)",
  );
  expect(await types(frame)).toEqual({ big: "string", nan: "string", day: "string", at: "string" });
  expect(await frame.records()).toEqual([
    { big: `1${"0".repeat(40)}`, nan: "NaN", day: "infinity", at: "infinity" },
    { big: "0.5", nan: "1.25", day: "2024-01-01", at: "2024-01-01 00:00:00+00" },
  ]);
  expect((await notesOf(frame)).filter((n) => n.startsWith("Column"))).toEqual([
    expect.stringMatching(/big is read as text: .*42 digits/),
    expect.stringMatching(/nan is read as text: 1 values/),
    expect.stringMatching(/day .*: 1 values/),
    expect.stringMatching(/at .*: 1 values/),
  ]);
});

check("special doubles and floats, to the last bit", async (database) => {
  const [record] = await query(
    database,
    "SELECT 'NaN'::float8 AS a, '-Infinity'::float8 AS b, '-0'::float8 AS c, 0.1::float4 AS d, 'Infinity'::float4 AS e, 2.2250738585072011e-308::float8 AS f",
  ).records();
  expect(record).toEqual({ a: NaN, b: -Infinity, c: -0, d: Math.fround(0.1), e: Infinity, f: 2.2250738585072011e-308 });
});

check("dates and times far from now, in UTC whatever the server's zone", async (database) => {
  const [record] = await query(
    database,
    "SELECT '0044-03-15 BC'::date AS ides, '0001-01-01 BC'::date AS zero, '0044-03-15 12:00:00.5 BC'::timestamp AS noon, '1900-01-01 00:00:00+00'::timestamptz AS old, '5874897-12-31'::date AS late, '5874897-12-31'::date - '1970-01-01'::date AS late_days",
  ).records();
  // days by the proleptic Gregorian calendar: 0000-01-01 is day -719528
  expect(record).toEqual({
    ides: new DateValue(-735_160),
    zero: new DateValue(-719_528),
    noon: new TimestampValue(-735_160n * 86_400_000_000n + 43_200_500_000n),
    old: new TimestampValue(-2_208_988_800_000_000n),
    late: new DateValue(Number(record?.["late_days"])),
    late_days: 2_145_042_905,
  });
});

check("arrays: quoting, nulls, levels, and those that do not count from 1", async (database) => {
  const frame = query(
    database,
    `SELECT ARRAY['a,b', '{c}', 'q"\\', '', 'NULL', NULL] AS t, ARRAY[[1,2],[3,NULL]] AS m, '{}'::int[] AS e, ARRAY[true,false] AS b, ARRAY['\\xff'::bytea] AS y, '[0:1]={7,8}'::int[] AS z, ARRAY['2024-02-29'::date] AS d`,
  );
  expect(await frame.records()).toEqual([
    {
      t: ["a,b", "{c}", 'q"\\', "", "NULL", null],
      m: [
        [1, 2],
        [3, null],
      ],
      e: [],
      b: [true, false],
      y: [new Uint8Array([255])],
      z: "[0:1]={7,8}",
      d: [new DateValue(19_782)],
    },
  ]);
  expect(await notesOf(frame)).toContainEqual(expect.stringMatching(/Column z is read as text: 1 arrays/));
});

check(
  "structs, maps and lists of structs are written as jsonb, texts into any type that is parsed",
  async (database) => {
    await database.sql(
      "CREATE TYPE colour AS ENUM ('red'); CREATE TABLE parsed (id uuid, t time, c colour, j json, tags text[], n numeric, i inet)",
    );
    const frame = database.glue.createDynamicFrame.fromRows([
      {
        id: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        t: "12:00:00",
        c: "red",
        j: '{"a" : 1}',
        tags: ["x", 'y"'],
        n: 0.1,
        i: "10.0.0.1",
      },
    ]);
    const write = (f: DynamicFrame, dbtable: string): Promise<unknown> =>
      database.glue.writeDynamicFrame.fromOptions({
        frame: f,
        connectionType: "postgresql",
        connectionOptions: { ...database.options, dbtable },
      });
    await write(frame, "parsed");
    expect(await database.sql("SELECT * FROM parsed")).toEqual([
      ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "12:00:00", "red", '{"a" : 1}', '{x,"y\\""}', "0.1", "10.0.0.1"],
    ]);
    await expect(
      write(
        frame.map((r) => ({ ...r, c: "blue" })),
        "parsed",
      ),
    ).rejects.toMatchObject({ code: "VALUE_NOT_HELD", path: "c", found: "blue" });
    await expect(
      write(
        frame.map((r) => ({ ...r, j: "{" })),
        "parsed",
      ),
    ).rejects.toMatchObject({ code: "VALUE_NOT_HELD", path: "j" });
    await write(
      database.glue.createDynamicFrame.fromRows([{ s: { a: 9007199254740993n, b: [{ c: "x" }] }, l: [[1], [2, 3]] }]),
      "nested",
    );
    expect(await database.sql("SELECT s, l, pg_typeof(s), pg_typeof(l) FROM nested")).toEqual([
      ['{"a": 9007199254740993, "b": [{"c": "x"}]}', "[[1], [2, 3]]", "jsonb", "jsonb"],
    ]);
  },
);

check("a text that PostgreSQL cannot hold, and a value that varchar would cut", async (database) => {
  await database.sql("CREATE TABLE short_text (v varchar(3))");
  const write = (v: string): Promise<unknown> =>
    database.glue.writeDynamicFrame.fromOptions({
      frame: database.glue.createDynamicFrame.fromRows([{ v: "ok" }, { v }]),
      connectionType: "postgresql",
      connectionOptions: { ...database.options, dbtable: "short_text" },
    });
  for (const v of ["a\0b", "four", "abc ", "🦆🦆🦆🦆"])
    await expect(write(v)).rejects.toMatchObject({
      code: "VALUE_NOT_HELD",
      path: "v",
      message: expect.stringContaining("Nothing was written") as string,
    });
  expect(await database.sql("SELECT * FROM short_text")).toEqual([]);
  await write("🦆🦆🦆");
});

check("a text that a type would round or cut is refused; what fits it is written", async (database) => {
  await database.sql(
    'CREATE TABLE rounded (t time(0), z timetz(3), i interval, m money, n name, c "char", s numeric(3,5), h numeric(5,-2), o oid, j jsonb)',
  );
  const good = {
    t: "12:00:00.0",
    z: "12:00:00.123+01",
    i: "1 day 00:00:01.5",
    m: "1.50",
    n: "x".repeat(63),
    c: "a",
    s: 0.00123,
    h: 12_300,
    o: 4_294_967_295,
    j: '{"a" : 1.50, "b": [{"a": "\\"a\\": 1"}]}',
  };
  const write = (record: object): Promise<unknown> =>
    database.glue.writeDynamicFrame.fromOptions({
      frame: database.glue.createDynamicFrame.fromRows([record]),
      connectionType: "postgresql",
      connectionOptions: { ...database.options, dbtable: "rounded" },
    });
  const bad: readonly (readonly [string, unknown])[] = [
    ["t", "12:00:00.7"],
    ["z", "12:00:00.1234+01"],
    ["i", "1.2345678 seconds"],
    ["m", "1.555"],
    ["n", "x".repeat(64)],
    ["c", "é"],
    ["c", "ab"],
    ["s", 0.0123],
    ["h", 12_345],
    ["o", 4_294_967_296],
    ["j", '{"a": 1, "a": 2}'],
    ["j", '{"a": "\\ud800"}'],
  ];
  for (const [path, value] of bad)
    await expect(write({ ...good, [path]: value })).rejects.toMatchObject({ code: "VALUE_NOT_HELD", path });
  expect(await database.sql("SELECT * FROM rounded")).toEqual([]);
  await write(good);
  expect(await database.sql("SELECT t, z, i, m, n, c, s, h, o, j FROM rounded")).toEqual([
    [
      "12:00:00",
      "12:00:00.123+01",
      "1 day 00:00:01.5",
      "$1.50",
      "x".repeat(63),
      "a",
      "0.00123",
      "12300",
      "4294967295",
      '{"a": 1.50, "b": [{"a": "\\"a\\": 1"}]}',
    ],
  ]);
});

check(
  "an interval of few fields takes what it keeps; what it would cut is refused, in arrays and domains too",
  async ({ glue, options, sql }) => {
    const fields = [
      "",
      "year",
      "month",
      "day",
      "hour",
      "minute",
      "second(2)",
      "year to month",
      "day to hour",
      "day to minute",
      "day to second(0)",
      "hour to minute",
      "hour to second",
      "minute to second(1)",
    ];
    const texts = [
      "1 year",
      "2 years 3 mons",
      "1 year 2 mons 3 days 04:05:06.789",
      "-1 days +02:03:00",
      "3 days 00:00:00",
      "25:00:00",
      "00:00:01.50",
      "5",
      "1:30",
      "P1Y2M3DT4H5M6.7S",
      "P3D",
      "PT4H",
      "PT0.25S",
      "P1W",
      "2 hours 30 minutes",
      "1 day ago",
      "1.5 days",
      "1.5 years",
      "1-2 3 4:05:06",
      "@ 1 min",
      "90 minutes",
      "1.5",
      "0.25 mons",
      "P0001-02-03T04:05:06",
    ];
    await sql("CREATE DOMAIN whole_days AS interval day; CREATE DOMAIN some_days AS whole_days CHECK (VALUE > '0')");
    await sql(
      `CREATE TABLE spans (${fields.map((f, i) => `c${i} interval ${f}`).join(", ")}, d some_days, a interval day[], da some_days[])`,
    );
    const connectionOptions = { ...options, dbtable: "spans" };
    const write = (record: object): Promise<unknown> => {
      const frame = glue.createDynamicFrame.fromRows([record]);
      return glue.writeDynamicFrame.fromOptions({
        frame,
        connectionType: "postgresql",
        connectionOptions,
        mode: "overwrite",
      });
    };
    const cut: readonly (readonly [string, unknown])[] = [
      ["d", "1 day 02:00:00"],
      ["a", ["1 day", "02:00:00"]],
      ["da", ["36:00:00"]],
      ["c0", "1.1 years"],
      ["c0", "1.01 centuries"],
      ["c0", "P1.1Y"],
      ["c0", "00:00:00.0000001"],
      ["c0", "1e-9 seconds"],
    ];
    for (const [path, value] of cut)
      await expect(write({ [path]: value })).rejects.toMatchObject({ code: "VALUE_NOT_HELD", path });
    await write({ d: "1 day", a: ["3 days", null], da: ["2 days"] });
    let taken = 0;
    for (const text of texts) {
      for (const [i, field] of fields.entries()) {
        const refused = await write({ [`c${i}`]: text }).then(
          () => undefined,
          (error: { code?: string }) => error.code,
        );
        if (refused !== undefined) {
          expect([text, refused]).toEqual([text, "VALUE_NOT_HELD"]);
          continue;
        }
        taken++;
        // a lone number counts in the unit of the column
        if (/^-?\d+$/.test(text)) continue;
        expect([text, field, await sql(`SELECT c${i}::text FROM spans`)]).toEqual([
          text,
          field,
          await sql(`SELECT (interval '${text}')::text`),
        ]);
      }
    }
    expect(taken).toBeGreaterThan(150);
    // what PostgreSQL prints of a column goes into it again
    const printed: readonly (readonly [number, string])[] = [
      [0, "1 year 2 mons 3 days 04:05:06.789"],
      [1, "-2 years"],
      [2, "1 year -2 mons"],
      [3, "1 year 2 mons -3 days"],
      [4, "3 days 04:00:00"],
      [5, "-04:05:00"],
      [6, "04:05:06.78"],
      [7, "1 year 2 mons"],
      [10, "3 days -04:05:06"],
      [13, "00:00:06.7"],
    ];
    for (const [i, text] of printed) await write({ [`c${i}`]: text });
  },
);

check("all parts of a parallel read see one moment", async (database) => {
  await database.sql(
    "CREATE TABLE moment (id bigint, v bigint); INSERT INTO moment SELECT i, 0 FROM generate_series(1, 20000) i",
  );
  let going = true;
  const writer = (async () => {
    while (going) await database.sql("BEGIN; UPDATE moment SET v = v + 1; UPDATE moment SET id = id; COMMIT");
  })();
  const frame = database.glue.createDynamicFrame.fromOptions({
    connectionType: "postgresql",
    connectionOptions: { ...database.options, dbtable: "moment", hashexpression: "id", hashpartitions: 4 },
  });
  const seen = (
    await frame
      .toDF()
      .sql("select count(*) as n, count(distinct id) as ids, count(distinct v) as moments from self")
      .rows()
  )[0];
  going = false;
  await writer;
  expect(Object.values(seen ?? {}).map(Number)).toEqual([20_000, 20_000, 1]);
});
