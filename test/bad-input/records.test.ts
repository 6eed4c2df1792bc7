/** Records that are valid and yet hurt, and records that are not valid: no value changes without a count. */
import { existsSync, readdirSync } from "node:fs";
import {
  bothWays,
  hazards,
  lean,
  malformedCodes,
  openWorld,
  text,
  written,
  type Account,
  type Read,
  type World,
} from "./world.js";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

type Seen = Account & Read & { readonly records: readonly string[]; readonly hazards: Record<string, number> };

/**
 * Lines read both ways, with what the API gives, what DuckDB reads from the written files, and the hazards of the
 * crawl.
 */
async function seen(content: string | Uint8Array): Promise<readonly Seen[]> {
  world.write("data/a.json", content);
  const reads = await bothWays(world, world.at("data"), "bad");
  const counted = hazards(reads.find(({ crawl }) => crawl)?.crawl);
  const all: Seen[] = [];
  for (const read of reads) {
    const records = (await read.frame.records()).map(lean).sort();
    const account = await written(world, read.frame);
    expect(account.report.written).toBe(records.length);
    all.push({ ...read, ...account, records, hazards: counted });
  }
  return all;
}
const lines = (records: readonly object[]): string => records.map((r) => `${JSON.stringify(r)}\n`).join("");
const texts = (records: readonly object[]): string[] => records.map(lean).sort();

test("of duplicate keys the last wins, at every level, and each is counted", async () => {
  const content =
    '{"a":1,"b":{"x":1,"x":"s"},"a":"last"}\n{"a":"only","b":{"x":"t"}}\n{"a":{"deep":1},"a":null,"a":"third","b":{"x":"u","x":"v"}}\n';
  for (const { records, rows, hazards } of await seen(content)) {
    // JSON.parse keeps the last one too
    const expected = texts(
      content
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as object),
    );
    expect(records).toEqual(expected);
    expect(rows.map(lean).sort()).toEqual(expected);
    expect(hazards).toEqual({ DUPLICATE_KEY: 5 });
  }
});

test("Id beside id: two fields, each with its own values, in the frame and in the files", async () => {
  const given = [
    { Id: 1, id: "a", ID: true },
    { Id: 2, id: "b", ID: false },
    { id: "c", n: { K: 1, k: "x" } },
  ];
  for (const { frame, records, rows, hazards } of await seen(lines(given))) {
    expect((await frame.schema()).fields.map(({ name }) => name)).toEqual(["Id", "id", "ID", "n"]);
    expect(records).toEqual(texts(given));
    expect(
      rows
        .map((r) => [r["Id"], r["id~2"], r["ID~3"], r["n"]])
        .map(text)
        .sort(),
    ).toEqual(
      [
        [1, "a", true, null],
        [2, "b", false, null],
        [null, "c", null, { K: 1, "k~2": "x" }],
      ]
        .map(text)
        .sort(),
    );
    expect(hazards).toEqual({ CASE_CLASH: 5 });
  }
});

test("an empty key, dots, quotes, backticks, newlines, emoji and names of JavaScript are names like any other", async () => {
  const keys = [
    "",
    "a.b",
    "a",
    'q"uote',
    "it's",
    "`tick`",
    "new\nline",
    "tab\t",
    "😀",
    "back\\slash",
    "%41",
    "a b",
    "__proto__",
    "constructor",
    "toString",
    "$x",
    "ＡＢ",
    "select",
    "~",
    "0",
    "[]",
    "list[]",
  ];
  const record = (n: number): string =>
    `{${keys.map((k, i) => `${JSON.stringify(k)}:${i + n}`).join(",")},"in":{${keys.map((k, i) => `${JSON.stringify(k)}:"${i + n}"`).join(",")}}}`;
  const content = `${record(0)}\n${record(100)}\n`;
  const expected = [record(0), record(100)].map((line) => lean(JSON.parse(line))).sort();
  for (const { frame, records, rows, hazards, report } of await seen(content)) {
    expect(report.written).toBe(2);
    expect((await frame.schema()).fields.map(({ name }) => name)).toEqual([...keys, "in"]);
    expect(records).toEqual(expected);
    expect(hazards).toEqual({ EMPTY_KEY: 4 });
    // the empty name is `~` in files, so the field `~` must give way
    const physical = (k: string): string => (k === "" ? "~" : k === "~" ? "~~2" : k);
    for (const row of rows) {
      const n = (row["a"] as number) - keys.indexOf("a");
      for (const [i, k] of keys.entries()) expect([k, row[physical(k)]]).toEqual([k, i + n]);
      // the binding's own conversion loses a nested __proto__; `records` above has it
      expect(text(row["in"])).toBe(
        text(
          Object.fromEntries(
            keys.map((k, i) => [physical(k), String(i + n)] as const).filter(([k]) => k !== "__proto__"),
          ),
        ),
      );
    }
  }
});

