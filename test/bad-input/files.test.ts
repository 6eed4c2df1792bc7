/**
 * Files that are not what they should be: each gives the right data, or records that are counted with their place, or
 * an error that says what to do.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { bothWays, duckdb, hazards, malformedCodes, openWorld, refused, text, written, type World } from "./world.js";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const read = (path: string, format: "json" | "csv" | "parquet" = "json") =>
  world.glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { paths: [path] }, format });
const lines = (n: number, from = 0): string =>
  Array.from({ length: n }, (_, i) => `{"i":${from + i},"s":"v${from + i}"}\n`).join("");

test("a folder without files, one of empty files and one that is missing: by path an error, for the crawler no table", async () => {
  mkdirSync(world.at("none"));
  world.write("hollow/a.json", "");
  world.write("hollow/_SUCCESS", "x");
  for (const folder of ["none", "hollow"]) {
    expect(await refused(() => read(world.at(folder)).count())).toMatchObject({
      code: "NO_FILES",
      path: world.at(folder),
    });
    const crawl = await world.glue.crawl({ database: "bad", includes: [world.at(folder)] });
    expect([crawl.tables, crawl.totals.records, crawl.problems]).toEqual([[], 0, []]);
    expect(crawl.skipped.map(({ why }) => why).sort()).toEqual(folder === "none" ? [] : ["EMPTY", "HIDDEN"]);
  }
  expect(await refused(() => read(world.at("gone")).count())).toMatchObject({
    code: "PATH_NOT_FOUND",
    file: world.at("gone"),
  });
  expect(await refused(() => world.glue.crawl({ database: "bad", includes: [world.at("gone")] }))).toMatchObject({
    code: "PATH_NOT_FOUND",
  });
});

test("an empty file beside a good one is passed over", async () => {
  world.write("data/a.json", "");
  world.write("data/b.json", lines(3));
  for (const { frame, crawl } of await bothWays(world, world.at("data"), "bad")) {
    const { report, rows } = await written(world, frame);
    expect([report.read, report.errors]).toEqual([3, 0]);
    expect(rows).toEqual([0, 1, 2].map((i) => ({ i, s: `v${i}` })));
    if (crawl) expect(crawl.skipped.map(({ file, why }) => [file, why])).toEqual([[world.at("data/a.json"), "EMPTY"]]);
  }
});

test("a file of blank lines only has no records and no columns, and is no error", async () => {
  world.write("data/a.json", "\n \r\n\n");
  const { report, rows } = await written(world, read(world.at("data")));
  expect([report.read, report.written, rows]).toEqual([0, 0, []]);
});

test("of a gzip file cut short the whole records are kept, the cut is one error with its place", async () => {
  const packed = gzipSync(lines(20_000));
  world.write("data/a.json.gz", packed.subarray(0, Math.floor(packed.length * 0.6)));
  for (const { frame, crawl } of await bothWays(world, world.at("data"), "bad")) {
    const { report, rows } = await written(world, frame);
    expect(report.written).toBeGreaterThan(8_000);
    // the record that is cut in two, and the end of the file
    expect(report.errors).toBeGreaterThanOrEqual(1);
    expect(report.errors).toBeLessThanOrEqual(2);
    const byNumber = rows.map((r) => r["i"] as number).sort((a, b) => a - b);
    expect(byNumber).toEqual(Array.from({ length: report.written }, (_, i) => i));
    expect(rows.every((r) => r["s"] === `v${String(r["i"])}`)).toBe(true);
    if (crawl) expect(malformedCodes(crawl)).toContain("TRUNCATED");
    const errors = (await frame.errorsAsDynamicFrame().records()) as { error: { msg: string; source: string } }[];
    expect(errors.at(-1)?.error.msg).toMatch(/gzip stream ends too early, after \d+ bytes/);
    expect(errors.at(-1)?.error.source).toContain(world.at("data/a.json.gz:"));
  }
});

test("a Parquet file cut short counts as one error with its place; the files beside it are read", async () => {
  mkdirSync(world.at("data"));
  await duckdb(`copy (select range::integer as i from range(1000)) to '${world.at("data/good.parquet")}'`);
  const whole = readFileSync(world.at("data/good.parquet"));
  const noFooter = Buffer.concat([whole.subarray(0, 200), Buffer.alloc(whole.length - 208), whole.subarray(-8)]);
  for (const cut of [whole.subarray(0, whole.length - 7), whole.subarray(0, 40), whole.subarray(0, 3), noFooter]) {
    world.write("data/cut.parquet", cut);
    const frame = read(world.at("data"), "parquet");
    const { report, rows } = await written(world, frame);
    expect([report.read, report.written, report.errors]).toEqual([1001, 1000, 1]);
    expect(rows.map((r) => r["i"] as number).sort((x, y) => x - y)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    const [error] = (await frame.errorsAsDynamicFrame().records()) as { error: { msg: string; source: string } }[];
    expect(error?.error).toMatchObject({
      msg: expect.stringContaining("is not a readable Parquet file") as string,
      source: `${world.at("data/cut.parquet")}:0-${cut.length}`,
    });
  }
  const crawl = await world.glue.crawl({ database: "bad", includes: [world.at("data")] });
  expect(crawl.tables.reduce((sum, t) => sum + t.contents.records, 0)).toBe(1000);
  const named = [...crawl.problems, ...crawl.skipped, ...crawl.tables.flatMap((t) => t.contents.malformedRecords)].map(
    ({ file }) => file,
  );
  expect(named).toContain(world.at("data/cut.parquet"));
});

test.each(["zstd", "gzip", "snappy", "uncompressed"])(
  "a Parquet file with a whole footer and damaged pages of %s is an error that names it, and nothing is written",
  async (codec) => {
    mkdirSync(world.at("data"));
    await duckdb(
      `copy (select range::varchar || 'x' as s from range(5000)) to '${world.at("data/good.parquet")}' (compression ${codec})`,
    );
    const whole = readFileSync(world.at("data/good.parquet"));
    world.write(
      "data/torn.parquet",
      Buffer.concat([whole.subarray(0, 4), Buffer.alloc(2000, 0xee), whole.subarray(2004)]),
    );
    const frame = read(world.at("data"), "parquet");
    const expected = { code: "READ_FAILED", file: world.at("data/torn.parquet") };
    expect(
      await refused(() =>
        world.glue.writeDynamicFrame.fromOptions({
          frame,
          connectionType: "file",
          connectionOptions: { path: world.at("out") },
          format: "parquet",
        }),
      ),
    ).toMatchObject(expected);
    expect(existsSync(world.at("out")) ? readdirSync(world.at("out"), { recursive: true }) : []).toEqual([]);
    expect(await refused(() => frame.records())).toMatchObject(expected);
    expect(await refused(() => frame.filter((record) => record["s"] === "7x").count())).toMatchObject(expected);
    expect(await refused(() => frame.filter("s = '7x'").count())).toMatchObject(expected);
    expect(await read(world.at("data/good.parquet"), "parquet").count()).toBe(5000);
  },
);

test("a damaged Parquet file is named for the frame that reads it, not for another of the same context", async () => {
  for (const name of ["first", "second"]) {
    mkdirSync(world.at(name));
    await duckdb(
      `copy (select range::varchar || 'x' as s from range(5000)) to '${world.at(name, "torn.parquet")}' (compression zstd)`,
    );
    const whole = readFileSync(world.at(name, "torn.parquet"));
    world.write(
      `${name}/torn.parquet`,
      Buffer.concat([whole.subarray(0, 4), Buffer.alloc(2000, 0xee), whole.subarray(2004)]),
    );
  }
  expect(await refused(() => read(world.at("first"), "parquet").filter("s = '7x'").count())).toMatchObject({
    code: "READ_FAILED",
    file: world.at("first/torn.parquet"),
  });
  rmSync(world.at("first"), { recursive: true });
  expect(await refused(() => read(world.at("second"), "parquet").filter("s = '7x'").count())).toMatchObject({
    code: "READ_FAILED",
    file: world.at("second/torn.parquet"),
  });
});

test("binary posing as JSON is error records, all counted; with good lines between, those are read", async () => {
  const noise = Buffer.alloc(200_000);
  for (let i = 0, x = 7; i < noise.length; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    noise[i] = x >>> 24 === 10 ? 11 : x >>> 24;
  }
  noise[0] = 0x7b;
  world.write("data/good.json", `${lines(2)}`);
  world.write("data/noise.json", Buffer.concat([Buffer.from(lines(1, 10)), noise, Buffer.from(`\n${lines(1, 11)}`)]));
  const { report, rows } = await written(world, read(world.at("data")));
  expect([report.read, report.written, report.errors]).toEqual([5, 4, 1]);
  expect(rows.map((r) => r["i"])).toEqual([0, 1, 10, 11]);

  world.write("alone/noise.json", noise);
  const alone = await written(world, read(world.at("alone")));
  expect([alone.report.written, alone.report.errors >= 1]).toEqual([0, true]);
  const crawl = await world.glue.crawl({ database: "bad", includes: [world.at("alone")] });
  expect([...crawl.skipped, ...crawl.tables]).toHaveLength(1);
});

test("one line of 50 MB is one record, whole", async () => {
  const long = "x".repeat(50 << 20);
  world.write("data/wide.json", `{"s":"${long}","n":7}\n{"n":8,"s":"short"}\n`);
  for (const { frame } of await bothWays(world, world.at("data"), "bad")) {
    const { report, rows } = await written(world, frame);
    expect([report.read, report.written, report.errors]).toEqual([2, 2, 0]);
    expect(rows.map((r) => [r["n"], (r["s"] as string).length]).sort()).toEqual([
      [7, 50 << 20],
      [8, 5],
    ]);
    expect(rows.find((r) => r["n"] === 7)?.["s"] === long).toBe(true);
  }
});

test("nesting of 100,000 levels is an error record; the lines around it are read", async () => {
  const deep = (open: string, close: string): string => `{"a":${open.repeat(100_000)}1${close.repeat(100_000)}}`;
  world.write(
    "data/deep.json",
    [`{"a":[[1]]}`, deep("[", "]"), deep('{"k":', "}"), `{"a":${"[".repeat(100_000)}`, `{"a":[[2]]}`].join("\n"),
  );
  for (const { frame, crawl } of await bothWays(world, world.at("data"), "bad")) {
    const { report, rows } = await written(world, frame);
    expect([report.read, report.written, report.errors]).toEqual([5, 2, 3]);
    expect(rows).toEqual([{ a: [[1]] }, { a: [[2]] }]);
    if (crawl) expect(malformedCodes(crawl)).toEqual(["TOO_DEEP", "TOO_DEEP", "TOO_DEEP"]);
  }
});

const nest = (levels: number, value: number): unknown =>
  Array.from({ length: levels }).reduce<unknown>((inner) => ({ k: [inner] }), value);

test("lists in lists 16 levels deep, and structs 100 deep, are read, crawled, written and read back", async () => {
  const struct = (value: number): unknown =>
    Array.from({ length: 100 }).reduce<unknown>((inner) => ({ k: inner }), value);
  world.write("data/deep.json", [1, 2].map((i) => `${JSON.stringify({ a: nest(16, i), s: struct(i) })}\n`).join(""));
  for (const { frame } of await bothWays(world, world.at("data"), "bad")) {
    const { report, rows } = await written(world, frame);
    expect(report.written).toBe(2);
    expect(rows.map(text)).toEqual([1, 2].map((i) => text({ a: nest(16, i), s: struct(i) })));
  }
});

test("lists in lists that are valid and yet too deep for one table of the engine are refused by name at once; relationalize and JavaScript read them", async () => {
  world.write("data/deep.json", [1, 2].map((i) => `${JSON.stringify({ a: nest(60, i), b: i })}\n`).join(""));
  const frame = read(world.at("data"));
  const error = await refused(() => frame.toDF().sql("select * from self").rows());
  expect([error.code, error.path?.slice(0, 8), error.hint]).toEqual([
    "UNSUPPORTED_TYPE",
    "a.k[].k[",
    expect.stringContaining("relationalize"),
  ]);
  expect((await frame.records()).map((r) => r["b"]).sort()).toEqual([1, 2]);
  const tables = frame.relationalize("deep");
  const names = await tables.keys();
  expect(names).toHaveLength(61);
  const last = await tables.select(names.at(-1) ?? "").records();
  expect(last.map((r) => Object.values(r).at(-1)).sort()).toEqual([1, 2]);
});

const accented = [
  { a: "é", b: 1 },
  { a: "日本", b: 2 },
  { a: "😀", b: 3 },
];
const body = (end: string): string => accented.map((r) => JSON.stringify(r) + end).join("");
test.each<[string, Uint8Array | string, object]>([
  ["a byte order mark", `\ufeff${body("\n")}`, { BOM: 1 }],
  ["UTF-16, little end first", Buffer.from(`\ufeff${body("\n")}`, "utf16le"), { BOM: 1, TRANSCODED: 1 }],
  ["UTF-16, big end first", Buffer.from(`\ufeff${body("\n")}`, "utf16le").swap16(), { BOM: 1, TRANSCODED: 1 }],
  ["CRLF", body("\r\n"), {}],
  ["CRLF and a mark and no end of line at the end", `\ufeff${body("\r\n").trimEnd()}`, { BOM: 1 }],
])("%s changes no value", async (_name, content, seen) => {
  world.write("data/a.json", content);
  for (const { frame, crawl } of await bothWays(world, world.at("data"), "bad")) {
    const { report, rows } = await written(world, frame);
    expect([report.read, report.written]).toEqual([3, 3]);
    expect(rows.map(text).sort()).toEqual(accented.map(text).sort());
    if (crawl) expect(hazards(crawl)).toEqual(seen);
  }
});
