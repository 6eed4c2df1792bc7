/**
 * Files that are kept as they were shredded: what packing them by dictionary and snappy must not change, and what their
 * footers say.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ResultKind } from "../../../src/shapes/shred/result-columns.js";
import { scanAndShred } from "../../../src/shapes/shred/scan-and-shred.js";
import { BOOLEAN, DOUBLE, INT, LONG, STRING, structOf, type StructType } from "../../../src/types/data-type.js";
import { shredFixture } from "./shred-fixture.js";

const opened = shredFixture();
const { fixture } = opened;
let made = 0;

type Line = { readonly [name: string]: unknown };
const TYPES = { boolean: BOOLEAN, int: INT, long: LONG, double: DOUBLE, string: STRING } as const;

/** The file that is written of these fields of the lines; a field beside them is not wanted. */
async function written(
  lines: readonly Line[],
  kinds: { readonly [name: string]: ResultKind },
  workers = 1,
): Promise<string> {
  const ref = fixture.write(
    `lines-${made++}.json`,
    lines.map((line) => `${JSON.stringify({ ...line, other: 1 })}\n`).join(""),
  );
  const folder = join(fixture.folder, `result-${made}`);
  mkdirSync(folder);
  const names = Object.keys(kinds);
  const type = structOf(Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, TYPES[kind]])));
  const wanted = (of: StructType): StructType =>
    structOf(Object.fromEntries(of.fields.flatMap((f) => (names.includes(f.name) ? [[f.name, f.type]] : []))));
  const done = await scanAndShred(
    [ref],
    wanted,
    { reader: { kind: "json", mode: "lines" }, above: 0, workersAbove: 0, rangeBytes: 1 << 20 },
    {
      storage: fixture.storage,
      workers,
      folder: async () => folder,
      resultOf: () => ({ columns: Object.entries(kinds).map(([name, kind]) => ({ path: [name], kind })), type }),
    },
  );
  const path = done?.shredded?.written?.file.path;
  if (path === undefined) throw new Error("nothing was written");
  return path;
}

async function query(sql: string): Promise<unknown[][]> {
  return (await opened.connection.runAndReadAll(sql)).getRowsJS();
}

test("columns of few, many and too many values come back, by row group, with bounds that hold", async () => {
  const rows = 130_000;
  const lines = Array.from({ length: rows }, (_, i): Line => ({
    few: ["a", "bb", "", "ünï", "b"][i % 5],
    one: "same",
    every: `value ${i} of all`,
    many: `m${(Math.imul(i ^ (i >>> 7), 0x9e3779b1) >>> 8) % 3000}`,
    late: i < 5000 ? "x" : `l${i}`,
    id: i - 65_000,
    wide: i % 3,
    big: (1 + (i % 50_000)) * 4_294_967_296,
    real: (i % 11) / 8 - 0.45,
    sparse: i % 1000 === 0 ? i : null,
    yes: i % 7 === 0,
    none: null,
  }));
  const kinds = {
    few: "string",
    one: "string",
    every: "string",
    many: "string",
    late: "string",
    id: "int",
    wide: "long",
    big: "long",
    real: "double",
    sparse: "int",
    yes: "boolean",
  } as const;
  for (const workers of [1, 2]) {
    const path = await written(lines, kinds, workers);
    const found = await query(`SELECT * FROM '${path}' ORDER BY id`);
    expect(found).toHaveLength(rows);
    const expected = lines.map((line) =>
      Object.keys(kinds).map((name) => (name === "wide" || name === "big" ? BigInt(line[name] as number) : line[name])),
    );
    expect(found.findIndex((row, i) => row.some((value, c) => value !== expected[i]?.[c]))).toBe(-1);
    const columns =
      await query(`SELECT path_in_schema, bool_and(encodings LIKE '%DICTIONARY%'), min(total_compressed_size), max(row_group_num_rows), sum(num_values)
      FROM parquet_metadata('${path}') GROUP BY 1`);
    const byDictionary = columns.filter(([, packed]) => packed === true).map(([name]) => name);
    expect(byDictionary.sort()).toEqual(["few", "many", "one", "real", "wide"].sort());
    expect(columns.every(([, , , , values]) => Number(values) === rows)).toBe(true);
    expect(
      await query(
        `SELECT count(*) FROM '${path}' WHERE few = 'ünï' AND id >= -65000 AND every > 'value' AND real >= -0.45`,
      ),
    ).toEqual([[26_000n]]);
    const bounds = await query(
      `SELECT path_in_schema, min(stats_min_value), max(stats_max_value), sum(stats_null_count)::INT FROM parquet_metadata('${path}') WHERE path_in_schema IN ('few', 'one', 'yes') GROUP BY 1 ORDER BY 1`,
    );
    expect(bounds).toEqual([
      ["few", "", "ünï", 0],
      ["one", "same", "same", 0],
      ["yes", null, null, 0],
    ]);
    expect(
      await query(
        `SELECT min(CAST(stats_min_value AS INT)), max(CAST(stats_max_value AS INT)) FROM parquet_metadata('${path}') WHERE path_in_schema = 'id'`,
      ),
    ).toEqual([[-65_000, 64_999]]);
    expect(
      await query(`SELECT sum(stats_null_count)::INT FROM parquet_metadata('${path}') WHERE path_in_schema = 'sparse'`),
    ).toEqual([[rows - 130]]);
    expect(await query(`SELECT decode(key), decode(value) FROM parquet_kv_metadata('${path}')`)).toMatchObject([
      ["dynaframe.schema", expect.stringContaining('"few"')],
    ]);
  }
}, 300_000);