test("odd keys can be chosen, renamed and dropped by their quoted names", async () => {
  world.write("data/a.json", '{"a.b":1,"a":{"b":2,"c.d":3},"":4,"`t`":5}\n');
  const frame = world.glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { paths: [world.at("data")] },
    format: "json",
  });
  expect(await frame.selectFields(["`a.b`"]).records()).toEqual([{ "a.b": 1 }]);
  expect(await frame.dropFields(["a.b", "a.`c.d`"]).records()).toEqual([{ "a.b": 1, "": 4, "`t`": 5 }]);
  expect(
    await frame
      .applyMapping([
        ["`a.b`", "int", "x", "int"],
        ["a.b", "int", "y", "int"],
        ["a.`c.d`", "int", "`z.w`", "string"],
      ])
      .records(),
  ).toEqual([{ x: 1, y: 2, "z.w": "3" }]);
});

test("escaped keys are the keys they spell", async () => {
  const content =
    '{"name":1,"\\u006eame2":2}\n{"\\u006eame":3,"name2":4}\n{"n\\u0061me":"five","na\\/me":6}\n{"na/me":7,"\\ud83d\\ude00":8}\n{"😀":9,"name":10,"\\u006e\\u0061me":11}\n';
  const expected = content
    .trim()
    .split("\n")
    .map((line) => lean(JSON.parse(line)))
    .sort();
  for (const { frame, records, hazards } of await seen(content)) {
    expect((await frame.schema()).fields.map(({ name }) => name)).toEqual(["name", "name2", "na/me", "😀"]);
    expect(records).toEqual(expected);
    expect(hazards).toEqual({ DUPLICATE_KEY: 1 });
  }
});

test("integers past 2^53, 2^63 and 10^38 keep every digit; past 38 digits they are text, and counted", async () => {
  const numbers = [
    "9007199254740993",
    "-9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "9".repeat(38),
    `-${"9".repeat(38)}`,
    `1${"0".repeat(38)}`,
    `-${"8".repeat(60)}`,
  ];
  for (const { frame, records, hazards, rows } of await seen(numbers.map((n) => `{"n":${n}}\n`).join(""))) {
    const kinds = (await frame.schema()).fields.map(({ type }) =>
      type.kind === "choice" ? type.choices.map(({ kind }) => kind).sort() : type.kind,
    );
    expect(kinds).toEqual([["decimal", "long", "string"]]);
    // exact texts: longs as numbers, decimals and strings as text
    expect(records.map((r) => r.replace(/^\{"n":"?|"?\}$/g, "")).sort()).toEqual([...numbers].sort());
    expect(
      rows
        .map((r) => Object.values(r["n"] as object).filter((v) => v !== null))
        .flat()
        .map(String)
        .sort(),
    ).toEqual([...numbers].sort());
    expect(hazards).toEqual({ NUMBER_TOO_LONG: 2 });
  }
});

test("1e400 is text and counted, 1e-400 reads as 0 and is counted, doubles keep their digits", async () => {
  const doubles = [
    "0.1",
    "1.0",
    "1e2",
    "-0.0",
    "1.7976931348623157e308",
    "5e-324",
    "0.1000000000000000055",
    "123456789.123456789",
    "2.2250738585072011e-308",
  ];
  const content = [...doubles, "1e-400", "1e400", "-1e999"].map((n) => `{"n":${n}}\n`).join("");
  for (const { frame, records, rows, hazards } of await seen(content)) {
    expect((await frame.schema()).fields[0]?.type).toMatchObject({ kind: "choice" });
    const found = (await frame.records()).map((r) => r["n"]);
    expect(
      found
        .filter((v) => typeof v === "number")
        .map((v) => (Object.is(v, -0) ? "-0" : String(v)))
        .sort(),
    ).toEqual([...doubles.map((d) => (d === "-0.0" ? "-0" : String(JSON.parse(d)))), "0"].sort());
    expect(found.filter((v) => typeof v === "string").sort()).toEqual(["-1e999", "1e400"]);
    expect(records).toHaveLength(12);
    expect(
      rows
        .map((r) => (r["n"] as { string: string | null }).string)
        .filter((s) => s !== null)
        .sort(),
    ).toEqual(["-1e999", "1e400"]);
    expect(hazards).toEqual({ NUMBER_OVERFLOW: 2, NUMBER_UNDERFLOW: 1 });
  }
});

test("1 is an int and 1.0 a double, and a choice keeps them apart", async () => {
  for (const { rows } of await seen('{"n":1}\n{"n":1.0}\n{"n":1e0}\n')) {
    expect(rows.map(text).sort()).toEqual(
      [{ n: { int: 1, double: null } }, { n: { int: null, double: 1 } }, { n: { int: null, double: 1 } }]
        .map(text)
        .sort(),
    );
  }
});

test.each([
  ["NaN", '{"a":NaN}'],
  ["Infinity", '{"a":-Infinity}'],
  ["a trailing comma", '{"a":1,}'],
  ["a trailing comma in a list", '{"a":[1,]}'],
  ["single quotes", "{'a':1}"],
  ["a bare key", "{a:1}"],
  ["a comment", '{"a":1/*x*/}'],
  ["two records in a line", '{"a":1} {"a":2}'],
  ["a leading zero", '{"a":01}'],
  ["a cut record", '{"a":'],
])("%s is an error record with its bytes; the records around it are read", async (_name, bad) => {
  expect(() => {
    JSON.parse(bad);
  }).toThrow();
  const before = '{"a":1,"ok":"before"}\n';
  for (const { frame, records, report, crawl } of await seen(`${before}${bad}\n{"a":2,"ok":"after"}\n`)) {
    expect(records).toEqual(
      texts([
        { a: 1, ok: "before" },
        { a: 2, ok: "after" },
      ]),
    );
    expect([report.read, report.written, report.errors]).toEqual([3, 2, 1]);
    expect(await frame.errorsAsDynamicFrame().records()).toMatchObject([
      { error: { input: bad, source: `${world.at("data/a.json")}:${before.length}-${before.length + bad.length}` } },
    ]);
    if (crawl) expect(malformedCodes(crawl)).toEqual(["INVALID_JSON"]);
  }
});

test("records that are no objects are errors, each", async () => {
  for (const { records, report, crawl } of await seen('{"a":1}\n7\n"text"\nnull\n[1,2]\ntrue\n{"a":2}\n')) {
    expect(records).toEqual(texts([{ a: 1 }, { a: 2 }]));
    expect([report.read, report.written, report.errors]).toEqual([7, 2, 5]);
    if (crawl) expect(malformedCodes(crawl)).toEqual(Array(5).fill("NOT_AN_OBJECT"));
  }
});