test("texts longer than a page of memory, and both zeros", async () => {
  const long = "long ".repeat(20_000);
  const lines = Array.from({ length: 300 }, (_, i): Line => ({
    text: i % 3 === 0 ? `${long}${i % 6}` : "short",
    zero: 0,
  }));
  const path = await written(
    lines.map((line, i) => ({ ...line, n: i })),
    { text: "string", n: "int" },
  );
  expect((await query(`SELECT text FROM '${path}' ORDER BY n`)).map(([text]) => text)).toEqual(
    lines.map(({ text }) => text),
  );
  expect(await query(`SELECT count(*) FROM '${path}' WHERE text > 'long long'`)).toEqual([[300n]]);
  const zeros = fixture.write("zeros.json", '{"d":0.0,"o":1}\n{"d":-0.0,"o":1}\n');
  const folder = join(fixture.folder, "zeros");
  mkdirSync(folder);
  const done = await scanAndShred(
    [zeros],
    () => structOf({ d: DOUBLE }),
    { reader: { kind: "json", mode: "lines" }, above: 0 },
    {
      storage: fixture.storage,
      workers: 1,
      folder: async () => folder,
      resultOf: () => ({ columns: [{ path: ["d"], kind: "double" }], type: structOf({ d: DOUBLE }) }),
    },
  );
  expect(
    await query(
      `SELECT stats_min_value, stats_max_value FROM parquet_metadata('${done?.shredded?.written?.file.path ?? ""}')`,
    ),
  ).toEqual([["-0.0", "0.0"]]);
});

test("what is not just a field of the records is not written", async () => {
  const ref = fixture.write("choice.json", '{"a":1,"b":1}\n{"a":"x","b":{"c":1}}\n');
  const type = structOf({ a: LONG });
  for (const path of [["a"], ["b"], ["b", "c"], ["gone"]]) {
    const folder = join(fixture.folder, `not-${path.join("-")}`);
    mkdirSync(folder);
    const wanted = (of: StructType): StructType =>
      structOf(Object.fromEntries(of.fields.filter(({ name }) => name === "a").map((f) => [f.name, f.type])));
    const done = await scanAndShred(
      [ref],
      wanted,
      { reader: { kind: "json", mode: "lines" }, above: 0 },
      {
        storage: fixture.storage,
        workers: 1,
        folder: async () => folder,
        resultOf: () => ({ columns: [{ path, kind: "long" }], type }),
      },
    );
    expect(done?.shredded?.result.records).toBe(2);
    expect(done?.shredded?.written).toBeUndefined();
  }
});