test("lone surrogates read as U+FFFD and are counted, pairs are not touched", async () => {
  const content = '{"s":"a\\ud800b"}\n{"s":"\\udc00"}\n{"s":"\\ud83d\\ude00"}\n{"\\ud800k":1}\n';
  for (const { records, hazards, report } of await seen(content)) {
    const replaced = content
      .trim()
      .split("\n")
      .map((line) =>
        text(JSON.parse(line, (_k, v: unknown) => (typeof v === "string" ? v.toWellFormed() : v))).replace(
          "\\ud800k",
          "\ufffdk",
        ),
      );
    expect(records).toEqual(replaced.sort());
    expect(report.errors).toBe(0);
    expect(hazards).toEqual({ LONE_SURROGATE: 3 });
  }
});

test("invalid UTF-8 is an error record at its byte", async () => {
  const bad = Buffer.concat([Buffer.from('{"s":"x'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]);
  for (const { frame, records, report, crawl } of await seen(
    Buffer.concat([Buffer.from('{"s":"é"}\n'), bad, Buffer.from('\n{"s":"z"}\n')]),
  )) {
    expect(records).toEqual(texts([{ s: "é" }, { s: "z" }]));
    expect([report.read, report.errors]).toEqual([3, 1]);
    if (crawl)
      expect(crawl.tables[0]?.contents.malformedRecords).toMatchObject([
        { code: "INVALID_UTF8", offset: 11, end: 11 + bad.length, at: 7 },
      ]);
    expect(await frame.errorsCount()).toBe(1);
  }
});

test("bad input within a CSV file: quotes left open, too many and too few cells, odd headers, invalid UTF-8", async () => {
  const rows = ["id;na.me;Ünï", "1;a;x", "2;b", "3;c;y;extra", '4;"q;""uo\nted";z', "5;d;w"];
  world.write("csv/a.csv", `${rows.join("\n")}\n`);
  const frame = world.glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { paths: [world.at("csv")] },
    format: "csv",
    formatOptions: { withHeader: true, separator: ";", multiLine: true },
  });
  const { report, rows: stored } = await written(world, frame);
  expect([report.read, report.written, report.errors]).toEqual([5, 4, 1]);
  expect(stored.map(text).sort()).toEqual(
    [
      { id: "1", "na.me": "a", Ünï: "x" },
      { id: "2", "na.me": "b", Ünï: null },
      { id: "4", "na.me": 'q;"uo\nted', Ünï: "z" },
      { id: "5", "na.me": "d", Ünï: "w" },
    ]
      .map(text)
      .sort(),
  );
});

test("a record of 20,000 fields with long names is crawled and read like any other", async () => {
  const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`field_${i}_${"x".repeat(20)}`, i]));
  for (const { frame, crawl } of await bothWays(
    world,
    (world.write("data/a.json", `${JSON.stringify(wide)}\n`), world.at("data")),
    "bad",
  )) {
    expect((await frame.schema()).fields).toHaveLength(20_000);
    if (crawl) expect([crawl.totals.records, crawl.tables[0]?.columns.length, crawl.problems]).toEqual([1, 20_000, []]);
  }
}, 60_000);

test.each(["json", "csv", "parquet", "avro"] as const)(
  "records without any field are written as %s, counted and read again; CSV has no line for them",
  async (format) => {
    for (const rows of [[], [{}, {}]]) {
      const frame = world.glue.createDynamicFrame.fromRows(rows);
      const path = world.at(`out-${format}-${rows.length}`);
      const writing = world.glue.writeDynamicFrame.fromOptions({
        frame,
        connectionType: "file",
        connectionOptions: { path },
        format,
      });
      if (format === "csv" && rows.length > 0) {
        await expect(writing).rejects.toMatchObject({ code: "CSV_NO_FIELDS" });
        expect(existsSync(path) ? readdirSync(path) : []).toEqual([]);
        continue;
      }
      expect(await writing).toMatchObject({ read: rows.length, written: rows.length, errors: 0, balanced: true });
      if (rows.length > 0)
        expect(
          await world.glue.createDynamicFrame
            .fromOptions({ connectionType: "file", connectionOptions: { path }, format })
            .count(),
        ).toBe(rows.length);
    }
  },
);
